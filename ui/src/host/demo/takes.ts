// The takes of the demos, and a running one.
import type { Problem } from '../../api/types';
import { type Micros, SECOND, type UtcMicros } from '../../time';
import type { Phase, RecordingView, TakeView, Whereabouts } from '../host';

export const MEGABYTE = 1_000_000;
export const MINUTE: Micros = 60 * SECOND;
export const HOUR: Micros = 60 * MINUTE;
/** Demos stand still, so that pictures of them can be compared. */
export const NOW: UtcMicros = Date.UTC(2026, 4, 20, 9, 30) * 1000;
/** The link of the clip of this number. */
export const linkOf = (n: number) => `http://127.0.0.1:8455/c/key-${n}`;
export const LINK = 'http://127.0.0.1:8455/c/2vL0wqXnRrW3mJcYtB7uSg';

export const LONG =
  'How the scheduler decides which of the seventeen queues goes first, why that surprised everybody on Thursday, and what we could do instead_without_breaking_the_contract_that_all_of_the_older_clients_rely_on';
export const SUMMARY = `Three things changed:\n\n1. **Offsets** are asked for, never assumed\n2. Retries wait with jitter\n3. The list says where the bytes are`;

export const here = (size_bytes: number): Whereabouts => ({
  place: 'on_this_computer',
  size_bytes,
});
export const sending = (sent_bytes: number, size_bytes: number): Whereabouts => ({
  place: 'sending',
  sent_bytes,
  size_bytes,
});
export const safe = (size_bytes: number): Whereabouts => ({ place: 'safe', size_bytes });

export const at = (whereabouts: Whereabouts) => ({
  whereabouts,
  whereabouts_text: whereaboutsText(whereabouts),
});

function whereaboutsText(whereabouts: Whereabouts): string {
  switch (whereabouts.place) {
    case 'on_this_computer':
      return 'not uploaded yet';
    case 'sending':
      return `uploading ${Math.floor((100 * whereabouts.sent_bytes) / whereabouts.size_bytes)} %`;
    case 'safe':
      return 'in the library';
  }
}

export function take(
  id: string,
  title: string,
  whereabouts: Whereabouts,
  more: Partial<TakeView> = {},
): TakeView {
  return {
    id,
    title,
    summary: SUMMARY,
    link: LINK,
    recorded_at_us: NOW - 2 * HOUR,
    duration_us: 4 * MINUTE + 12 * SECOND,
    phase: 'stopped',
    whereabouts,
    whereabouts_text: whereaboutsText(whereabouts),
    problem: null,
    transcript: null,
    ...more,
  };
}

export const OLD_TAKES = [
  take('take-2', 'Resumable uploads, walked through', safe(31 * MEGABYTE)),
  take('take-3', 'Bug: the caret jumps when a reply arrives', safe(9 * MEGABYTE), {
    recorded_at_us: NOW - 26 * HOUR,
    duration_us: 48 * SECOND,
  }),
];

export const RUNNING = 'take-9';
export const running = (phase: Phase, title = 'Release 0.4: what changes for you'): TakeView =>
  take(RUNNING, title, sending(11 * MEGABYTE, 12 * MEGABYTE), {
    recorded_at_us: NOW,
    duration_us: MINUTE + 23 * SECOND,
    phase,
  });

export const view = (phase: Phase, more: Partial<RecordingView> = {}): RecordingView => ({
  take: RUNNING,
  phase,
  countdown_s: phase === 'countdown' ? 3 : 0,
  duration_us: phase === 'countdown' ? 0 : MINUTE + 23 * SECOND,
  link: LINK,
  level_dbfs: -21,
  warnings: [],
  transcript: { state: 'listening', cues: 7 },
  ...more,
});

export const stopped = (take: TakeView): TakeView => ({ ...take, phase: 'stopped' });

export const UNREACHED: Problem = {
  code: 'unreachable',
  message: 'The library at clips.example.org could not be reached.',
  help: 'Check the address and the network; nothing is lost meanwhile.',
};
