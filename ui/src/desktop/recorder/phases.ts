import type { Phase } from '../../host/host';

/** What a take is doing, in a word or two. */
export const PHASE_TEXT: Record<Phase, string> = {
  countdown: 'Starting',
  recording: 'Recording',
  paused: 'Paused',
  finishing: 'Saving',
  stopped: 'Stopped',
};
