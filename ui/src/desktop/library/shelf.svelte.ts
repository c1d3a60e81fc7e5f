import { problemOf } from '../../api/problem';
import type { Library, Unlisten } from '../../api/library';
import type { LibraryEvent, Me, OwnClip, Problem } from '../../api/types';
import { append, put, renew } from './clips';
import { Search } from './search.svelte';

/** How the shelf stands with its library. */
export type ShelfState =
  | { name: 'opening' }
  | { name: 'open' }
  /** What is shown may be old. */
  | { name: 'away'; problem: Problem };

/** The clips of the library that new takes go to, newest first, kept true by its events. */
export class Shelf {
  state = $state.raw<ShelfState>({ name: 'opening' });
  clips = $state.raw<readonly OwnClip[]>([]);
  me = $state.raw<Me>();
  /** Ask with this for the next page. */
  next = $state.raw<string>();
  library = $state.raw<Library>();
  /** It is still there when somebody comes back from what they found. */
  readonly search = new Search(() => this.library);
  /** The last that was found beyond the pages that were read. */
  #found = $state.raw<OwnClip>();
  #unlisten: Unlisten | undefined;

  /** Shows another library from now on. */
  show(library: Library) {
    this.close();
    this.library = library;
    this.state = { name: 'opening' };
    this.clips = [];
    this.me = undefined;
    this.search.clear();
    this.#unlisten = library.listenToLibrary({
      event: (event) => this.#hear(event),
      open: () => void this.load(),
      lost: () => void this.load(),
    });
  }

  close() {
    this.#unlisten?.();
    this.#unlisten = undefined;
  }

  /** Asks for the first page again. */
  async load() {
    const library = this.library;
    if (!library) return;
    try {
      const [me, page] = await Promise.all([library.me(), library.clips()]);
      if (library !== this.library) return;
      this.me = me;
      const clips = renew(this.clips, page);
      // Where the further pages end is known from before.
      if (clips.length === page.clips.length) this.next = page.next ?? undefined;
      this.clips = clips;
      this.state = { name: 'open' };
    } catch (why) {
      if (library === this.library) this.state = { name: 'away', problem: problemOf(why) };
    }
  }

  /** The library may be there again. */
  lookAgain() {
    if (this.state.name === 'away') void this.load();
  }

  async loadMore() {
    const [library, after] = [this.library, this.next];
    if (!library || after === undefined) return;
    const page = await library.clips(after);
    if (library !== this.library || after !== this.next) return;
    this.clips = append(this.clips, page);
    this.next = page.next ?? undefined;
  }

  get(id: string): OwnClip | undefined {
    return this.clips.find((clip) => clip.id === id) ?? (this.#found?.id === id ? this.#found : undefined);
  }

  /** Whether whoever is signed in recorded it: nobody else in a library has their name. */
  isMine({ author }: OwnClip): boolean {
    return this.me?.name === author;
  }

  /** A clip that may not have been shown yet. */
  async find(id: string): Promise<OwnClip | undefined> {
    const library = this.library;
    if (!library) return undefined;
    const clip = this.get(id) ?? (await library.ownClip(id));
    if (library !== this.library) return undefined;
    if (!this.get(id)) this.#found = clip;
    return clip;
  }

  async rotateKey(id: string): Promise<OwnClip | undefined> {
    const clip = await this.library?.rotateKey(id);
    if (clip) this.#put(clip);
    return clip;
  }

  async delete(id: string) {
    await this.library?.deleteClip(id);
    this.#drop(id);
  }

  #hear(event: LibraryEvent) {
    if (event.event === 'clip' && event.clip.id === this.#found?.id) this.#found = event.clip;
    else if (event.event === 'clip') this.#put(event.clip);
    else this.#drop(event.id);
  }

  #put(clip: OwnClip) {
    this.clips = put(this.clips, clip);
  }

  #drop(id: string) {
    if (this.#found?.id === id) this.#found = undefined;
    this.clips = this.clips.filter((clip) => clip.id !== id);
  }
}
