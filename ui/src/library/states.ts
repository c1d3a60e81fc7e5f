// How far a recording has come, as its card says it.
import type { ClipState } from '../api/types';
import type { TakeView, Whereabouts } from '../host/host';
import { type Entry, type Gone, isSafe, isUnsent } from './entries';

export interface CardState {
  text: string;
  /** How much of it is in the library, 0 to 1; nothing if no ring is drawn. */
  share?: number;
  /** It is being recorded. */
  now?: boolean;
  /** The ring alone is enough until somebody looks closer. */
  quiet?: boolean;
}

const CLIPS: Record<ClipState, CardState | undefined> = {
  recording: { text: 'Recording', share: 1, now: true },
  arriving: { text: 'Uploading' },
  ready: undefined,
  interrupted: { text: 'Interrupted' },
};

export function sentBytes(whereabouts: Whereabouts): number {
  switch (whereabouts.place) {
    case 'on_this_computer':
      return 0;
    case 'sending':
      return whereabouts.sent_bytes;
    case 'safe':
      return whereabouts.size_bytes;
  }
}

/** How much of a take the library has, 0 to 1. */
export function sentShare(whereabouts: Whereabouts): number {
  return whereabouts.size_bytes === 0 ? 0 : sentBytes(whereabouts) / whereabouts.size_bytes;
}

/** What is said of a take until it is in the library, and there. */
export function stateOfTake(take: TakeView, gone: Gone): CardState {
  const share = sentShare(take.whereabouts);
  if (take.phase !== 'stopped') return { text: 'Recording', share: 1, now: true };
  if (gone.includes(take.id)) return { text: 'Deleted from the library' };
  if (isSafe(take)) return { text: 'In the library', share: 1 };
  if (isUnsent(take)) return { text: 'Saved here, waiting for the library', share };
  if (take.whereabouts.place === 'on_this_computer') return { text: 'Not uploaded yet', share };
  return { text: `Uploading ${Math.floor(share * 100)} %`, share, quiet: true };
}

/** What a card says of its recording; nothing where all is as it should be. */
export function stateOf({ clip, take }: Entry, gone: Gone): CardState | undefined {
  if (take && !(clip && isSafe(take))) return stateOfTake(take, gone);
  return clip ? CLIPS[clip.state] : undefined;
}
