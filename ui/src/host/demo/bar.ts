// States of the floating bar, and the keys that work in any program.
import type { BarHost, BarView, ShortcutView } from '../host';
import { LINK } from './takes';

const RUNNING = {
  state: 'running',
  paused: false,
  finishing: false,
  duration_us: 83_000_000,
  level: 4,
  sent_percent: 92,
  warnings: [],
} as const;

export const BAR_STATES: Record<string, BarView> = {
  countdown: { state: 'countdown', seconds: 3 },
  recording: { ...RUNNING, warnings: [] },
  paused: { ...RUNNING, paused: true, level: 0, warnings: [] },
  silent: {
    ...RUNNING,
    level: 0,
    warnings: [{ warning: 'silent', text: 'We can’t hear you: is the microphone muted?' }],
  },
  saved: { state: 'saved', copied: true },
  discarded: { state: 'discarded' },
  failed: { state: 'failed', text: 'The disk is full. Free some space and try again.' },
};

export const SHORTCUTS: readonly ShortcutView[] = [
  { action: 'record', keys: 'Ctrl+Shift+R', usual: 'Ctrl+Shift+R', problem: null },
  {
    action: 'pause',
    keys: 'Ctrl+Shift+P',
    usual: 'Ctrl+Shift+P',
    problem: 'Ctrl+Shift+P is used by another program.',
  },
  { action: 'restart', keys: null, usual: null, problem: null },
  { action: 'discard', keys: null, usual: null, problem: null },
];

/** A shell whose bar is in this state for ever. */
export function demoBar(state: string): BarHost {
  const nothing = () => Promise.resolve();
  return {
    bar: () => Promise.resolve(BAR_STATES[state] ?? null),
    sizeBar: nothing,
    dragBar: nothing,
    barMoved: nothing,
    dismissBar: nothing,
    pause: nothing,
    resume: nothing,
    stop: () => Promise.resolve(LINK),
    cancel: nothing,
    discard: nothing,
    undoDiscard: () => Promise.resolve('take'),
    restart: nothing,
    on: () => Promise.resolve(() => undefined),
  };
}
