// Whether more words may come.
import type { ClipView, TranscriptView } from '../api/types';
import { SECOND } from '../time';

/** A machine that did not hear a clip to its end this long after the clip's end does not do so any more. */
const TRANSCRIPTION_TIMEOUT_US = 3600 * SECOND;

export function isPending(
  { state, recorded_at_us, duration_us }: Pick<ClipView, 'state' | 'recorded_at_us' | 'duration_us'>,
  { done }: Pick<TranscriptView, 'done'>,
  now: Date,
): boolean {
  if (done) return false;
  if (state === 'recording' || state === 'arriving') return true;
  return now.getTime() * 1000 < recorded_at_us + duration_us + TRANSCRIPTION_TIMEOUT_US;
}
