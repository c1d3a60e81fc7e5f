// The state of an open clip, kept up to date by the library's events.
import type { Announcer } from '../announcer.svelte';
import type { Library } from '../api/library';
import { problemOf } from '../api/problem';
import type { ClipChange, ClipEvent, ClipView, Reaction, ReplyPage } from '../api/types';
import type { Memory } from '../memory';
import { currentPin } from '../player/markers';
import { Player } from '../player/player.svelte';
import { ReplyDraft } from '../replies/draft.svelte';
import { Reactions } from '../replies/reactions.svelte';
import { Replies } from '../replies/replies.svelte';
import { clock, type Micros } from '../time';
import { withQuote } from '../transcript/quote';
import { ClipTranscript } from '../transcript/transcript.svelte';
import { Drafts } from '../drafts.svelte';
import { UNTITLED } from '../titles';
import { noteWatching, type Watched } from '../watching';

/** What the sidebar beside the picture shows, in the order of its tabs. */
const SIDEBAR_TABS = ['replies', 'transcript', 'chapters', 'tasks'] as const;
export type SidebarTab = (typeof SIDEBAR_TABS)[number];

/** The key under which the chosen tab is stored; browsers have it from earlier versions. */
const SIDEBAR_TAB = 'beside';

export interface ClipOptions {
  library: Library;
  key: string;
  /** As the page or the list that opened it knows it. */
  view: ClipView;
  /** The first page of its replies. */
  replies: ReplyPage;
  /** The reactions to it, as far as they are known. */
  reactions?: readonly Reaction[] | undefined;
  /** The name of the signed-in member. */
  member: string | undefined;
  /** The clip's id, for its author. */
  own: string | undefined;
  memory: Memory;
  announcer: Announcer;
  /** Where the link says to begin. */
  start_us?: Micros | undefined;
  /** Begin by reading, not watching. */
  read?: boolean;
  /** The reader turned from watching to reading, or back. */
  onread?: (read: boolean) => void;
  /** The member has watched so far. */
  onwatched?: (watched: Watched) => void;
}

export class Clip {
  view = $state.raw<ClipView>() as ClipView;
  /** Deleted, or its link was replaced. */
  gone = $state(false);
  /** Whether the event stream is connected. */
  connected = $state(true);
  /** The reply that was jumped to last. */
  #chosen = $state<string>();
  /** Read as a page, instead of watched. */
  reading = $state(false);
  tab = $state<SidebarTab>('replies');
  readonly player: Player;
  readonly replies: Replies;
  readonly reactions: Reactions;
  readonly transcript: ClipTranscript;
  readonly draft: ReplyDraft;
  readonly drafts: Drafts;
  readonly member: string | undefined;
  /** Whether the viewer is its author. */
  readonly mine: boolean;
  /** Numbers requests and events, so that an answer older than what is shown is dropped. */
  #moment = 0;
  #last = 0;

  constructor(private readonly options: ClipOptions) {
    const { library, key, memory, own } = options;
    this.view = this.#shown(options.view);
    this.member = options.member;
    this.mine = own !== undefined;
    this.reading = options.read ?? false;
    this.tab = SIDEBAR_TABS.find((tab) => tab === memory.get(SIDEBAR_TAB)) ?? 'replies';
    this.player = new Player({
      key,
      href: (path) => library.href(path),
      memory,
      start_us: options.start_us,
      mayStart: () => !this.reading,
    });
    this.replies = new Replies(library, key, memory, options.replies, this.mine);
    this.reactions = new Reactions(library, key, memory, options.reactions ?? []);
    this.transcript = new ClipTranscript(library, key, own, memory);
    this.draft = new ReplyDraft(key, memory);
    this.drafts = new Drafts(key, memory);
    this.player.show(this.view);
  }

  get title(): string {
    return this.view.title || UNTITLED;
  }

  get poster(): string | undefined {
    return this.view.poster ? this.options.library.href(this.view.poster) : undefined;
  }

  get download(): string | undefined {
    return this.view.mp4 ? `${this.options.library.href(this.view.mp4)}?download` : undefined;
  }

  /** The URL of the clip as one MP4, once it is sealed. */
  get videoUrl(): string | undefined {
    return this.view.mp4 ? this.options.library.href(this.view.mp4) : undefined;
  }

  /** Whether the library is another site than the page. */
  get isCrossOrigin(): boolean {
    return this.options.library.base !== '';
  }

  /** The link, as it is sent to somebody. */
  get address(): string {
    return `${this.options.library.base || location.origin}/c/${this.options.key}`;
  }

  /** Applies the clip's events, until the returned function is called. */
  listen(): () => void {
    const { library, key } = this.options;
    this.transcript.follow(this.view.transcript);
    const unlisten = library.listenToClip(key, {
      event: (event) => this.apply(event),
      open: () => {
        this.connected = true;
        // Events before the connection were missed.
        void this.replies.refresh().catch(() => undefined);
        void this.reactions.refresh().catch(() => undefined);
        void this.#look().catch(() => undefined);
      },
      lost: () => {
        this.connected = false;
        void this.#isGone();
      },
    });
    return () => {
      unlisten();
      this.transcript.close();
    };
  }

