// Search in the transcript, which ignores case, accents and the boundaries of cues.
import type { ShownCue } from '../api/types';

/** A place in the text of a cue. */
export interface TextPosition {
  cue: number;
  offset: number;
}

/** A range of text, `to` exclusive; it may span several cues. */
export interface Match {
  from: TextPosition;
  to: TextPosition;
}

const MAX_MATCHES = 5000;

/** The folded text of a transcript, with the position of each character. */
export class TranscriptIndex {
  readonly #text: string;
  /** For each character of the text, its position in the cues. */
  readonly #positions: TextPosition[] = [];

  constructor(cues: readonly ShownCue[]) {
    const text: string[] = [];
    for (const [cue, { text: said }] of cues.entries()) {
      for (let offset = 0; offset < said.length; offset++) {
        for (const char of fold(said[offset] ?? '')) {
          // Any run of white space is one space.
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

  /** The matches in order, at most `MAX_MATCHES`. */
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

/** A character folded for comparison; empty for a combining mark. */
function fold(char: string): string {
  let same = folded.get(char);
  if (same === undefined) {
    same = /\s/.test(char) ? ' ' : char.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
    folded.set(char, same);
  }
  return same;
}

/** The index of the match after or before another, wrapping around; -1 if there are none. */
export function nextMatch(matches: readonly Match[], now: number, by: 1 | -1): number {
  return matches.length === 0 ? -1 : (now + by + matches.length) % matches.length;
}

/** The index of the first match at or after a cue, else of the first one; -1 if there are none. */
export function nearestMatch(matches: readonly Match[], cue: number): number {
  if (matches.length === 0) return -1;
  return Math.max(
    0,
    matches.findIndex(({ from }) => from.cue >= cue),
  );
}
