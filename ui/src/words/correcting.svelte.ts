import { problemOf } from '../api/problem';
import type { Unsent } from '../clip/unsent.svelte';
import { type Correction, place } from './corrections';
import type { ClipWords } from './words.svelte';

const CUE = 'cue:';
const nameOf = ({ start_us }: Pick<Correction, 'start_us'>) => `${CUE}${start_us}`;

/** The corrections that the author of a clip has begun and not yet saved. */
export class Correcting {
  /** By the index of the cue that each belongs to now. */
  readonly byCue = $derived.by(() => place(this.#begun(), this.words.view.cues));

  constructor(
    private readonly words: ClipWords,
    private readonly unsent: Unsent,
  ) {}

  /** Begins one of this cue, if that is the reader's to do. */
  begin(cue: number) {
    const said = this.words.view.cues[cue];
    if (!said || !this.words.mine) return;
    const { start_us, end_us, text } = said;
    this.unsent.set(nameOf(said), { start_us, end_us, was: text, text } satisfies Correction);
  }

  write(cue: number, text: string) {
    const said = this.words.view.cues[cue];
    if (!said) return;
    // What met at one cue goes on as one.
    const [first, ...more] = this.byCue.get(cue) ?? [];
    more.forEach((other) => this.unsent.remove(nameOf(other)));
    const begun = first ?? { start_us: said.start_us, end_us: said.end_us, was: said.text };
    this.unsent.set(nameOf(begun), { ...begun, text } satisfies Correction);
  }

  /** Throws the problem if the library does not take it; it stays unsaved then. */
  async save(cue: number) {
    const written = this.byCue.get(cue);
    if (!written) return;
    const text = written
      .map(({ text }) => text)
      .join(' ')
      .trim();
    const send = async (at: number | undefined) => {
      const said = at === undefined ? undefined : this.words.view.cues[at];
      if (!said || text === said.text) return;
      await this.words.change({ cues: [{ start_us: said.start_us, text: text === '' ? null : text }] });
    };
    try {
      await send(cue);
    } catch (thrown) {
      // A machine cut the words elsewhere meanwhile: they are those of now by now.
      if (problemOf(thrown).code !== 'conflict') throw thrown;
      await send([...place(written, this.words.view.cues).keys()][0]);
    }
    written.forEach((correction) => this.unsent.sent(nameOf(correction), correction));
  }

  leave(cue: number) {
    this.byCue.get(cue)?.forEach((correction) => this.unsent.remove(nameOf(correction)));
  }

  #begun(): Correction[] {
    return this.words.mine ? this.unsent.names(CUE).flatMap((name) => this.unsent.get<Correction>(name) ?? []) : [];
  }
}