  /** Tells the library how far a member watches, until the returned function is called. */
  noteWatching(): (() => void) | undefined {
    const { library, key, onwatched } = this.options;
    if (this.member === undefined) return undefined;
    return noteWatching(
      () => ({ ...this.player.facts, replies: this.view.replies }),
      async (watched) => {
        onwatched?.(watched);
        try {
          await library.noteProgress(key, watched);
          return true;
        } catch (thrown) {
          return problemOf(thrown).code === 'unreachable';
        }
      },
    );
  }

  #look() {
    return this.#ask(() => this.options.library.clip(this.options.key));
  }

  /** Shows the answer, unless an event came after the request: an event carries the whole clip. */
  async #ask(question: () => Promise<ClipView>) {
    const asked = ++this.#moment;
    const view = await question();
    if (asked > this.#last) this.#show(view, asked);
  }

  /**
   * A deleted clip sends no event; its stream is refused like that of a clip that never existed. So
   * ask for the clip.
   */
  async #isGone() {
    try {
      await this.options.library.clip(this.options.key);
    } catch (thrown) {
      if (problemOf(thrown).code === 'not_found') this.apply({ event: 'gone' });
    }
  }

  apply(event: ClipEvent) {
    switch (event.event) {
      case 'clip':
        this.#show(event.clip, ++this.#moment);
        break;
      case 'reply':
        if (!this.replies.all.some(({ id }) => id === event.reply.id)) {
          this.options.announcer.say(`${event.reply.name} replied`);
        }
        this.replies.put(event.reply);
        break;
      case 'reply_deleted':
        this.replies.remove(event.id);
        break;
      case 'reaction':
        this.reactions.put(event.reaction);
        break;
      case 'reaction_deleted':
        this.reactions.remove(event.id);
        break;
      case 'gone':
        this.gone = true;
        this.player.pause();
    }
  }

  go(at_us: Micros, reply?: string) {
    this.read(false);
    this.player.seek(at_us);
    this.player.pause();
    this.#chosen = reply;
    this.options.announcer.say(`At ${clock(at_us)}`);
  }

  /** Plays from there, if it plays at all. */
  seek(at_us: Micros) {
    this.read(false);
    this.player.seek(at_us);
    this.options.announcer.say(`At ${clock(at_us)}`);
  }

  /** Turns to reading, or back to watching. */
  read(reading: boolean) {
    if (this.reading === reading) return;
    if (reading) this.player.pause();
    this.reading = reading;
    this.options.onread?.(reading);
  }

  showTab(tab: SidebarTab) {
    this.tab = tab;
    this.options.memory.set(SIDEBAR_TAB, tab);
  }

  /** Begins a reply with a quotation of the transcript, pinned to its time. */
  quote(text: string, at_us: Micros) {
    this.player.pause();
    if (
      this.draft.write(withQuote(this.draft.text, text), at_us) === 'went on' &&
      this.draft.at_us === undefined
    )
      this.draft.pin(at_us);
    this.read(false);
    this.showTab('replies');
  }

  /**
   * The tabs that have something to show. Authors can also add chapters and tasks where there are
   * none.
   */
  get tabs(): SidebarTab[] {
    const { state, view, mine } = this.transcript;
    if (state.name === 'none') return ['replies'];
    return SIDEBAR_TABS.filter(
      (tab) => tab === 'replies' || tab === 'transcript' || mine || view[tab].length > 0,
    );
  }

  /** The reply that belongs to the position of playback. */
  get current(): string | undefined {
    const { facts } = this.player;
    if (!facts.started && this.#chosen === undefined) return undefined;
    return currentPin(this.replies.pins, facts.at_us, this.#chosen)?.id;
  }

  /** Whether guests may reply. Libraries of earlier versions do not say, and let them. */
  get guestsMayReply(): boolean {
    return this.view.guests !== false;
  }

  /** Whether the viewer may reply. */
  get mayReply(): boolean {
    return this.member !== undefined || this.guestsMayReply;
  }

  /** Changes title, summary or who may reply, for its author. */
  async change(change: ClipChange) {
    const { library, own } = this.options;
    if (own !== undefined) await this.#ask(() => library.changeClip(own, change));
  }

  /** Goes to the next or previous pinned reply. */
  step(by: 1 | -1) {
    const at_us = this.player.facts.at_us;
    const pinned = this.replies.pins;
    const near_us = 250_000;
    const next =
      by === 1
        ? pinned.find((pin) => pin.at_us > at_us + near_us)
        : pinned.findLast((pin) => pin.at_us < at_us - near_us);
    if (!next) return;
    this.go(next.at_us, next.id);
    void this.replies.loadUntil(next.id).catch(() => undefined);
  }

  /**
   * The clip as it can be shown here. Media elements send no token: what only its author may watch,
   * while it is being recorded, they cannot load from a library elsewhere.
   */
  #shown(view: ClipView): ClipView {
    const kept = this.isCrossOrigin && view.state === 'recording' && !view.live;
    return kept ? { ...view, poster: null, hls: null, mp4: null } : view;
  }

  #show(told: ClipView, moment: number) {
    this.#last = moment;
    const before = this.view.state;
    const view = this.#shown(told);
    this.view = view;
    this.player.show(view);
    this.transcript.follow(view.transcript);
    if (before !== 'ready' && view.state === 'ready')
      this.options.announcer.say('The clip is complete');
  }
}
