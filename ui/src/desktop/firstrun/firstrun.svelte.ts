import type { Host } from '../../host/host';
import type { Memory } from '../../memory';

export const STEPS = ['name', 'library', 'sound'] as const;
export type Step = (typeof STEPS)[number];

/** Where it stands, since the window is loaded again when its library changes. */
const STEP = 'first-run-step';

/** What the window does with the answers. */
export interface Asking {
  readonly host: Pick<Host, 'settings'>;
  readonly memory: Memory;
  name: string;
  /** Gives whether the name is kept. */
  setName(name: string): Promise<boolean>;
  /** The questions are not asked again. */
  introduced(): Promise<boolean>;
}

/** What is asked once, when the app runs for the first time. Every question can be skipped. */
export class FirstRun {
  #asks = $state(false);
  #step = $state(0);
  name = $state('');

  constructor(private readonly asking: Asking) {}

  async open() {
    const { name, introduced } = await this.asking.host.settings();
    this.asking.name = this.name = name ?? '';
    this.#asks = !introduced;
    this.#step = introduced ? 0 : (this.asking.memory.get<number>(STEP) ?? 0);
  }

  /** Whether there is still something to ask. */
  get asks(): boolean {
    return this.#asks;
  }

  get step(): Step {
    return STEPS[this.#step] ?? 'name';
  }

  /** Its number, from 1. */
  get number(): number {
    return this.#step + 1;
  }

  /** Keeps the name, if there is one, and asks the next question. */
  async keepName() {
    const name = this.name.trim();
    if (name !== '' && name !== this.asking.name && !(await this.asking.setName(name))) return;
    await this.next();
  }

  /** Asks the next question; after the last, none any more. */
  async next() {
    if (this.#step < STEPS.length - 1) this.#go(this.#step + 1);
    else await this.end();
  }

  back() {
    this.#go(Math.max(0, this.#step - 1));
  }

  #go(step: number) {
    this.#step = step;
    this.asking.memory.set(STEP, step);
  }

  async end() {
    this.#asks = false;
    this.asking.memory.remove(STEP);
    await this.asking.introduced();
  }
}
