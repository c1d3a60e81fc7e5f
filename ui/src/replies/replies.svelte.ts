// The replies to a clip: what the library has, and one's own rights to change them.
import { createContext } from 'svelte';
import type { Library } from '../api/library';
import { EventReplay } from '../api/replay';
import type { NewReply, Reply, ReplyMoment, ReplyPage } from '../api/types';
import type { Memory } from '../memory';
import { mergePage, pins, threads } from './threads';

type Change = { put: Reply } | { gone: string };

export class Replies {
  /** Those that are here: the first pages, and what came since. */
  all = $state.raw<readonly Reply[]>([]);
  /** Where the next page begins; none once all are here. */
  next = $state.raw<string>();
  #moments = $state.raw<readonly ReplyMoment[]>([]);
  #loading: Promise<void> | undefined;
  readonly threads = $derived.by(() => threads(this.all, this.next === undefined));
  /** All that are pinned and answer none, by moment, be they here or not. */
  readonly pins = $derived.by(() => pins(this.#moments, this.all));
  readonly #replay = new EventReplay<Change>((change) =>
    'put' in change ? this.#put(change.put) : this.#remove(change.gone),
  );

  constructor(
    private readonly library: Library,
    private readonly key: string,
    private readonly memory: Memory,
    first: ReplyPage,
    /** Whether whoever watches is the clip's author, who keeps order. */
    private readonly author = false,
  ) {
    this.#show(first);
  }

  /** Whether one may change and delete it: as the member who wrote it, or as the guest with its secret. */
  mine(reply: Reply): boolean {
    return reply.mine || this.#secret(reply.id) !== undefined;
  }

  /** Whether one may delete it: one's own, and everybody's under one's own clip. */
  mayDelete(reply: Reply): boolean {
    return this.author || this.mine(reply);
  }

  /** Asks anew for as many as are here. */
  async refresh() {
    const count = this.all.length;
    const question = async () => {
      const first = await this.library.replies(this.key);
      let { replies, next } = first;
      while (next && replies.length < count) {
        const page = await this.library.replies(this.key, next);
        [replies, next] = [[...replies, ...page.replies], page.next];
      }
      return { ...first, replies, next: next ?? null };
    };
    await this.#replay.fetchAll(question, (pages) => this.#show(pages));
  }

  /** Asks for the next page, once for all who want it. */
  loadMore(): Promise<void> {
    this.#loading ??= this.#loadNext().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  /** Asks for pages until a reply is here, or all of them are. */
  async loadUntil(wanted: string) {
    while (this.next !== undefined && !this.all.some(({ id }) => id === wanted)) await this.loadMore();
  }

  /** Asks for all that are not here yet. */
  async loadAll() {
    while (this.next !== undefined) await this.loadMore();
  }

  async #loadNext() {
    const after = this.next;
    if (after === undefined) return;
    await this.#replay.fetch(
      () => this.library.replies(this.key, after),
      ({ replies, next }) => {
        // Somebody asked for all anew meanwhile.
        if (this.next !== after) return;
        this.all = mergePage(this.all, replies);
        this.next = next ?? undefined;
      },
    );
  }

  #show({ replies, next, moments }: ReplyPage) {
    this.all = replies;
    this.next = next ?? undefined;
    this.#moments = moments ?? [];
  }

  /** A reply as it is now. */
  put(reply: Reply) {
    this.#replay.push({ put: reply });
  }

  /** A reply is gone, and the follow-ups to it. */
  remove(gone: string) {
    this.#replay.push({ gone });
  }

  async post(written: NewReply): Promise<Reply> {
    const { reply, secret } = await this.library.postReply(this.key, written);
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
    if (typeof reply.at_us !== 'number' || reply.parent || this.#moments.some(({ id }) => id === reply.id)) return;
    const moment = { id: reply.id, at_us: reply.at_us };
    this.#moments = [...this.#moments, moment].sort((a, b) => a.at_us - b.at_us);
  }

  #remove(gone: string) {
    this.all = this.all.filter(({ id, parent }) => id !== gone && parent !== gone);
    this.#moments = this.#moments.filter(({ id }) => id !== gone);
  }

  #secret(id: string): string | undefined {
    return this.memory.get<string>(`secret:${id}`);
  }
}

export const [getReplies, setReplies] = createContext<Replies>();
