// Answers that news overtook. The library reads, then answers; what happens in between is told by an event that comes
// before the answer, and must not be undone by it.

export class EventReplay<E> {
  /** What happened since each question that is not answered yet. */
  readonly #since = new Set<E[]>();
  #asked = 0;
  #answered = 0;

  constructor(private readonly apply: (event: E) => void) {}

  /** Something happened: it is told now, and again after every answer that may be from before it. */
  push(event: E) {
    this.#since.forEach((events) => events.push(event));
    this.apply(event);
  }

  /** Asks for the whole. Once a later question was answered, this one does not count any more, and may fail. */
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

  /** Asks; shows the answer, and tells again what happened since the question. */
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
