// Races between answers and events. The library reads its state, then answers; an event about a
// change in between arrives before the answer. Events that arrived since a request are applied
// again on top of its answer, which may not have them.

export class EventReplay<E> {
  /** For each request without an answer: the events since it was sent. */
  readonly #since = new Set<E[]>();
  #asked = 0;
  #answered = 0;

  constructor(private readonly apply: (event: E) => void) {}

  /** Applies an event now, and again after each answer to a request that is under way. */
  push(event: E) {
    this.#since.forEach((events) => events.push(event));
    this.apply(event);
  }

  /**
   * Fetches the whole state. An answer or an error is dropped if a later request has been answered
   * already.
   */
  async fetchAll<T>(question: () => Promise<T>, show: (answer: T) => void) {
    const asked = ++this.#asked;
    try {
      await this.fetch(question, (answer) => {
        if (asked < this.#answered) return;
        this.#answered = asked;
        show(answer);
      });
    } catch (thrown) {
      if (asked > this.#answered) throw thrown;
    }
  }

  /** Fetches, shows the answer, and applies the events since the request on top of it. */
  async fetch<T>(question: () => Promise<T>, show: (answer: T) => void) {
    const since: E[] = [];
    this.#since.add(since);
    try {
      show(await question());
      since.forEach((event) => this.apply(event));
    } finally {
      this.#since.delete(since);
    }
  }
}
