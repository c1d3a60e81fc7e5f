// Server-sent events over `fetch`. `EventSource` can neither send a header along nor tell that a connection is dead: after
// sleep, or when something on the way forgot it, no end of it ever arrives.

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
/** The library sends a comment every 15 seconds. After three that are missing nobody is there. */
const SILENCE_MS = 45_000;

interface Handlers {
  message(data: string): void;
  open(): void;
  lost(): void;
}

/** A connection that is made again whenever it breaks, until it is closed. */
export class Sse {
  #closed = false;
  #connection: AbortController | undefined;
  #failures = 0;

  constructor(
    private readonly url: string,
    private readonly request: Pick<RequestInit, 'headers' | 'credentials'>,
    private readonly handlers: Handlers,
  ) {
    void this.#run();
  }

  close() {
    this.#closed = true;
    this.#connection?.abort();
  }

  async #run() {
    while (!this.#closed) {
      await this.#listen().catch(() => undefined);
      if (this.#closed) return;
      this.handlers.lost();
      const wait = RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)];
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  async #listen() {
    const connection = (this.#connection = new AbortController());
    let timer: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => connection.abort(), SILENCE_MS);
    };
    heard();
    try {
      const answer = await fetch(this.url, {
        ...this.request,
        cache: 'no-store',
        signal: connection.signal,
      });
      if (!answer.ok || answer.body === null) return;
      this.#failures = 0;
      this.handlers.open();
      const lines = new SseLines();
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        heard();
        lines.push(read.value).forEach((data) => this.handlers.message(data));
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
