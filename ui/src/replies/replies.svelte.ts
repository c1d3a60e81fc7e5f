// The replies to a clip, and which of them the viewer may change.
import { createContext } from 'svelte';
import type { Library } from '../api/library';
import { EventReplay } from '../api/replay';
import type { NewReply, Reply, ReplyMoment, ReplyPage } from '../api/types';
import type { Memory } from '../memory';
import { mergePage, pins, threads } from './threads';

type Change = { put: Reply } | { gone: string };

export class Replies {
  /** The loaded ones: the first pages, and those of later events. */
  all = $state.raw<readonly Reply[]>([]);
  /** The cursor of the next page; none once all are loaded. */
  next = $state.raw<string>();
  #moments = $state.raw<readonly ReplyMoment[]>([]);
  #loading: Promise<void> | undefined;
  readonly threads = $derived.by(() => threads(this.all, this.next === undefined));
  /** All pinned replies but follow-ups, in order of time, loaded or not. */
  readonly pins = $derived.by(() => pins(this.#moments, this.all));
  readonly #replay = new EventReplay<Change>((change) =>
    'put' in change ? this.#put(change.put) : this.#remove(change.gone),
  );

  constructor(
    private readonly library: Library,
    private readonly key: string,
    private readonly memory: Memory,
    first: ReplyPage,
    /** Whether the viewer is the clip's author, who may delete any reply. */
    private readonly author = false,
  ) {
    this.#show(first);
  }

  /**
   * Whether the viewer wrote it: as a member, or as the guest who has its secret. What has come
   * without its Markdown can be edited as soon as that is here.
   */
  mine(reply: Reply): boolean {
    return reply.body !== '' && (reply.mine || this.#secret(reply.id) !== undefined);
  }

  /** Whether the viewer may delete it: as its author or the clip's. */
  mayDelete(reply: Reply): boolean {
    return this.author || this.mine(reply);
  }

  /** Loads as many again as are loaded. */
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

  /** Loads the next page; callers at the same time share one request. */
  loadMore(): Promise<void> {
    this.#loading ??= this.#loadNext().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  /** Loads pages until a reply is loaded, or all are. */
  async loadUntil(wanted: string) {
    while (this.next !== undefined && !this.all.some(({ id }) => id === wanted))
      await this.loadMore();
  }

  /** Loads all pages that are not loaded yet. */
  async loadAll() {
    while (this.next !== undefined) await this.loadMore();
  }

  async #loadNext() {
    const after = this.next;
    if (after === undefined) return;
    await this.#replay.fetch(
      () => this.library.replies(this.key, after),
      ({ replies, next }) => {
        // A refresh has replaced the list meanwhile.
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

  /** Adds or replaces a reply. */
  put(reply: Reply) {
    this.#replay.push({ put: reply });
  }

  /** Removes a reply and its follow-ups. */
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
    // An event is the same for all viewers, so `mine` of the known reply is kept.
    const known = before ? { ...reply, mine: reply.mine || before.mine } : reply;
    this.all = [...this.all.filter(({ id }) => id !== reply.id), known];
    if (!reply.anchor || reply.parent || this.#moments.some(({ id }) => id === reply.id)) return;
    const moment = { id: reply.id, at_us: reply.anchor.start_us };
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
