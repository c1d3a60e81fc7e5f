// How a person is drawn where there is no picture of them: initials on one of eight hues.

const HUES = 8;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The first letters of the first and of the last part of a name, as it is written. */
export function initials(name: string): string {
  const parts = name.trim().split(/\s+/u);
  const first = firstLetter(parts[0]);
  const last = parts.length > 1 ? firstLetter(parts.at(-1)) : '';
  return (first + last).toLocaleUpperCase();
}

function firstLetter(part = ''): string {
  for (const { segment } of segmenter.segment(part)) return segment;
  return '';
}

/** A number below 8 that is always the same for a name: FNV-1a over its code points. */
export function hue(name: string): number {
  let hash = 0x811c9dc5;
  for (const letter of name.normalize('NFC')) {
    hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash % HUES;
}
