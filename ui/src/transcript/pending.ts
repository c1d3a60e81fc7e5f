// Whether more of a transcript may still come.
import type { ClipView, TranscriptView } from '../api/types';
import { SECOND } from '../time';

/** A transcript that is not complete this long after the end of the clip is not going to be. */
const TRANSCRIPTION_TIMEOUT_US = 3600 * SECOND;

export function isPending(
  {
    state,
    recorded_at_us,
    duration_us,
  }: Pick<ClipView, 'state' | 'recorded_at_us' | 'duration_us'>,
  { done }: Pick<TranscriptView, 'done'>,
  now: Date,
): boolean {
  if (done) return false;
  if (state === 'recording' || state === 'arriving') return true;
  return now.getTime() * 1000 < recorded_at_us + duration_us + TRANSCRIPTION_TIMEOUT_US;
}
