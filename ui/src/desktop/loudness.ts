// The level of a microphone as a percentage and as text.
import { SILENCE_THRESHOLD_DBFS } from '../host/ipc.gen';

/** Where the meter stands, 0 to 100. Nothing to hear is 0. */
export function percent(dbfs: number | null): number {
  if (dbfs === null) return 0;
  return Math.round(
    Math.min(Math.max((dbfs - SILENCE_THRESHOLD_DBFS) / -SILENCE_THRESHOLD_DBFS, 0), 1) * 100,
  );
}

export type Loudness = 'nothing' | 'quiet' | 'good' | 'too loud';

const STEPS: [above_dbfs: number, Loudness][] = [
  [-3, 'too loud'],
  [-40, 'good'],
  [-58, 'quiet'],
];

export function loudness(dbfs: number | null): Loudness {
  return STEPS.find(([above]) => dbfs !== null && dbfs > above)?.[1] ?? 'nothing';
}

export const LOUDNESS_TEXT: Record<Loudness, string> = {
  nothing: 'No sound',
  quiet: 'Quiet',
  good: 'Good',
  'too loud': 'Too loud',
};
