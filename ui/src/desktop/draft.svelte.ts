import type { Memory } from '../memory';
import type { Words } from '../host/host';

const PAUSE_MS = 400;

/** Words as they are being typed: sent when the typing pauses, the last of them when it ends. Until they have arrived they
 *  are remembered, so that a window that is reloaded in between still sends them. */
export class Draft {
  #title = $state('');
  #summary = $state('');
  #unsent: Words = {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    words: { title: string; summary: string },
    /** Gives whether they have arrived. */
    private readonly send: (words: Words) => Promise<boolean>,
    private readonly memory: Memory,
    /** Where they are remembered: `words-of-` and whose they are. */
    private readonly place: string,
  ) {
    const left = memory.get<Words>(place) ?? {};
    this.#title = left.title ?? words.title;
    this.#summary = left.summary ?? words.summary;
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
    const words = this.#unsent;
    this.#unsent = {};
    if (Object.keys(words).length === 0) return;
    const arrived = await this.send(words);
    // What was typed meanwhile counts.
    if (!arrived) this.#unsent = { ...words, ...this.#unsent };
    this.#remember();
  }

  #later(words: Words) {
    this.#unsent = { ...this.#unsent, ...words };
    this.#remember();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), PAUSE_MS);
  }

  #remember() {
    if (Object.keys(this.#unsent).length > 0) this.memory.set(this.place, this.#unsent);
    else this.memory.remove(this.place);
  }
}
