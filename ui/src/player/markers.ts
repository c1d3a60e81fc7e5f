// Markers of replies on the seek bar; those too close to each other are merged.
import type { Reply, ReplyMoment } from '../api/types';
import type { Micros } from '../time';

/** Closer than this, in pixels, two markers are one. */
const MIN_GAP_PX = 12;

/** A moment to which a reply is pinned, and the reply once its page has been loaded. */
export interface Pin extends ReplyMoment {
  reply?: Reply | undefined;
}

export interface Marker {
  /** The time of its first reply. */
  at_us: Micros;
  /** In order of time. */
  replies: [Pin, ...Pin[]];
}

/** `pins` in order of time, as they stand on a bar of that width. */
export function markers(pins: readonly Pin[], duration_us: Micros, width_px: number): Marker[] {
  if (duration_us <= 0 || width_px <= 0) return [];
  const us_per_px = duration_us / width_px;
  const found: Marker[] = [];
  for (const pin of pins) {
    const last = found.at(-1);
    const before_us = last?.replies.at(-1)?.at_us;
    if (last && before_us !== undefined && pin.at_us - before_us < MIN_GAP_PX * us_per_px)
      last.replies.push(pin);
    else found.push({ at_us: Math.min(pin.at_us, duration_us), replies: [pin] });
  }
  return found;
}
