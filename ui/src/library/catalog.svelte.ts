import { problemOf } from '../api/problem';
import type { Library, Unlisten } from '../api/library';
import { EventReplay } from '../api/replay';
import type { ClipPage, LibraryEvent, Me, MemberClip, Problem } from '../api/types';
import type { Micros } from '../time';
import { append, isUnread, put, withProgress } from './clips';
import type { Gone } from './entries';
import { type Place, selectionOf } from './places';
import { Search } from './search.svelte';

/** So many takes are asked about at a time. */
const MAX_CHECKS = 20;

/** The state of the connection to the library. */
export type CatalogState =
  | { name: 'opening' }
  | { name: 'open' }
  /** What is shown may be old. */
  | { name: 'away'; problem: Problem };

/** The clips of the library that new takes go to, newest first, kept up to date by its events. */
export class ClipCatalog {
  state = $state.raw<CatalogState>({ name: 'opening' });
  clips = $state.raw<readonly MemberClip[]>([]);
  /** The part of the library that is looked at. */
  place = $state<Place>('all');
  /** What was looked at last, by its id: the keyboard goes there. */
  current = $state<string>();
  me = $state.raw<Me>();
  /** Ask with this for the next page. */
  next = $state.raw<string>();
  library = $state.raw<Library>();
  /** Takes whose clip was deleted from the library, as far as that is known. */
  gone = $state.raw<Gone>([]);
  /** Kept here so that it is still there after a hit was opened and closed. */
  readonly search = new Search(() => this.library);
  /** The last hit that is not on a loaded page. */
  #found = $state.raw<MemberClip>();
  /** Clips that events told of and that do not belong to what is looked at. */
  #aside: readonly MemberClip[] = [];
  /** The clips that the library is being asked for. */
  #asking: readonly string[] = [];
  /** Takes that the library has been asked about, each once. */
  #checked: string[] = [];
  #unlisten: Unlisten | undefined;
  #replay = new EventReplay<LibraryEvent>(() => undefined);

