import type { Words } from '../host/host';

const PAUSE_MS = 400;

/** Words as they are being typed: sent when the typing pauses, the last of them when it ends. */
export class Draft {
  #title = $state('');
  #summary = $state('');
  #unsent: Words = {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    words: { title: string; summary: string },
    private readonly send: (words: Words) => void,
  ) {
    this.#title = words.title;
    this.#summary = words.summary;
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
  flush() {
    clearTimeout(this.#timer);
    const words = this.#unsent;
    this.#unsent = {};
    if (Object.keys(words).length > 0) this.send(words);
  }

  #later(words: Words) {
    this.#unsent = { ...this.#unsent, ...words };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), PAUSE_MS);
  }
}
