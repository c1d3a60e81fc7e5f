// Search in what was said: without regard to case, accents and where a cue ends.
import type { ShownCue } from '../api/types';

/** A place in the text of a cue. */
export interface Place {
  cue: number;
  offset: number;
}

/** From one place until before another; they may lie in different cues. */
export interface Hit {
  from: Place;
  to: Place;
}

const MOST = 5000;

/** What is said, ready to be searched. */
export class Index {
  readonly #text: string;
  /** For each character of it, where it stands. */
  readonly #places: Place[] = [];

  constructor(cues: readonly ShownCue[]) {
    const text: string[] = [];
    for (const [cue, { text: said }] of cues.entries()) {
      for (let offset = 0; offset < said.length; offset++) {
        for (const char of fold(said[offset] ?? '')) {
          // White space is one space, however much there is of it.
          if (char === ' ' && (text.at(-1) ?? ' ') === ' ') continue;
          text.push(char);
          this.#places.push({ cue, offset });
        }
      }
      if (text.at(-1) !== ' ') {
        text.push(' ');
        this.#places.push({ cue, offset: said.length });
      }
    }
    this.#text = text.join('');
  }

  /** Where it stands, in order; of very many the first. */
  find(query: string): Hit[] {
    const wanted = Array.from(query, fold).join('').replace(/ +/g, ' ').trim();
    const hits: Hit[] = [];
    if (wanted === '') return hits;
    for (let at = this.#text.indexOf(wanted); at !== -1 && hits.length < MOST;) {
      const [from, last] = [this.#places[at], this.#places[at + wanted.length - 1]];
      if (from && last) hits.push({ from, to: { cue: last.cue, offset: last.offset + 1 } });
      at = this.#text.indexOf(wanted, at + wanted.length);
    }
    return hits;
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

/** Which hit is next from a cue on, in a direction, round the ends; -1 if there is none. */
export function nextHit(hits: readonly Hit[], now: number, by: 1 | -1): number {
  return hits.length === 0 ? -1 : (now + by + hits.length) % hits.length;
}

/** The first hit at or after a cue, else the first: where somebody who is there begins to look. */
export function nearestHit(hits: readonly Hit[], cue: number): number {
  if (hits.length === 0) return -1;
  return Math.max(
    0,
    hits.findIndex(({ from }) => from.cue >= cue),
  );
}
