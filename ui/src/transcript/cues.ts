// Cues by time: which one is current, when each word in it begins, and how it is cut into captions.
import type { ShownCue } from '../api/types';
import { type Micros, toSeconds } from '../time';

export interface Word {
  text: string;
  /** Where it stands in the cue's text. */
  from: number;
  start_us: Micros;
}

/**
 * The words of a cue: at the times that the model gave, else spread over the cue by their length.
 */
export function wordsOf({ text, start_us, end_us, word_starts_us }: ShownCue): Word[] {
  const found = [...text.matchAll(/\S+/g)].map((match) => ({ text: match[0], from: match.index }));
  const timed = word_starts_us?.length === found.length ? word_starts_us : undefined;
  const us_per_char = (end_us - start_us) / Math.max(1, text.length);
  return found.map((word, n) => ({
    ...word,
    start_us: timed?.[n] ?? Math.round(start_us + word.from * us_per_char),
  }));
}

/** When the word at a place in a cue's text is said. */
export function timeOf(cue: ShownCue, offset: number): Micros {
  return wordsOf(cue).findLast(({ from }) => from <= offset)?.start_us ?? cue.start_us;
}

/**
 * The index of the last row, of rows in order of time, that has begun at a moment; -1 before the
 * first.
 */
export function indexAt(rows: readonly { start_us: Micros }[], at_us: Micros): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.start_us ?? Infinity) <= at_us) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const LINE_LENGTH = 40;

/** A piece of a cue of at most two lines, as it is shown over the picture. */
export interface Caption {
  start_us: Micros;
  end_us: Micros;
  lines: string[];
}

/**
 * Cuts a cue into captions of two lines of about `LINE_LENGTH` characters, evenly, each at the time
 * of its first word.
 */
export function captionsOf(cue: ShownCue): Caption[] {
  const words = wordsOf(cue);
  const count = Math.ceil(cue.text.trim().length / (2 * LINE_LENGTH));
  const groups = evenly(words, count);
  return groups.map((group, n) => ({
    start_us: n === 0 ? cue.start_us : (group[0]?.start_us ?? cue.start_us),
    end_us: groups[n + 1]?.[0]?.start_us ?? cue.end_us,
    lines: evenly(group, length(group) > LINE_LENGTH ? 2 : 1).map((line) =>
      line.map(({ text }) => text).join(' '),
    ),
  }));
}

const length = (words: readonly Word[]) =>
  words.reduce((sum, { text }) => sum + text.length + 1, -1);

/** Words in so many groups of about the same length; no group is empty. */
function evenly(words: readonly Word[], count: number): Word[][] {
  const groups: Word[][] = [];
  let rest = words;
  for (let left = Math.min(count, words.length); left > 0; left--) {
    const share = length(rest) / left;
    let taken = 1;
    while (
      taken < rest.length - (left - 1) &&
      (left === 1 ||
        Math.abs(length(rest.slice(0, taken + 1)) - share) <=
          Math.abs(length(rest.slice(0, taken)) - share))
    )
      taken++;
    groups.push(rest.slice(0, taken));
    rest = rest.slice(taken);
  }
  return groups;
}

/** A caption as a cue of a text track. */
export function vttCue({ start_us, end_us, lines }: Caption): VTTCue {
  const text = lines
    .join('\n')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
  return new VTTCue(toSeconds(start_us), toSeconds(Math.max(end_us, start_us + 1)), text);
}
