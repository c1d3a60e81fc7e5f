// The order of a shelf: newest first, each clip once.
import type { ClipPage, OwnClip } from '../../api/types';

type Clips = readonly OwnClip[];

/** With a clip as it is now. */
export function put(clips: Clips, clip: OwnClip): Clips {
  if (clips.some(({ id }) => id === clip.id)) return clips.map((other) => (other.id === clip.id ? clip : other));
  return [clip, ...clips].toSorted((a, b) => b.recorded_at_us - a.recorded_at_us);
}

/** With the next page at its end. */
export function append(clips: Clips, page: ClipPage): Clips {
  const known = new Set(clips.map(({ id }) => id));
  return [...clips, ...page.clips.filter(({ id }) => !known.has(id))];
}

/** With the first page read again. What was read of further pages stays: what changed there came by events. */
export function renew(clips: Clips, first: ClipPage): Clips {
  const oldest = first.clips.at(-1);
  if (!first.next || !oldest) return first.clips;
  return append(first.clips, { clips: clips.filter((clip) => clip.recorded_at_us < oldest.recorded_at_us) });
}
