import { problemOf } from '../../api/problem';
import type { BarHost, BarView } from '../../host/host';

/** How long after the pointer's last move the bar becomes small. */
export const AWAY_MS = 4000;

/** The floating bar. The shell says what it shows; this asks for what is pressed. */
export class BarState {
  view = $state.raw<BarView | null>(null);
  /** What did not work lately, in a sentence. */
  problem = $state<string | undefined>();
  /** Whether the row with the rarer things is open. */
  more = $state(false);
  /** Whether the pointer has been away for a while. */
  away = $state(false);
  #leaving: ReturnType<typeof setTimeout> | undefined;
  #dragged: { x: number; y: number } | undefined;

  constructor(private readonly host: BarHost) {}

  /** The newest thing that a person should know now. That a busy computer records fewer pictures can wait for the end. */
  readonly warning = $derived(
    this.view?.state === 'running'
      ? this.view.warnings.filter(({ warning }) => warning !== 'busy').at(-1)?.text
      : undefined,
  );

  /** Whether only ring and time are shown: the pointer is away, and there is nothing to say. */
  readonly small = $derived(
    this.away &&
      !this.more &&
      this.problem === undefined &&
      this.view?.state === 'running' &&
      this.warning === undefined,
  );

  async open() {
    await this.host.on('bar', (view) => this.show(view));
    this.show(await this.host.bar());
    this.near();
  }

  show(view: BarView | null) {
    if (view?.state !== this.view?.state) {
      this.more = false;
      this.problem = undefined;
      this.near();
    }
    this.view = view;
  }

  /** The pointer has moved over the bar. That it leaves is not waited for: once what it was on is gone, nothing tells of it. */
  near() {
    this.away = false;
    clearTimeout(this.#leaving);
    this.#leaving = setTimeout(() => (this.away = true), AWAY_MS);
  }

  pause = () => this.#ask(() => this.host.pause());
  resume = () => this.#ask(() => this.host.resume());
  stop = () => this.#ask(() => this.host.stop());
  cancel = () => this.#ask(() => this.host.cancel());
  restart = () => this.#ask(() => this.host.restart());
  discard = () => this.#ask(() => this.host.discard());
  undo = () => this.#ask(() => this.host.undoDiscard());
  dismiss = () => this.#ask(() => this.host.dismissBar());

  /** Tells the shell how large the bar is, in pixels. */
  measured(width: number, height: number) {
    void this.#ask(() => this.host.sizeBar(width, height));
  }

  /** The pointer takes hold of the bar, at a place of the screen. */
  take(x: number, y: number) {
    this.#dragged = { x, y };
  }

  drag(x: number, y: number) {
    const from = this.#dragged;
    if (!from || (from.x === x && from.y === y)) return;
    this.#dragged = { x, y };
    void this.#ask(() => this.host.dragBar(x - from.x, y - from.y));
  }

  drop() {
    if (this.#dragged) void this.#ask(() => this.host.barMoved());
    this.#dragged = undefined;
  }

  async #ask(work: () => Promise<unknown>) {
    try {
      await work();
      this.problem = undefined;
    } catch (why) {
      this.problem = problemOf(why).message;
    }
  }
}
