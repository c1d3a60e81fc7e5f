import type { Announcer } from '../../announcer.svelte';
import { attempt } from '../../api/problem';
import type { Problem } from '../../api/types';
import type { Ended, Host, Phase, Plan, RecordingView, TakeView } from '../../host/host';

/** What the recorder's panel shows. */
export type Stage =
  | { name: 'choosing' }
  /** Sources are being opened. */
  | { name: 'starting' }
  | { name: 'running'; view: RecordingView }
  /** A take has just ended and is kept. */
  | { name: 'done'; take: string; link: string | null; copied: boolean; problem: Problem | null };

/** The entry of the page's performance timeline that says how long the link took to get on the clipboard. */
export const STOP_TO_LINK = 'stop to link';

/** How long a discarded take can be had back. */
const UNDO_MS = 10_000;

const SAID: Partial<Record<Phase, string>> = {
  recording: 'Recording',
  paused: 'Paused',
  finishing: 'Stopped',
};

/** The running take, from pressing record until it has ended. The shell conducts it; this asks and shows. */
export class Recorder {
  /** What did not work lately. */
  problem = $state.raw<Problem>();
  /** The camera's picture, of a rehearsal or of the take. */
  preview = $state.raw<string | null>(null);
  #view = $state.raw<RecordingView | null>(null);
  #starting = $state(false);
  #done = $state.raw<Extract<Stage, { name: 'done' }>>();
  /** The take that was discarded just now, as long as it can be had back. */
  discarded = $state<string>();
  #undoable: ReturnType<typeof setTimeout> | undefined;
  /** The link that `stop` put on the clipboard. */
  #copied: string | null = null;

  readonly stage = $derived.by((): Stage => {
    if (this.#view) return { name: 'running', view: this.#view };
    if (this.#starting) return { name: 'starting' };
    return this.#done ?? { name: 'choosing' };
  });

  /** Whether there is a take that could still be stopped or discarded. */
  get isRunning(): boolean {
    return this.#view !== null && this.#view.phase !== 'finishing';
  }

  constructor(
    private readonly host: Host,
    private readonly announcer: Announcer,
  ) {}

  async open() {
    await Promise.all([
      this.host.on('recording', (view) => this.show(view)),
      this.host.on('ended', (ended) => this.#end(ended)),
      this.host.on('preview', (picture) => (this.preview = picture)),
    ]);
  }

  show(view: RecordingView | null) {
    const [before, now] = [this.#view?.phase, view?.phase];
    if (before !== now && now) this.#say(SAID[now]);
    this.#view = view;
    if (!view) return;
    this.#starting = false;
    // Another one has begun, maybe by a key.
    if (view.take !== this.discarded) this.#forget();
  }

  /** Begins a take once the devices are `free`. Gives whether it has begun; it shows when the shell tells of it. */
  async record(plan: Plan, free: Promise<void>): Promise<boolean> {
    if (this.#starting || this.#view) return false;
    this.#done = undefined;
    this.#forget();
    this.problem = undefined;
    this.#copied = null;
    this.#starting = true;
    const begun = await this.#attempt(async () => {
      await free;
      await this.host.record(plan);
    });
    if (!begun) this.#starting = false;
    return begun;
  }

  pause = () => this.#attempt(() => this.host.pause());
  resume = () => this.#attempt(() => this.host.resume());
  cancel = () => this.#attempt(() => this.host.cancel());
  restart = () => this.#attempt(() => this.host.restart());
  /** Ends the take and removes it; it can be had back for ten seconds. */
  discard = () => this.#attempt(() => this.host.discard());

  /** Takes back that the take before was discarded. */
  undoDiscard() {
    this.#forget();
    return this.#attempt(async () => {
      const take = await this.host.undoDiscard();
      this.#done = { name: 'done', take, link: null, copied: false, problem: null };
      this.#say('Recording kept');
    });
  }

  /** The takes are these now: what was discarded may have been had back in the floating bar. */
  recheckDiscarded(takes: readonly TakeView[]) {
    if (takes.some(({ id, phase }) => id === this.discarded && phase === 'stopped')) this.#forget();
  }

  async stop() {
    const pressed_ms = performance.now();
    await this.#attempt(async () => {
      this.#copied = await this.host.stop();
      performance.measure(STOP_TO_LINK, { start: pressed_ms });
      if (this.#copied !== null) this.#say('Link copied');
      // The take may have ended while the clipboard was busy.
      if (this.#done) this.#done = { ...this.#done, copied: this.#copied !== null };
    });
  }

  /** Puts the take that ended out of the way. */
  again() {
    this.#done = undefined;
    this.problem = undefined;
  }

  #end({ take, link, copied, kept, discarded, problem }: Ended) {
    this.#view = null;
    this.#starting = false;
    if (kept) {
      this.#done = { name: 'done', take, link, copied: copied || this.#copied !== null, problem };
      if (problem) this.#say(problem.message);
      return;
    }
    if (problem) {
      this.problem = problem;
      return;
    }
    if (!discarded) {
      this.#say('Cancelled');
      return;
    }
    this.#say('Recording discarded');
    this.discarded = take;
    clearTimeout(this.#undoable);
    this.#undoable = setTimeout(() => this.#forget(), UNDO_MS);
  }

  #forget() {
    clearTimeout(this.#undoable);
    this.discarded = undefined;
  }

  #attempt(work: () => Promise<void>): Promise<boolean> {
    return attempt(work, (problem) => (this.problem = problem ?? this.problem));
  }

  #say(text: string | undefined) {
    if (text !== undefined) this.announcer.say(text);
  }
}
