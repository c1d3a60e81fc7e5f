// What a library shows: its clips, and what is recorded on this computer, each once.
import type { MemberClip } from '../api/types';
import type { TakeView } from '../host/host';
import type { UtcMicros } from '../time';
import type { Place } from './places';

/** A clip, a take, or both where the take of a clip is on this computer. */
export type Entry =
  { clip: MemberClip; take: TakeView | undefined } | { clip?: undefined; take: TakeView };

/** Takes whose clip was deleted from the library. */
export type Gone = readonly string[];

export const idOf = (entry: Entry): string => (entry.clip ? entry.clip.id : entry.take.id);

const recordedAt = (entry: Entry): UtcMicros => (entry.clip ?? entry.take).recorded_at_us;

/** Whether all of a take is in the library that it was sent to. */
export const isSafe = (take: TakeView): boolean => take.whereabouts.place === 'safe';

/**
 * Whether a take waits for something: it has ended, the library does not have all of it, and it is
 * not just being sent.
 */
export function isUnsent(take: TakeView): boolean {
  return take.phase === 'stopped' && !isSafe(take) && (take.problem !== null || take.link === null);
}

export interface Shown {
  place: Place;
  clips: readonly MemberClip[];
  takes: readonly TakeView[];
  gone: Gone;
  /** Whether the library cannot be reached, so that only what is here is known. */
  away: boolean;
}

/** What is shown in a place, newest first. */
export function entriesOf({ place, clips, takes, gone, away }: Shown): readonly Entry[] {
  const byTake = new Map(takes.map((take) => [take.id, take]));
  const ofClips = clips.map((clip): Entry => ({ clip, take: byTake.get(clip.take ?? '') }));
  const known = new Set(clips.map(({ take }) => take));
  const alone = takes.filter(({ id }) => !known.has(id)).map((take): Entry => ({ take }));
  const sorted = (entries: Entry[]) => entries.toSorted((a, b) => recordedAt(b) - recordedAt(a));
  switch (place) {
    case 'here':
      return sorted([...ofClips.filter(({ take }) => take), ...alone]);
    case 'unsent':
      return sorted([...ofClips, ...alone].filter(({ take }) => take && isUnsent(take)));
    case 'unread':
      return ofClips;
    case 'mine':
    case 'all':
      // What only this computer has, and, as long as nobody answers, what is known to be here.
      return sorted([
        ...ofClips,
        ...alone.filter(({ take }) => take && !gone.includes(take.id) && (!isSafe(take) || away)),
      ]);
  }
}
