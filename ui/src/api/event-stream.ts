// Server-sent events over `fetch`. `EventSource` can neither send an `Authorization` header nor
// tell that a connection is dead: after sleep, or when a router forgot it, its end never arrives.
import { createParser } from 'eventsource-parser';
import { Backoff } from './backoff';

const RETRY_DELAYS_MS = [500, 1000, 2000, 5000] as const;
/** The library sends a comment every 15 seconds: without three of them the connection is dead. */
const IDLE_TIMEOUT_MS = 45_000;
/**
 * The largest event is a clip or a reply. A longer one ends the connection, so that the buffer is
 * bounded.
 */
const MAX_EVENT_CHARACTERS = 4 << 20;

interface Handlers {
  /** The data of an event. */
  message(data: string): void;
  open(): void;
  lost(): void;
}

/** A connection that is made again whenever it breaks, until it is closed. */
export class EventStream {
  #closed = false;
  #connection: AbortController | undefined;
  readonly #backoff = new Backoff(RETRY_DELAYS_MS);

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
      await this.#read().catch(() => undefined);
      if (this.#closed) return;
      this.handlers.lost();
      const delay_ms = this.#backoff.next();
      await new Promise((resolve) => setTimeout(resolve, delay_ms));
    }
  }

  /** Reads one connection to its end. */
  async #read() {
    const connection = (this.#connection = new AbortController());
    let timer: ReturnType<typeof setTimeout> | undefined;
    const restartTimeout = () => {
      clearTimeout(timer);
      timer = setTimeout(() => connection.abort(), IDLE_TIMEOUT_MS);
    };
    restartTimeout();
    try {
      const answer = await fetch(this.url, {
        ...this.request,
        cache: 'no-store',
        signal: connection.signal,
      });
      if (!answer.ok || answer.body === null) return;
      this.#backoff.reset();
      this.handlers.open();
      const parser = createParser({
        maxBufferSize: MAX_EVENT_CHARACTERS,
        onEvent: ({ data }) => this.handlers.message(data),
        onError: (error) => {
          // Fields that this version does not know are skipped, as the standard asks.
          if (error.type === 'max-buffer-size-exceeded') throw error;
        },
      });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        restartTimeout();
        parser.feed(read.value);
      }
    } finally {
      clearTimeout(timer);
      // If an event could not be handled, the loop has ended while the connection is still open.
      connection.abort();
    }
  }
}
