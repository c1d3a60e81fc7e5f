// The door to a library: its API by `fetch`. On the library's own page there is no token, the browser's session counts;
// the desktop window sends a token and no cookies.
import { isProblem, ProblemError, UNREACHABLE } from './problem';
import { Sse } from './sse';
import type {
  ClipChange,
  ClipEvent,
  ClipPage,
  ClipView,
  LibraryEvent,
  Me,
  NewReply,
  OwnClip,
  PostedReply,
  Reply,
  ReplyPage,
  SearchPage,
  TranscriptChange,
  TranscriptView,
} from './types';

const REPLY_SECRET = 'Vignette-Reply-Secret';

interface Call {
  method?: 'POST' | 'PATCH' | 'DELETE';
  json?: unknown;
  /** A guest's right to a reply. */
  secret?: string | undefined;
  /** Ends the call; what it would have brought is refused as unreachable. */
  signal?: AbortSignal;
}

/** Ends listening. */
export type Unlisten = () => void;

export interface Listener<E> {
  event(event: E): void;
  /** The connection stands. Whatever happened before it was missed, so ask for the whole again. */
  open(): void;
  /** It broke; it is tried again. */
  lost(): void;
}

export class Library {
  /** `base` is empty on the library's own page, else its address without a slash at the end. */
  constructor(
    readonly base: string,
    private readonly token?: string,
  ) {}

  /** A path of the API's answers as an address that an element can load. */
  href(path: string): string {
    return this.base + path;
  }

  /** The link of a clip. What a library calls its link could name any site. */
  link(key: string): string {
    return this.href(`/c/${key}`);
  }

  me = () => this.#call<Me>('/api/v1/me');

  clips = (after?: string) =>
    this.#call<ClipPage>(`/api/v1/clips${after === undefined ? '' : `?after=${encodeURIComponent(after)}`}`);
  /** One clip as its author sees it. */
  ownClip = (id: string) => this.#call<OwnClip>(`/api/v1/clips/${id}`);
  changeClip = (id: string, json: ClipChange) => this.#call<OwnClip>(`/api/v1/clips/${id}`, { method: 'PATCH', json });
  deleteClip = (id: string) => this.#call<undefined>(`/api/v1/clips/${id}`, { method: 'DELETE' });
  rotateKey = (id: string) => this.#call<OwnClip>(`/api/v1/clips/${id}/key`, { method: 'POST' });

  changeTranscript = (id: string, json: TranscriptChange) =>
    this.#call<TranscriptView>(`/api/v1/clips/${id}/words`, { method: 'PATCH', json });
  search = (query: string, limit: number, signal: AbortSignal) =>
    this.#call<SearchPage>(`/api/v1/search?q=${encodeURIComponent(query)}&limit=${limit}`, { signal });

  clip = (key: string) => this.#call<ClipView>(`/api/v1/c/${key}`);
  transcript = (key: string) => this.#call<TranscriptView>(`/api/v1/c/${key}/words`);
  /** One page of replies, after the one that a page before ended with. */
  replies = (key: string, after?: string) =>
    this.#call<ReplyPage>(
      `/api/v1/c/${key}/replies${after === undefined ? '' : `?after=${encodeURIComponent(after)}`}`,
    );
  postReply = (key: string, json: NewReply) =>
    this.#call<PostedReply>(`/api/v1/c/${key}/replies`, { method: 'POST', json });
  changeReply = (key: string, id: string, body: string, secret?: string) =>
    this.#call<Reply>(`/api/v1/c/${key}/replies/${id}`, { method: 'PATCH', json: { body }, secret });
  deleteReply = (key: string, id: string, secret?: string) =>
    this.#call<undefined>(`/api/v1/c/${key}/replies/${id}`, { method: 'DELETE', secret });

  /** Events of a clip, for whoever has its link. */
  listenToClip = (key: string, listener: Listener<ClipEvent>): Unlisten =>
    this.#listen(`/api/v1/c/${key}/events`, listener);
  /** Events of the whole library. */
  listenToLibrary = (listener: Listener<LibraryEvent>): Unlisten => this.#listen('/api/v1/events', listener);

  #listen<E>(path: string, listener: Listener<E>): Unlisten {
    const request = { headers: { ...this.#headers(), accept: 'text/event-stream' }, credentials: this.#credentials() };
    const sse = new Sse(this.href(path), request, {
      message: (data) => listener.event(JSON.parse(data) as E),
      open: () => listener.open(),
      lost: () => listener.lost(),
    });
    return () => sse.close();
  }

  #credentials(): RequestCredentials {
    return this.token === undefined ? 'same-origin' : 'omit';
  }

  #headers(): Record<string, string> {
    return this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
  }

  async #call<T>(path: string, { method, json, secret, signal }: Call = {}): Promise<T> {
    const headers = this.#headers();
    if (json !== undefined) headers['content-type'] = 'application/json';
    if (secret !== undefined) headers[REPLY_SECRET] = secret;
    const answer = await fetch(this.href(path), {
      method: method ?? 'GET',
      headers,
      ...(json !== undefined && { body: JSON.stringify(json) }),
      ...(signal && { signal }),
      credentials: this.#credentials(),
    }).catch(() => {
      throw new ProblemError(UNREACHABLE);
    });
    const said: unknown = answer.status === 204 ? undefined : await answer.json().catch(() => undefined);
    if (answer.ok) return said as T;
    throw new ProblemError(
      isProblem(said)
        ? said
        : { code: 'internal', message: `The library answered ${answer.status}.`, help: 'Try again in a moment.' },
    );
  }
}
