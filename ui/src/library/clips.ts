// The order of a catalog: newest first, each clip once.
import type { ClipPage, MemberClip } from '../api/types';

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

/**
 * A clip as an event tells it, with what the viewer has watched of it: events do not say that. A
 * reply more is new to them, unless they wrote it.
 */
export function withProgress(
  clip: MemberClip,
  before: MemberClip,
  me: string | undefined,
): MemberClip {
  if (clip.progress) return clip;
  const known = before.progress ?? {
    position_us: 0,
    finished: false,
    unopened: false,
    new_replies: 0,
  };
  const more = Math.max(0, clip.replies - before.replies);
  const last = clip.repliers?.[0];
  const own = last?.member === true && last.name === me;
  return { ...clip, progress: { ...known, new_replies: known.new_replies + (own ? 0 : more) } };
}

/** Whether there is something in a clip that its viewer has not seen. */
export function isUnread({ progress }: MemberClip): boolean {
  return !!progress && (progress.unopened || progress.new_replies > 0);
}

/** How much of a clip was watched, 0 to 1. */
export function watchedShare({ progress, duration_us }: MemberClip): number {
  if (!progress) return 0;
  if (progress.finished) return 1;
  return duration_us > 0 ? Math.min(1, progress.position_us / duration_us) : 0;
}
