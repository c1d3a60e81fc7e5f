// Captions over the picture: whether they are on, their size, and the current lines. The page draws
// them itself, so that their size can be chosen; in picture-in-picture and a phone's own full
// screen the media element draws them.
import type { ShownCue } from '../api/types';
import type { Memory } from '../memory';
import { captionsOf } from './cues';
import { CaptionTrack } from './track';

export const SIZES = ['small', 'normal', 'large'] as const;
export type Size = (typeof SIZES)[number];

interface Habits {
  on: boolean;
  size: Size;
}

export class Captions {
  on = $state(false);
  size = $state<Size>('normal');
  /** The current lines. */
  lines = $state.raw<readonly string[]>([]);
  /** Whether the clip has any. */
  known = $state(false);
  #track: CaptionTrack | undefined;
  #cues: readonly ShownCue[] = [];

  constructor(private readonly memory: Memory) {
    const habits = memory.get<Habits>('captions');
    this.on = habits?.on ?? false;
    this.size = SIZES.find((size) => size === habits?.size) ?? 'normal';
  }

  /** Adds them to an element, until the returned function is called. */
  attach(video: HTMLVideoElement): () => void {
    const track = new CaptionTrack(video);
    const off = new AbortController();
    const listen = (events: string[], run: () => void) =>
      events.forEach((event) => video.addEventListener(event, run, { signal: off.signal }));
    listen(['enterpictureinpicture', 'webkitbeginfullscreen'], () => {
      if (this.on) track.drawn = 'element';
    });
    listen(['leavepictureinpicture', 'webkitendfullscreen'], () => (track.drawn = 'page'));
    const ignore = track.listen(() => this.#read());
    this.#track = track;
    this.show(this.#cues);
    return () => {
      off.abort();
      ignore();
      track.end();
      this.#track = undefined;
    };
  }

  /** The cues as they are now. */
  show(cues: readonly ShownCue[]) {
    this.#cues = cues;
    this.known = cues.length > 0;
    this.#track?.show(cues.flatMap(captionsOf));
    this.#read();
  }

  toggle() {
    this.on = !this.on;
    this.#keep();
  }

  setSize(size: Size) {
    this.size = size;
    this.#keep();
  }

  #keep() {
    this.memory.set('captions', { on: this.on, size: this.size } satisfies Habits);
  }

  #read() {
    const lines = this.#track?.lines ?? [];
    if (lines.join('\n') !== this.lines.join('\n')) this.lines = lines;
  }
}
