import { problemOf } from '../api/problem';
import type { Drafts } from '../drafts.svelte';
import { assignToCues, type Correction } from './correction';
import type { ClipTranscript } from './transcript.svelte';

const CUE = 'cue:';
const nameOf = ({ start_us }: Pick<Correction, 'start_us'>) => `${CUE}${start_us}`;

/** The corrections that the author of a clip has begun and not yet saved. */
export class Corrections {
  /** By the index of the cue that each belongs to now. */
  readonly byCue = $derived.by(() => assignToCues(this.#begun(), this.transcript.view.cues));

  constructor(
    private readonly transcript: ClipTranscript,
    private readonly drafts: Drafts,
  ) {}

  /** Begins to correct this cue, if the viewer is the author. */
  begin(cue: number) {
    const said = this.transcript.view.cues[cue];
    if (!said || !this.transcript.mine) return;
    const { start_us, end_us, text } = said;
    this.drafts.set(nameOf(said), { start_us, end_us, was: text, text } satisfies Correction);
  }

  write(cue: number, text: string) {
    const said = this.transcript.view.cues[cue];
    if (!said) return;
    // Several corrections of what is one cue now are merged into the first.
    const [first, ...more] = this.byCue.get(cue) ?? [];
    more.forEach((other) => this.drafts.remove(nameOf(other)));
    const begun = first ?? { start_us: said.start_us, end_us: said.end_us, was: said.text };
    this.drafts.set(nameOf(begun), { ...begun, text } satisfies Correction);
  }

  /** @throws ProblemError if the library refuses; the correction stays a draft then. */
  async save(cue: number) {
    const written = this.byCue.get(cue);
    if (!written) return;
    const text = written
      .map(({ text }) => text)
      .join(' ')
      .trim();
    const send = async (at: number | undefined) => {
      const said = at === undefined ? undefined : this.transcript.view.cues[at];
      if (!said || text === said.text) return;
      await this.transcript.change({
        cues: [{ start_us: said.start_us, text: text === '' ? null : text }],
      });
    };
    try {
      await send(cue);
    } catch (thrown) {
      // A new transcription has cut the cues elsewhere. They have been loaded again: send it to the
      // cue it belongs to now.
      if (problemOf(thrown).code !== 'conflict') throw thrown;
      await send([...assignToCues(written, this.transcript.view.cues).keys()][0]);
    }
    written.forEach((correction) => this.drafts.sent(nameOf(correction), correction));
  }

  leave(cue: number) {
    this.byCue.get(cue)?.forEach((correction) => this.drafts.remove(nameOf(correction)));
  }

  #begun(): Correction[] {
    return this.transcript.mine
      ? this.drafts.names(CUE).flatMap((name) => this.drafts.get<Correction>(name) ?? [])
      : [];
  }
}
