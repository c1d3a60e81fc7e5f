// The order of a catalog: newest first, each clip once.
import type { ClipPage, MemberClip } from '../../api/types';

type Clips = readonly MemberClip[];

/** Adds or replaces a clip. */
export function put(clips: Clips, clip: MemberClip): Clips {
  if (clips.some(({ id }) => id === clip.id))
    return clips.map((other) => (other.id === clip.id ? clip : other));
  return [clip, ...clips].toSorted((a, b) => b.recorded_at_us - a.recorded_at_us);
}

/** Adds the next page at the end. */
export function append(clips: Clips, page: ClipPage): Clips {
  const known = new Set(clips.map(({ id }) => id));
  return [...clips, ...page.clips.filter(({ id }) => !known.has(id))];
}
