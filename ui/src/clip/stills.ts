// Which stills of a clip are worth showing beside its transcript.
import { type Micros, SECOND } from '../time';
import type { Section } from '../transcript/paragraphs';

/** Candidates are about this far apart. */
const INTERVAL_US = 45 * SECOND;
/** The most stills of a page. */
const MAX_STILLS = 120;
/** Speakers show something a moment after they begin to speak of it. */
const OFFSET_US = SECOND;

/** A still that may be worth showing. */
export interface StillCandidate {
  /** The paragraph that it stands beside, by where that begins. */
  paragraph_us: Micros;
  /** Where in the clip it is. */
  at_us: Micros;
  /** Whether a chapter begins here. */
  chapter: boolean;
}

/** The beginnings of the chapters, and of a paragraph every now and then between. */
export function stillCandidates(
  sections: readonly Section[],
  duration_us: Micros,
): StillCandidate[] {
  const every_us = Math.max(INTERVAL_US, duration_us / MAX_STILLS);
  let last_us = -Infinity;
  return sections.flatMap(({ paragraphs }) =>
    paragraphs.flatMap(({ start_us }, n) => {
      const chapter = n === 0;
      if (!chapter && start_us - last_us < every_us) return [];
      last_us = start_us;
      const at_us = Math.max(0, Math.min(start_us + OFFSET_US, duration_us - SECOND / 10));
      return [{ paragraph_us: start_us, at_us, chapter }];
    }),
  );
}

/** The size of the sketches by which stills are compared. */
export const SKETCH = { width: 32, height: 18 };
const VISIBLE = 20;

/** Which share of two sketches (RGBA) differs visibly, 0 to 1. */
export function difference(a: Uint8ClampedArray, b: Uint8ClampedArray): number {
  const squares = Math.min(a.length, b.length) / 4;
  if (squares === 0) return 1;
  let differing = 0;
  for (let n = 0; n < squares * 4; n += 4) {
    const by = [0, 1, 2].map((c) => Math.abs((a[n + c] ?? 0) - (b[n + c] ?? 0)));
    if (Math.max(...by) > VISIBLE) differing++;
  }
  return differing / squares;
}

/** A moving bubble changes less than this share, another window or slide more. */
const CHANGED = 0.08;
/** At the start of a chapter a smaller change is enough. */
const CHANGED_AT_CHAPTER = 0.03;

export function isWorthShowing(
  { chapter }: StillCandidate,
  sketch: Uint8ClampedArray,
  before: Uint8ClampedArray | undefined,
) {
  return !before || difference(sketch, before) >= (chapter ? CHANGED_AT_CHAPTER : CHANGED);
}
