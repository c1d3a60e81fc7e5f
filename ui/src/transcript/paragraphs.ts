// Cues grouped into paragraphs, and paragraphs into the sections of the chapters.
import type { Chapter, ShownCue } from '../api/types';
import { type Micros, SECOND } from '../time';

export interface Paragraph {
  start_us: Micros;
  /** The index of its first cue. */
  first: number;
  cues: readonly ShownCue[];
}

/** The paragraphs of a chapter, or of what comes before the first one. */
export interface Section {
  chapter: Chapter | undefined;
  paragraphs: readonly Paragraph[];
}

/** A pause this long ends a paragraph. */
const PAUSE_US = 1.6 * SECOND;
/** From this length on a paragraph ends with its sentence, unless another topic begins soon. */
const SOFT_LENGTH = 340;
const SOON_LENGTH = 240;
/** No paragraph is longer than this. */
const MAX_LENGTH = 800;
/** How many cues are looked at for that. */
const NEXT_CUES = 8;
/** A chapter may start this much into its first cue. */
const CHAPTER_TOLERANCE_US = SECOND / 2;

const ENDS_SENTENCE = /[.!?…。！？]["'”’»)\]]*$/;
/** What a speaker begins another topic with: counting, or saying so. */
const OPENS_TOPIC =
  /^(?:(?:so|and|okay|ok|now|well|alright|also|gut|und),? )*(?:(?:first(?:ly)?|second(?:ly)?|third(?:ly)?|fourth(?:ly)?|fifth|next|last|erstens|zweitens|drittens|viertens)[,:]|first of all|finally|lastly|next up|moving on|let me show you|one more thing|another thing|in conclusion|to sum up|zum schluss|schließlich|als nächstes)(?![\p{L}])/iu;

export function sections(cues: readonly ShownCue[], chapters: readonly Chapter[]): Section[] {
  const found: Section[] = [];
  let next = 0;
  for (const [n, chapter] of [undefined, ...chapters].entries()) {
    const until_us = (chapters[n]?.start_us ?? Infinity) - CHAPTER_TOLERANCE_US;
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
    if (!before || !last || breaks(before, cue, length, cues.slice(n, n + NEXT_CUES))) {
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

/** Whether a paragraph that is so long ends before `cue`, with which `next` begins. */
function breaks(
  before: ShownCue,
  cue: ShownCue,
  length: number,
  next: readonly ShownCue[],
): boolean {
  if (length + cue.text.length > MAX_LENGTH) return true;
  if (!ENDS_SENTENCE.test(before.text.trimEnd())) return false;
  if (cue.start_us - before.end_us >= PAUSE_US || OPENS_TOPIC.test(cue.text)) return true;
  return length > SOFT_LENGTH && !(length <= MAX_LENGTH - SOON_LENGTH && opensSoon(next));
}

/** Whether another topic begins within the next sentences. */
function opensSoon(next: readonly ShownCue[]): boolean {
  let ahead = 0;
  for (const { text } of next) {
    if (OPENS_TOPIC.test(text)) return true;
    ahead += text.length;
    if (ahead > SOON_LENGTH) return false;
  }
  return false;
}
