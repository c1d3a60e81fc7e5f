// Replies on the bar: those too near each other to be told apart stand as one.
import type { Reply } from '../api/types';
import type { Micros } from '../time';

/** Closer than this, in pixels, two markers are one. */
const NEAREST_PX = 12;

export interface Marker {
  /** Where it stands: the time of its first reply. */
  at_us: Micros;
  /** In order of time. */
  replies: [Reply, ...Reply[]];
}

export function markers(replies: readonly Reply[], duration_us: Micros, width_px: number): Marker[] {
  if (duration_us <= 0 || width_px <= 0) return [];
  const us_per_px = duration_us / width_px;
  const pinned = replies
    .flatMap((reply) => (typeof reply.at_us === 'number' && !reply.parent ? [{ reply, at_us: reply.at_us }] : []))
    .sort((a, b) => a.at_us - b.at_us);
  const found: Marker[] = [];
  for (const { reply, at_us } of pinned) {
    const last = found.at(-1);
    const before_us = last?.replies.at(-1)?.at_us;
    if (last && typeof before_us === 'number' && at_us - before_us < NEAREST_PX * us_per_px) last.replies.push(reply);
    else found.push({ at_us: Math.min(at_us, duration_us), replies: [reply] });
  }
  return found;
}
