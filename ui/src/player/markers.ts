// Replies on the bar: those too near each other to be told apart stand as one.
import type { Mark } from '../replies/threads';
import type { Micros } from '../time';

/** Closer than this, in pixels, two markers are one. */
const NEAREST_PX = 12;

export interface Marker {
  /** Where it stands: the time of its first reply. */
  at_us: Micros;
  /** In order of time. */
  replies: [Mark, ...Mark[]];
}

/** `marks` in order of time, as they stand on a bar of that width. */
export function markers(marks: readonly Mark[], duration_us: Micros, width_px: number): Marker[] {
  if (duration_us <= 0 || width_px <= 0) return [];
  const us_per_px = duration_us / width_px;
  const found: Marker[] = [];
  for (const mark of marks) {
    const last = found.at(-1);
    const before_us = last?.replies.at(-1)?.at_us;
    if (last && before_us !== undefined && mark.at_us - before_us < NEAREST_PX * us_per_px) last.replies.push(mark);
    else found.push({ at_us: Math.min(mark.at_us, duration_us), replies: [mark] });
  }
  return found;
}
