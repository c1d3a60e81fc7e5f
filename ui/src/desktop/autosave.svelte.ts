import type { Memory } from '../memory';
import type { DetailsChange } from '../host/host';

const DEBOUNCE_MS = 400;

/**
 * Title and summary while they are typed: a change is sent when typing pauses, the last one when
 * the fields go. Until it has arrived it is stored, so that a window that is reloaded in between
 * still sends it.
 */
export class DetailsAutosave {
  #title = $state('');
  #summary = $state('');
  #unsent: DetailsChange = {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    details: { title: string; summary: string },
    /** Gives whether they have arrived. */
    private readonly send: (change: DetailsChange) => Promise<boolean>,
    private readonly memory: Memory,
    /** The key under which they are stored. */
    private readonly storageKey: string,
  ) {
    const left = memory.get<DetailsChange>(storageKey) ?? {};
    this.#title = left.title ?? details.title;
    this.#summary = left.summary ?? details.summary;
    if (Object.keys(left).length > 0) this.#later(left);
  }

  get title(): string {
    return this.#title;
  }

  set title(title: string) {
    this.#title = title;
    this.#later({ title });
  }

  get summary(): string {
    return this.#summary;
  }

  set summary(summary: string) {
    this.#summary = summary;
    this.#later({ summary });
  }

  /** Sends what is not sent yet, now. */
  async flush() {
    clearTimeout(this.#timer);
    const change = this.#unsent;
    this.#unsent = {};
    if (Object.keys(change).length === 0) return;
    const arrived = await this.send(change);
    // What was typed meanwhile counts.
    if (!arrived) this.#unsent = { ...change, ...this.#unsent };
    this.#remember();
  }

  #later(change: DetailsChange) {
    this.#unsent = { ...this.#unsent, ...change };
    this.#remember();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), DEBOUNCE_MS);
  }

  #remember() {
    if (Object.keys(this.#unsent).length > 0) this.memory.set(this.storageKey, this.#unsent);
    else this.memory.remove(this.storageKey);
  }
}
