// The search in a library: the query and its hits.
import { problemOf } from '../api/problem';
import type { Library } from '../api/library';
import type { Problem, SearchHit } from '../api/types';

/** The library is asked once the typing has paused this long. */
const DEBOUNCE_MS = 180;
const MAX_HITS = 40;

export type SearchState =
  /** Nothing is searched for. */
  | { name: 'idle' }
  | { name: 'searching' }
  | { name: 'found'; hits: readonly SearchHit[] }
  | { name: 'failed'; problem: Problem };

export class Search {
  query = $state('');
  found = $state.raw<SearchState>({ name: 'idle' });
  /** The query that `found` answers. */
  #asked = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: AbortController | undefined;

  constructor(private readonly library: () => Library | undefined) {}

  get active(): boolean {
    return this.query.trim() !== '';
  }

  /** Changes the query and searches after a pause; the hits before stay until then. */
  write(query: string) {
    this.query = query;
    clearTimeout(this.#timer);
    if (!this.active) return this.clear();
    if (this.found.name === 'idle') this.found = { name: 'searching' };
    this.#timer = setTimeout(() => void this.ask(), DEBOUNCE_MS);
  }

  clear() {
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.query = this.#asked = '';
    this.found = { name: 'idle' };
  }

  /** Searches at once; gives the hits, or nothing if a later search replaced it. */
  async ask(): Promise<readonly SearchHit[] | undefined> {
    clearTimeout(this.#timer);
    const query = this.query.trim();
    const library = this.library();
    if (query === '' || !library) return undefined;
    if (query === this.#asked && this.found.name === 'found') return this.found.hits;
    this.#running?.abort();
    const running = (this.#running = new AbortController());
    try {
      const { hits } = await library.search(query, MAX_HITS, running.signal);
      if (running.signal.aborted) return undefined;
      this.#asked = query;
      this.found = { name: 'found', hits };
      return hits;
    } catch (thrown) {
      if (!running.signal.aborted) this.found = { name: 'failed', problem: problemOf(thrown) };
      return undefined;
    }
  }
}
