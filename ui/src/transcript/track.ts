// The text track that captions are on: the element keeps it in time with its picture.
import { type Caption, vttCue } from './cues';

export class CaptionTrack {
  readonly #track: TextTrack;
  readonly #shown = new Map<string, VTTCue>();

  constructor(video: HTMLVideoElement) {
    this.#track = video.addTextTrack('captions', 'Captions');
    this.#track.mode = 'hidden';
  }

  /** Whether the element draws them itself, or the page does. */
  set drawn(by: 'element' | 'page') {
    this.#track.mode = by === 'element' ? 'showing' : 'hidden';
  }

  /**
   * Updates the captions. Those that have not changed stay on the track, so that nothing flickers.
   */
  show(captions: readonly Caption[]) {
    const wanted = new Map(captions.map((caption) => [nameOf(caption), caption]));
    for (const [name, cue] of this.#shown) {
      if (wanted.has(name)) continue;
      this.#track.removeCue(cue);
      this.#shown.delete(name);
    }
    for (const [name, caption] of wanted) {
      if (this.#shown.has(name)) continue;
      const cue = vttCue(caption);
      this.#track.addCue(cue);
      this.#shown.set(name, cue);
    }
  }

  /** The lines of the active caption; of two, those of the one that began last. */
  get lines(): string[] {
    const active = [...(this.#track.activeCues ?? [])] as VTTCue[];
    return active.at(-1)?.text.split('\n').map(plain) ?? [];
  }

  /** Calls back when the lines change, until the returned function is called. */
  listen(changed: () => void): () => void {
    this.#track.addEventListener('cuechange', changed);
    return () => this.#track.removeEventListener('cuechange', changed);
  }

  /** Disables the track: a media element has no way to remove one. */
  end() {
    this.show([]);
    this.#track.mode = 'disabled';
  }
}

const nameOf = ({ start_us, end_us, lines }: Caption) =>
  `${start_us} ${end_us} ${lines.join('\n')}`;
const plain = (text: string) =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
