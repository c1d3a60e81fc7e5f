// The search in a library: what is searched for, and what was found.
import { problemOf } from '../../api/problem';
import type { Library } from '../../api/library';
import type { Problem, SearchHit } from '../../api/types';

/** Typing rests this long before the library is asked. */
const REST_MS = 180;
const MOST = 40;

export type Found =
  /** Nothing is searched for. */
  | { name: 'idle' }
  | { name: 'searching' }
  | { name: 'found'; hits: readonly SearchHit[] }
  | { name: 'failed'; problem: Problem };

export class Search {
  words = $state('');
  found = $state.raw<Found>({ name: 'idle' });
  /** What `found` is the answer to. */
  #asked = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: AbortController | undefined;

  constructor(private readonly library: () => Library | undefined) {}

  get active(): boolean {
    return this.words.trim() !== '';
  }

  /** Searches for other words, once the typing rests. What was found before stays until then. */
  write(words: string) {
    this.words = words;
    clearTimeout(this.#timer);
    if (!this.active) return this.clear();
    if (this.found.name === 'idle') this.found = { name: 'searching' };
    this.#timer = setTimeout(() => void this.ask(), REST_MS);
  }

  clear() {
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.words = this.#asked = '';
    this.found = { name: 'idle' };
  }

  /** Searches at once; gives the hits, unless other words were asked for meanwhile. */
  async ask(): Promise<readonly SearchHit[] | undefined> {
    clearTimeout(this.#timer);
    const words = this.words.trim();
    const library = this.library();
    if (words === '' || !library) return undefined;
    if (words === this.#asked && this.found.name === 'found') return this.found.hits;
    this.#running?.abort();
    const running = (this.#running = new AbortController());
    try {
      const { hits } = await library.search(words, MOST, running.signal);
      if (running.signal.aborted) return undefined;
      this.#asked = words;
      this.found = { name: 'found', hits };
      return hits;
    } catch (thrown) {
      if (!running.signal.aborted) this.found = { name: 'failed', problem: problemOf(thrown) };
      return undefined;
    }
  }
}
