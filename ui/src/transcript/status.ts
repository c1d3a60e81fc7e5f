// What is said about a transcript that is not whole, or not here yet.
import type { ClipView, TranscriptView } from '../api/types';
import { isPending } from './pending';
import type { TranscriptState } from './transcript.svelte';

export const STATUS_TEXT = {
  opening: 'Opening…',
  pending: 'More is being heard…',
  incomplete: 'Perhaps more is said after this: it was not heard to the end.',
} as const;

export type TranscriptStatus = keyof typeof STATUS_TEXT;

/** Nothing for a transcript that is whole, and for a clip that has none. */
export function transcriptStatus(
  { state, view }: { state: TranscriptState; view: Pick<TranscriptView, 'done'> },
  clip: Pick<ClipView, 'state' | 'recorded_at_us' | 'duration_us'>,
  now: Date,
): TranscriptStatus | undefined {
  if (state.name === 'none') return undefined;
  if (state.name === 'opening') return 'opening';
  if (isPending(clip, view, now)) return 'pending';
  return state.name === 'here' && !view.done ? 'incomplete' : undefined;
}
