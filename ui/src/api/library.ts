// The API of a library. On the library's own page the browser's session authorizes; the desktop
// window sends a token and no cookies. Paths, parameters and answers are checked against the types
// made of the library's OpenAPI document.
import createClient, { type Client } from 'openapi-fetch';
import { EventStream } from './event-stream';
import { isProblem, ProblemError, UNREACHABLE } from './problem';
import type {
  ClipChange,
  ClipEvent,
  ClipSelection,
  LibraryEvent,
  NewReaction,
  NewReply,
  Problem,
  TranscriptChange,
  WatchedTo,
} from './types';
import type { paths } from './types.gen';

/** Closes the event stream. */
export type Unlisten = () => void;

export interface Listener<E> {
  event(event: E): void;
  /** The connection is open. Events before it were missed, so fetch the whole state again. */
  open(): void;
  /** The connection broke; it is retried. */
  lost(): void;
}

/**
 * What a call ends with: the data of a 2xx answer, else its problem, which an answer from elsewhere
 * does not have.
 */
type Outcome<Data> =
  | { data: Data; error?: never; response: Response }
  | { data?: never; error: Problem; response: Response };

/**
 * The data of an answer.
 *
 * @throws ProblemError if there is no answer, if the library refuses, or if something else than a library answers.
 */
async function dataOf<Data>(call: Promise<Outcome<Data>>): Promise<Data> {
  const outcome = await call.catch((thrown: unknown) => {
    throw new ProblemError(thrown instanceof SyntaxError ? UNREADABLE : UNREACHABLE);
  });
  if (outcome.error === undefined && outcome.response.ok) return outcome.data;
  throw new ProblemError(
    isProblem(outcome.error) ? outcome.error : unexplained(outcome.response.status),
  );
}

const unexplained = (status: number): Problem => ({
  code: 'internal',
  message: `The library answered ${status}.`,
  help: 'Try again in a moment.',
});

const UNREADABLE: Problem = {
  code: 'internal',
  message: "The library's answer cannot be read.",
  help: 'Check the address of the library: another site may have answered.',
};

/** The right of a guest to what they wrote or how they reacted, as its header. */
const asGuest = (secret: string | undefined) =>
  secret === undefined ? {} : { header: { 'Vignette-Reply-Secret': secret } };

/** The page after another one, as its query. */
const pageAfter = (after: string | undefined) => (after === undefined ? {} : { query: { after } });

export class Library {
  readonly #client: Client<paths>;
  readonly #headers: Record<string, string>;
  readonly #credentials: RequestCredentials;

