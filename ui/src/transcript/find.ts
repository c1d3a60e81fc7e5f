// Search in what was said: without regard to case, accents and where a cue ends.
import type { ShownCue } from '../api/types';

/** A place in the text of a cue. */
export interface TextPosition {
  cue: number;
  offset: number;
}

/** From one place until before another; they may lie in different cues. */
export interface Match {
  from: TextPosition;
  to: TextPosition;
}

const MAX_MATCHES = 5000;

/** What is said, ready to be searched. */
export class TranscriptIndex {
  readonly #text: string;
  /** For each character of it, where it stands. */
  readonly #positions: TextPosition[] = [];

  constructor(cues: readonly ShownCue[]) {
    const text: string[] = [];
    for (const [cue, { text: said }] of cues.entries()) {
      for (let offset = 0; offset < said.length; offset++) {
        for (const char of fold(said[offset] ?? '')) {
          // White space is one space, however much there is of it.
          if (char === ' ' && (text.at(-1) ?? ' ') === ' ') continue;
          text.push(char);
          this.#positions.push({ cue, offset });
        }
      }
      if (text.at(-1) !== ' ') {
        text.push(' ');
        this.#positions.push({ cue, offset: said.length });
      }
    }
    this.#text = text.join('');
  }

  /** Where it stands, in order; of very many the first. */
  find(query: string): Match[] {
    const wanted = Array.from(query, fold).join('').replace(/ +/g, ' ').trim();
    const matches: Match[] = [];
    if (wanted === '') return matches;
    for (let at = this.#text.indexOf(wanted); at !== -1 && matches.length < MAX_MATCHES;) {
      const [from, last] = [this.#positions[at], this.#positions[at + wanted.length - 1]];
      if (from && last) matches.push({ from, to: { cue: last.cue, offset: last.offset + 1 } });
      at = this.#text.indexOf(wanted, at + wanted.length);
    }
    return matches;
  }
}

const folded = new Map<string, string>();

/** A character as it is compared; nothing for one that only marks another. */
function fold(char: string): string {
  let same = folded.get(char);
  if (same === undefined) {
    same = /\s/.test(char) ? ' ' : char.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
    folded.set(char, same);
  }
  return same;
}

/** Which match is next from a cue on, in a direction, round the ends; -1 if there is none. */
export function nextMatch(matches: readonly Match[], now: number, by: 1 | -1): number {
  return matches.length === 0 ? -1 : (now + by + matches.length) % matches.length;
}

/** The first match at or after a cue, else the first: where somebody who is there begins to look. */
export function nearestMatch(matches: readonly Match[], cue: number): number {
  if (matches.length === 0) return -1;
  return Math.max(
    0,
    matches.findIndex(({ from }) => from.cue >= cue),
  );
}
