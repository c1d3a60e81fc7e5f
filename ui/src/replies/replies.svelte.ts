// The replies to a clip: what the library has, and one's own rights to change them.
import { createContext } from 'svelte';
import type { Library } from '../api/library';
import { News } from '../api/news';
import type { NewReply, Reply } from '../api/types';
import type { Memory } from '../memory';

/** A reply and the answers to it, the oldest first. */
export interface Thread {
  reply: Reply;
  answers: Reply[];
}

const byMoment = (a: Reply, b: Reply) =>
  (a.at_us ?? Infinity) - (b.at_us ?? Infinity) || a.created_at_us - b.created_at_us || a.id.localeCompare(b.id);
const byAge = (a: Reply, b: Reply) => a.created_at_us - b.created_at_us || a.id.localeCompare(b.id);

/** Replies in the order of their moments, each with its answers. An answer whose reply is not here stands by itself. */
export function threads(replies: readonly Reply[]): Thread[] {
  const isHere = (wanted: string) => replies.some(({ id }) => id === wanted);
  const roots = replies.filter(({ parent }) => !parent || !isHere(parent)).sort(byMoment);
  return roots.map((reply) => ({ reply, answers: replies.filter(({ parent }) => parent === reply.id).sort(byAge) }));
}

type Change = { put: Reply } | { gone: string };

export class Replies {
  all = $state.raw<readonly Reply[]>([]);
  readonly threads = $derived.by(() => threads(this.all));
  readonly #news = new News<Change>((change) => ('put' in change ? this.#put(change.put) : this.#remove(change.gone)));

  constructor(
    private readonly library: Library,
    private readonly key: string,
    private readonly memory: Memory,
    all: readonly Reply[],
    /** Whether whoever watches is the clip's author, who keeps order. */
    private readonly author = false,
  ) {
    this.all = all;
  }

  /** Whether one may change and delete it: as the member who wrote it, or as the guest with its secret. */
  mine(reply: Reply): boolean {
    return reply.mine || this.#secret(reply.id) !== undefined;
  }

  /** Whether one may delete it: one's own, and everybody's under one's own clip. */
  mayDelete(reply: Reply): boolean {
    return this.author || this.mine(reply);
  }

  async fetch() {
    await this.#news.askForAll(
      () => this.library.replies(this.key),
      (all) => (this.all = all),
    );
  }

  /** A reply as it is now. */
  put(reply: Reply) {
    this.#news.hear({ put: reply });
  }

  /** A reply is gone, and the answers to it. */
  remove(gone: string) {
    this.#news.hear({ gone });
  }

  async post(words: NewReply): Promise<Reply> {
    const { reply, secret } = await this.library.postReply(this.key, words);
    if (typeof secret === 'string') this.memory.set(`secret:${reply.id}`, secret);
    this.put(reply);
    return reply;
  }

  async change(id: string, body: string) {
    this.put(await this.library.changeReply(this.key, id, body, this.#secret(id)));
  }

  async delete(id: string) {
    await this.library.deleteReply(this.key, id, this.#secret(id));
    this.memory.remove(`secret:${id}`);
    this.remove(id);
  }

  #put(reply: Reply) {
    const before = this.all.find(({ id }) => id === reply.id);
    if ((before?.edited_at_us ?? 0) > (reply.edited_at_us ?? 0)) return;
    // Events do not know who reads them, so what is one's own stays so.
    const known = before ? { ...reply, mine: reply.mine || before.mine } : reply;
    this.all = [...this.all.filter(({ id }) => id !== reply.id), known];
  }

  #remove(gone: string) {
    this.all = this.all.filter(({ id, parent }) => id !== gone && parent !== gone);
  }

  #secret(id: string): string | undefined {
    return this.memory.get<string>(`secret:${id}`);
  }
}

export const [getReplies, setReplies] = createContext<Replies>();
