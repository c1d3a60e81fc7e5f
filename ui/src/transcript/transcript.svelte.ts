// The transcript and insights of a clip, loaded from the library, and again when their version
// rises.
import { createContext } from 'svelte';
import type { Library } from '../api/library';
import { problemOf } from '../api/problem';
import type { Problem, TranscriptChange, TranscriptVersion, TranscriptView } from '../api/types';
import type { Memory } from '../memory';
import type { Micros } from '../time';
import { Captions } from './captions.svelte';
import { sections } from './paragraphs';

const NOTHING: TranscriptView = { done: false, cues: [], chapters: [], tasks: [] };
/** During transcription the version rises every few seconds; loads are at least this far apart. */
const POLL_INTERVAL_MS = 1500;
const RETRY_DELAY_MS = 5000;

export type TranscriptState =
  /** The clip has no transcript, or none yet. */
  | { name: 'none' }
  /** It is being loaded for the first time. */
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
  /** Counts edits, so that an answer from before an edit is dropped. */
  #writes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly library: Library,
    private readonly key: string,
    /** The clip's id, if the viewer is its author. */
    private readonly own: string | undefined,
    memory: Memory,
  ) {
    this.captions = new Captions(memory);
  }

  /** Whether the viewer may edit it. */
  get mine(): boolean {
    return this.own !== undefined;
  }

  /** The latest version; a newer one than the loaded one is loaded. */
  follow(latest: TranscriptVersion | null | undefined) {
    this.#closed = false;
    if (!latest) return;
    this.#wanted = Math.max(this.#wanted, latest.version);
    if (this.#wanted > this.#read) void this.#ask();
  }

  /** Loads nothing any more. */
  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  retry() {
    clearTimeout(this.#timer);
    void this.#ask();
  }

  /** Sends an edit of the author. */
  async change(change: TranscriptChange) {
    if (this.own === undefined) return;
    this.#writes++;
    try {
      this.#show(await this.library.changeTranscript(this.own, change));
    } catch (thrown) {
      // A new transcription may have cut the cues elsewhere: load them.
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
    // Cues and chapters are identified by their start.
    this.view = { ...view, cues: distinct(view.cues), chapters: distinct(view.chapters) };
    this.state = { name: 'here' };
    this.captions.show(this.view.cues);
  }
}

function distinct<T extends { start_us: Micros }>(rows: readonly T[]): T[] {
  return rows.filter(({ start_us }, n) => rows[n - 1]?.start_us !== start_us);
}

export const [getTranscript, setTranscript] = createContext<ClipTranscript>();
