// Markers of replies on the seek bar. Those that would cover each other are one cluster.
import type { Reply, ReplyMoment } from '../api/types';
import { type Micros, SECOND } from '../time';

/** How far apart two markers are at least, in pixels: their own width, so that a finger can choose between them. */
const MIN_GAP_PX = 24;

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
    const at_us = Math.min(pin.at_us, duration_us);
    const last = found.at(-1);
    if (last && at_us - last.at_us < MIN_GAP_PX * us_per_px) last.replies.push(pin);
    else found.push({ at_us, replies: [pin] });
  }
  return found;
}

/** How long a reply stays the current one after its moment. */
const LINGERS_US = 8 * SECOND;
/** Positions that a player tells are not exact. */
const TOLERANCE_US = 50_000;

/**
 * The reply that belongs to a position: the last one pinned before it, until a while after its
 * moment or the end of its range. Of those at one moment, the one that was `chosen`.
 */
export function currentPin(pins: readonly Pin[], at_us: Micros, chosen?: string): Pin | undefined {
  const last = pins.findLast((pin) => pin.at_us <= at_us + TOLERANCE_US);
  if (!last || at_us > Math.max(last.at_us + LINGERS_US, last.reply?.anchor?.end_us ?? 0))
    return undefined;
  return pins.find(({ id, at_us }) => id === chosen && at_us === last.at_us) ?? last;
}
