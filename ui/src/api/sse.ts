// Server-sent events over `fetch`, for where a header must be sent along (`EventSource` cannot).

/** The data of whole events in a stream of text that comes in any pieces. Names, ids and comments are passed over. */
export class SseLines {
  #rest = '';
  #data: string[] = [];

  push(text: string): string[] {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    const events: string[] = [];
    for (const line of lines) {
      if (line === '') {
        if (this.#data.length > 0) events.push(this.#data.join('\n'));
        this.#data = [];
      } else if (line.startsWith('data:')) {
        this.#data.push(line.slice(5).replace(/^ /, ''));
      }
    }
    return events;
  }
}

const RETRY_MS = [500, 1000, 2000, 5000];

interface Handlers {
  message(data: string): void;
  open(): void;
  lost(): void;
}

/** A connection that is made again whenever it breaks, until it is closed. */
export class Sse {
  readonly #closed = new AbortController();
  #failures = 0;

  constructor(
    private readonly url: string,
    private readonly headers: Record<string, string>,
    private readonly handlers: Handlers,
  ) {
    void this.#run();
  }

  close() {
    this.#closed.abort();
  }

  async #run() {
    while (!this.#closed.signal.aborted) {
      await this.#listen().catch(() => undefined);
      if (this.#closed.signal.aborted) return;
      this.handlers.lost();
      const wait = RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)];
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  async #listen() {
    const answer = await fetch(this.url, {
      headers: { ...this.headers, accept: 'text/event-stream' },
      credentials: 'omit',
      signal: this.#closed.signal,
    });
    if (!answer.ok || answer.body === null) return;
    this.#failures = 0;
    this.handlers.open();
    const lines = new SseLines();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      lines.push(read.value).forEach((data) => this.handlers.message(data));
    }
  }
}
