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

  /** The captions as they are now. Those that are the same stay where they are, so that nothing flickers. */
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

  /** The lines of what is said right now: of two at once, those begun last. */
  get lines(): string[] {
    const active = [...(this.#track.activeCues ?? [])] as VTTCue[];
    return active.at(-1)?.text.split('\n').map(plain) ?? [];
  }

  /** Tells when other lines are said, until the returned function is called. */
  listen(changed: () => void): () => void {
    this.#track.addEventListener('cuechange', changed);
    return () => this.#track.removeEventListener('cuechange', changed);
  }

  /** An element gives no track back; it can only be switched off. */
  end() {
    this.show([]);
    this.#track.mode = 'disabled';
  }
}

const nameOf = ({ start_us, end_us, lines }: Caption) => `${start_us} ${end_us} ${lines.join('\n')}`;
const plain = (text: string) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
