// Corrections of cues that are being written. A new transcription may cut the cues elsewhere
// meanwhile: a correction is assigned to the cue that now covers its time, so that it is never
// lost.
import type { ShownCue } from '../api/types';
import type { Micros } from '../time';

export interface Correction {
  /** The cue that it was begun on. */
  start_us: Micros;
  end_us: Micros;
  /** The text of that cue then. */
  was: string;
  /** The corrected text. */
  text: string;
}

/**
 * Corrections by the index of the cue that each belongs to now; several of one cue in order of
 * time.
 */
export function assignToCues(
  corrections: readonly Correction[],
  cues: readonly ShownCue[],
): Map<number, Correction[]> {
  const placed = new Map<number, Correction[]>();
  for (const correction of corrections.toSorted((a, b) => a.start_us - b.start_us)) {
    const at = indexOf(correction, cues);
    if (at !== -1) placed.set(at, [...(placed.get(at) ?? []), correction]);
  }
  return placed;
}

/** The same cue, else the one that shares most time with it, else the nearest. */
function indexOf({ start_us, end_us }: Correction, cues: readonly ShownCue[]): number {
  const same = cues.findIndex((cue) => cue.start_us === start_us);
  if (same !== -1) return same;
  const shared = (cue: ShownCue) => Math.min(end_us, cue.end_us) - Math.max(start_us, cue.start_us);
  return cues.reduce((best, cue, n) => {
    const before = cues[best];
    return !before || shared(cue) > shared(before) ? n : best;
  }, -1);
}