  /** Shows another library from now on. */
  show(library: Library) {
    this.close();
    this.library = library;
    this.state = { name: 'opening' };
    this.clips = [];
    this.me = undefined;
    this.gone = [];
    this.#checked = [];
    this.search.clear();
    this.#found = this.next = undefined;
    this.#aside = [];
    this.#asking = [];
    this.#replay = new EventReplay((event) => {
      if (library === this.library) this.#learn(event);
    });
    this.#unlisten = library.listenToLibrary({
      event: (event) => this.#replay.push(event),
      open: () => void this.load(),
      lost: () => void this.load(),
    });
  }

  close() {
    this.#unlisten?.();
    this.#unlisten = undefined;
  }

  /** Turns to another part of the library. */
  async choose(place: Place) {
    if (place === this.place) return;
    const other = selectionOf(place) !== selectionOf(this.place);
    this.place = place;
    if (!other) return;
    this.clips = [];
    this.next = undefined;
    this.state = { name: 'opening' };
    await this.load();
  }

  /** Loads all pages again that were loaded. */
  async load() {
    const [library, place] = [this.library, this.place];
    if (!library) return;
    const current = () => library === this.library && place === this.place;
    try {
      await this.#replay.fetchAll(
        () => Promise.all([library.me(), this.#read(library)]),
        ([me, page]) => {
          if (!current()) return;
          this.me = me;
          this.clips = page.clips;
          this.#aside = [];
          this.next = page.next ?? undefined;
          this.state = { name: 'open' };
        },
      );
    } catch (why) {
      if (current()) this.state = { name: 'away', problem: problemOf(why) };
    }
  }

  /**
   * Loads all pages down to the oldest clip that is shown: their events may have been missed as
   * well.
   */
  async #read(library: Library): Promise<ClipPage> {
    const only = selectionOf(this.place);
    const oldest_us = this.clips.at(-1)?.recorded_at_us ?? Infinity;
    let page = await library.clips(undefined, { only });
    while (page.next && (page.clips.at(-1)?.recorded_at_us ?? 0) > oldest_us) {
      const more = await library.clips(page.next, { only });
      page = { ...more, clips: [...append(page.clips, more)] };
    }
    return page;
  }

  /** Tries again if the library was unreachable. */
  retry() {
    if (this.state.name === 'away') void this.load();
  }

  async loadMore() {
    const [library, after, place] = [this.library, this.next, this.place];
    if (!library || after === undefined) return;
    await this.#replay.fetch(
      () => library.clips(after, { only: selectionOf(place) }),
      (page) => {
        if (library !== this.library || after !== this.next || place !== this.place) return;
        this.clips = append(this.clips, page);
        this.next = page.next ?? undefined;
      },
    );
  }

  get(id: string): MemberClip | undefined {
    return (
      this.clips.find((clip) => clip.id === id) ??
      (this.#found?.id === id ? this.#found : undefined)
    );
  }

  /** The clip that a link opens, if it is on a loaded page. */
  atLink(link: string | null): MemberClip | undefined {
    return link === null ? undefined : this.clips.find(({ key }) => link.endsWith(`/c/${key}`));
  }

  /** A clip that may not have been shown yet. */
  async find(id: string): Promise<MemberClip | undefined> {
    const library = this.library;
    if (!library) return undefined;
    if (!this.get(id)) {
      await this.#replay.fetch(
        () => library.ownClip(id),
        (clip) => {
          if (library === this.library && !this.get(id)) this.#found = clip;
        },
      );
    }
    return library === this.library ? this.get(id) : undefined;
  }

  /**
   * Learns which of these takes have no clip any more: those that the library once had all of, and
   * that are on no loaded page. Each is asked about once, and no more than a few at a time.
   */
  async checkTakes(takes: readonly { readonly id: string; readonly link: string | null }[]) {
    const library = this.library;
    if (!library || this.state.name !== 'open') return;
    const settled = [...this.clips.map(({ take }) => take), ...this.gone, ...this.#checked];
    const asked = takes
      .filter(({ id, link }) => !settled.includes(id) && link?.startsWith(library.link('')))
      .slice(0, MAX_CHECKS);
    this.#checked.push(...asked.map(({ id }) => id));
    for (const { id } of asked) {
      try {
        const { clips } = await library.clips(undefined, { take: id });
        if (library !== this.library) return;
        // A library of an earlier version does not know the question and refuses it.
        if (clips.length === 0) this.gone = [...this.gone, id];
      } catch {
        return;
      }
    }
  }

  /** A clip was watched so far in this window. */
  noteProgress(id: string, position_us: Micros | undefined, finished: boolean) {
    const noted = (clip: MemberClip): MemberClip => ({
      ...clip,
      progress: {
        position_us: position_us ?? clip.progress?.position_us ?? 0,
        finished: finished || (clip.progress?.finished ?? false),
        unopened: false,
        new_replies: 0,
      },
    });
    this.clips = this.clips.map((clip) => (clip.id === id ? noted(clip) : clip));
    if (this.#found?.id === id) this.#found = noted(this.#found);
    this.#aside = this.#aside.map((clip) => (clip.id === id ? noted(clip) : clip));
  }

  async rotateKey(id: string) {
    const clip = await this.library?.rotateKey(id);
    if (clip) this.#replay.push({ event: 'clip', clip });
  }

  async delete(id: string) {
    await this.library?.deleteClip(id);
    this.#replay.push({ event: 'clip_deleted', id });
  }

  #learn(event: LibraryEvent) {
    if (event.event === 'clip') this.#put(event.clip);
    else this.#drop(event.id);
  }

  #put(told: MemberClip) {
    const before = this.#known(told.id);
    if (before) this.#enter(withProgress(told, before, this.me?.name));
    else if (told.progress) this.#enter(told);
    else if (this.#isNear(told)) void this.#ask(told.id);
  }

  #known(id: string): MemberClip | undefined {
    return this.get(id) ?? this.#aside.find((clip) => clip.id === id);
  }

  /**
   * Asks for a clip that an event told of: what its viewer has seen of it only the library knows.
   */
  async #ask(id: string) {
    const { library } = this;
    // What is being loaded for the first time has it.
    if (!library || this.state.name === 'opening' || this.#asking.includes(id)) return;
    this.#asking = [...this.#asking, id];
    const answered = () => (this.#asking = this.#asking.filter((other) => other !== id));
    try {
      await this.#replay.fetch(
        () => library.ownClip(id),
        (clip) => {
          answered();
          if (library === this.library && !this.#isShown(id)) this.#enter(clip);
        },
      );
    } catch {
      // It comes with the next event or page.
      answered();
    }
  }

  #isShown(id: string): boolean {
    return this.clips.some((clip) => clip.id === id);
  }

  /** Whether a clip may stand on the pages that are loaded; others come with their page. */
  #isNear(clip: MemberClip): boolean {
    if (this.place === 'mine' && !clip.mine) return false;
    const oldest = this.clips.at(-1);
    return this.next === undefined || !oldest || clip.recorded_at_us >= oldest.recorded_at_us;
  }

  #enter(clip: MemberClip) {
    if (this.#found?.id === clip.id) this.#found = clip;
    this.#aside = this.#aside.filter(({ id }) => id !== clip.id);
    if (!this.#isNear(clip)) return;
    // What was read here stays until the place is loaded again.
    if (this.place === 'unread' && !this.#isShown(clip.id) && !isUnread(clip))
      this.#aside = [...this.#aside, clip];
    else this.clips = put(this.clips, clip);
  }

  #drop(id: string) {
    const take = this.#known(id)?.take;
    if (take) this.gone = [...this.gone, take];
    // It may be that of any take.
    else this.#checked = [];
    if (this.#found?.id === id) this.#found = undefined;
    this.#aside = this.#aside.filter((clip) => clip.id !== id);
    this.clips = this.clips.filter((clip) => clip.id !== id);
  }
}