  /** `base` is empty on the library's own page, else its address without a slash at the end. */
  constructor(
    readonly base: string,
    token?: string,
  ) {
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    this.#credentials = token === undefined ? 'same-origin' : 'omit';
    this.#client = createClient<paths>({
      baseUrl: base,
      headers: this.#headers,
      credentials: this.#credentials,
    });
  }

  /** Makes a path from an answer of the API a URL that an element can load. */
  href(path: string): string {
    return this.base + path;
  }

  /** The link of a clip, made here: the `link` in an answer could point to any site. */
  link(key: string): string {
    return this.href(`/c/${key}`);
  }

  me = () => dataOf(this.#client.GET('/api/v1/me'));

  /** One page of clips; `after` is `next` of the page before. */
  clips = (after?: string, which: { only?: ClipSelection; take?: string } = {}) => {
    const { only = 'all', take } = which;
    // What a library of an earlier version does not know is not said without need.
    const query = {
      ...(after !== undefined && { after }),
      ...(only !== 'all' && { only }),
      ...(take !== undefined && { take }),
    };
    return dataOf(this.#client.GET('/api/v1/clips', { params: { query } }));
  };
  /** One clip as its author sees it. */
  ownClip = (id: string) =>
    dataOf(this.#client.GET('/api/v1/clips/{id}', { params: { path: { id } } }));
  changeClip = (id: string, body: ClipChange) =>
    dataOf(this.#client.PATCH('/api/v1/clips/{id}', { params: { path: { id } }, body }));
  deleteClip = (id: string) =>
    dataOf(this.#client.DELETE('/api/v1/clips/{id}', { params: { path: { id } } }));
  rotateKey = (id: string) =>
    dataOf(this.#client.POST('/api/v1/clips/{id}/key', { params: { path: { id } } }));

  changeTranscript = (id: string, body: TranscriptChange) =>
    dataOf(this.#client.PATCH('/api/v1/clips/{id}/transcript', { params: { path: { id } }, body }));
  search = (q: string, limit: number, signal: AbortSignal) =>
    dataOf(this.#client.GET('/api/v1/search', { params: { query: { q, limit } }, signal }));

  clip = (key: string) =>
    dataOf(this.#client.GET('/api/v1/c/{key}', { params: { path: { key } } }));
  /** Notes how far the member has watched a clip; goes on when the page is left meanwhile. */
  noteProgress = (key: string, body: WatchedTo) =>
    dataOf(
      this.#client.PUT('/api/v1/c/{key}/progress', {
        params: { path: { key } },
        body,
        keepalive: true,
      }),
    );
  transcript = (key: string) =>
    dataOf(this.#client.GET('/api/v1/c/{key}/transcript', { params: { path: { key } } }));
  /** One page of replies; `after` is `next` of the page before. */
  replies = (key: string, after?: string) =>
    dataOf(
      this.#client.GET('/api/v1/c/{key}/replies', {
        params: { path: { key }, ...pageAfter(after) },
      }),
    );
  postReply = (key: string, body: NewReply) =>
    dataOf(this.#client.POST('/api/v1/c/{key}/replies', { params: { path: { key } }, body }));
  changeReply = (key: string, reply: string, body: string, secret?: string) =>
    dataOf(
      this.#client.PATCH('/api/v1/c/{key}/replies/{reply}', {
        params: { path: { key, reply }, ...asGuest(secret) },
        body: { body },
      }),
    );
  deleteReply = (key: string, reply: string, secret?: string) =>
    dataOf(
      this.#client.DELETE('/api/v1/c/{key}/replies/{reply}', {
        params: { path: { key, reply }, ...asGuest(secret) },
      }),
    );

  reactions = (key: string) =>
    dataOf(this.#client.GET('/api/v1/c/{key}/reactions', { params: { path: { key } } }));
  /** Reacts; a guest shows the secret that they got with their first reaction to the clip. */
  react = (key: string, body: NewReaction, secret?: string) =>
    dataOf(
      this.#client.POST('/api/v1/c/{key}/reactions', {
        params: { path: { key }, ...asGuest(secret) },
        body,
      }),
    );
  deleteReaction = (key: string, reaction: string, secret?: string) =>
    dataOf(
      this.#client.DELETE('/api/v1/c/{key}/reactions/{reaction}', {
        params: { path: { key, reaction }, ...asGuest(secret) },
      }),
    );

  /** Events of a clip, for everyone who has its link. */
  listenToClip = (key: string, listener: Listener<ClipEvent>): Unlisten =>
    this.#listen(`/api/v1/c/${encodeURIComponent(key)}/events`, listener);
  /** Events of the whole library. */
  listenToLibrary = (listener: Listener<LibraryEvent>): Unlisten =>
    this.#listen('/api/v1/events', listener);

  #listen<E>(path: string, listener: Listener<E>): Unlisten {
    const request = {
      headers: { ...this.#headers, accept: 'text/event-stream' },
      credentials: this.#credentials,
    };
    const stream = new EventStream(this.href(path), request, {
      message: (data) => listener.event(JSON.parse(data) as E),
      open: () => listener.open(),
      lost: () => listener.lost(),
    });
    return () => stream.close();
  }
}
