// The words of a clip: what the library has of them, asked for again whenever they changed.
import { createContext } from 'svelte';
import type { Library } from '../api/library';
import { problemOf } from '../api/problem';
import type { Problem, TranscriptChange, TranscriptVersion, TranscriptView } from '../api/types';
import type { Memory } from '../memory';
import type { Micros } from '../time';
import { Captions } from './captions.svelte';
import { sections } from './paragraphs';

const NOTHING: TranscriptView = { done: false, cues: [], chapters: [], tasks: [] };
/** While a machine listens the words change every few seconds; they need not be read more often. */
const POLL_INTERVAL_MS = 1500;
const RETRY_DELAY_MS = 5000;

export type TranscriptState =
  /** The clip has none, or none yet. */
  | { name: 'none' }
  /** They are asked for the first time. */
  | { name: 'opening' }
  | { name: 'here' }
  /** What is shown may be old. */
  | { name: 'away'; problem: Problem };

export class ClipTranscript {
  view = $state.raw<TranscriptView>(NOTHING);
  state = $state.raw<TranscriptState>({ name: 'none' });
  readonly captions: Captions;
  readonly sections = $derived.by(() => sections(this.view.cues, this.view.chapters));
  #wanted = -1;
  #read = -1;
  #asking = false;
  #closed = false;
  /** Counts what was written, so that an answer from before does not undo it. */
  #writes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly library: Library,
    private readonly key: string,
    /** The clip's id, if whoever watches is its author. */
    private readonly own: string | undefined,
    memory: Memory,
  ) {
    this.captions = new Captions(memory);
  }

  /** Whether who watches may change them. */
  get mine(): boolean {
    return this.own !== undefined;
  }

  /** Where the words stand now. Other ones are asked for. */
  follow(latest: TranscriptVersion | null | undefined) {
    this.#closed = false;
    if (!latest) return;
    this.#wanted = Math.max(this.#wanted, latest.version);
    if (this.#wanted > this.#read) void this.#ask();
  }

  /** Asks for nothing any more. */
  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  retry() {
    clearTimeout(this.#timer);
    void this.#ask();
  }

  /** Writes what the author says in place of what was there. */
  async change(change: TranscriptChange) {
    if (this.own === undefined) return;
    this.#writes++;
    try {
      this.#show(await this.library.changeTranscript(this.own, change));
    } catch (thrown) {
      // A machine may have cut the words elsewhere meanwhile.
      if (problemOf(thrown).code === 'conflict') await this.#ask();
      throw thrown;
    }
  }

  async #ask() {
    if (this.#asking || this.#closed) return;
    this.#asking = true;
    if (this.state.name === 'none') this.state = { name: 'opening' };
    const [wanted, writes] = [this.#wanted, this.#writes];
    let rest_ms = POLL_INTERVAL_MS;
    try {
      const view = await this.library.transcript(this.key);
      if (writes === this.#writes) {
        this.#show(view);
        this.#read = Math.max(this.#read, wanted);
      }
    } catch (thrown) {
      this.state = { name: 'away', problem: problemOf(thrown) };
      rest_ms = RETRY_DELAY_MS;
    }
    this.#asking = false;
    if (this.#wanted > this.#read) this.#timer = setTimeout(() => void this.#ask(), rest_ms);
  }

  #show(view: TranscriptView) {
    // A cue and a chapter are known by where they begin.
    this.view = { ...view, cues: distinct(view.cues), chapters: distinct(view.chapters) };
    this.state = { name: 'here' };
    this.captions.show(this.view.cues);
  }
}

function distinct<T extends { start_us: Micros }>(rows: readonly T[]): T[] {
  return rows.filter(({ start_us }, n) => rows[n - 1]?.start_us !== start_us);
}

export const [getTranscript, setTranscript] = createContext<ClipTranscript>();
