// Timestamps in text (`see 1:23`), which become links to that time of the clip.
import { type Micros, parseClock } from '../time';

const TIME = /(?<![\d:.])(?:\d{1,2}:)?\d{1,3}:\d{2}(?![\d:]|\.\d)/g;

export type TextPart = string | { text: string; at_us: Micros };

/** Splits text at its timestamps. */
export function splitAtTimestamps(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(TIME)) {
    const at_us = parseClock(match[0]);
    if (at_us === undefined) continue;
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push({ text: match[0], at_us });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}
