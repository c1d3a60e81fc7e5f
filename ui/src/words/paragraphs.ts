// Cues read better as paragraphs, and paragraphs as the parts of a clip.
import type { Chapter, ShownCue } from '../api/types';
import { type Micros, SECOND } from '../time';

export interface Paragraph {
  start_us: Micros;
  /** Which cue is its first. */
  first: number;
  cues: readonly ShownCue[];
}

/** What is said in a chapter, or before the first one. */
export interface Part {
  chapter: Chapter | undefined;
  paragraphs: readonly Paragraph[];
}

/** Who pauses this long begins something new. */
const PAUSE_US = 1.6 * SECOND;
/** From this length on a paragraph ends with its sentence. */
const LONG = 340;
/** No paragraph is longer than this. */
const LONGEST = 800;
/** A chapter may begin within the cue that begins it. */
const SLACK_US = SECOND / 2;

const ENDS_SENTENCE = /[.!?…。！？]["'”’»)\]]*$/;

export function parts(cues: readonly ShownCue[], chapters: readonly Chapter[]): Part[] {
  const found: Part[] = [];
  let next = 0;
  for (const [n, chapter] of [undefined, ...chapters].entries()) {
    const until_us = (chapters[n]?.start_us ?? Infinity) - SLACK_US;
    const first = next;
    while ((cues[next]?.start_us ?? Infinity) < until_us) next++;
    const paragraphs = group(cues.slice(first, next), first);
    if (chapter || paragraphs.length > 0) found.push({ chapter, paragraphs });
  }
  return found;
}

function group(cues: readonly ShownCue[], first: number): Paragraph[] {
  const found: ShownCue[][] = [];
  let length = 0;
  for (const [n, cue] of cues.entries()) {
    const before = cues[n - 1];
    const last = found.at(-1);
    if (!before || !last || breaks(before, cue, length)) {
      found.push([cue]);
      length = cue.text.length;
    } else {
      last.push(cue);
      length += cue.text.length;
    }
  }
  let at = first;
  return found.map((cues) => {
    const paragraph = { start_us: cues[0]?.start_us ?? 0, first: at, cues };
    at += cues.length;
    return paragraph;
  });
}

function breaks(before: ShownCue, cue: ShownCue, length: number): boolean {
  if (length + cue.text.length > LONGEST) return true;
  if (!ENDS_SENTENCE.test(before.text.trimEnd())) return false;
  return length > LONG || cue.start_us - before.end_us >= PAUSE_US;
}
