import { beforeEach, expect, test, vi } from 'vitest';
import { Announcer } from '../../announcer.svelte';
import type { Problem } from '../../api/types';
import type {
  Ended,
  Host,
  HostEvents,
  Phase,
  Plan,
  RecordingView,
  TakeView,
} from '../../host/host';
import { Recorder } from './recorder.svelte';

const PLAN: Plan = {
  sources: { screen: 'default', camera: 'off', microphone: 'off' },
  countdown_s: 0,
  title: '',
  summary: '',
  live: false,
  target: { target: 'display' },
  exclude_own_windows: false,
  fps_max: 30,
};
const VIEW: RecordingView = {
  take: 'take-1',
  phase: 'recording',
  countdown_s: 0,
  duration_us: 0,
  link: null,
  level_dbfs: null,
  warnings: [],
  transcript: { state: 'off' },
};
const LINK = 'http://127.0.0.1:8455/c/key';
const ENDED: Ended = {
  take: 'take-1',
  link: LINK,
  copied: false,
  kept: true,
  discarded: false,
  problem: null,
};
const REFUSAL: Problem = { code: 'source_unavailable', message: 'No screen', help: '' };

let tell: <K extends keyof HostEvents>(event: K, told: HostEvents[K]) => void;
let host: {
  record: () => Promise<void>;
  stop: () => Promise<string | null>;
  undoDiscard: () => Promise<string>;
};
let announcer: Announcer;
let recorder: Recorder;

beforeEach(async () => {
  const ears = new Map<string, (told: never) => void>();
  tell = (event, told) => ears.get(event)?.(told as never);
  host = {
    record: () => Promise.resolve(),
    stop: () => Promise.resolve(LINK),
    undoDiscard: () => Promise.resolve('take-1'),
  };
  const on = (event: string, hear: (told: never) => void) => {
    ears.set(event, hear);
    return Promise.resolve(() => undefined);
  };
  announcer = new Announcer();
  recorder = new Recorder(
    {
      on,
      record: () => host.record(),
      stop: () => host.stop(),
      undoDiscard: () => host.undoDiscard(),
    } as unknown as Host,
    announcer,
  );
  await recorder.open();
});

test('between pressing record and the first news of the take nobody can choose', async () => {
  expect(await recorder.record(PLAN, Promise.resolve())).toBe(true);
  expect(recorder.stage.name, 'the answer may come before the news').toBe('starting');
  tell('recording', VIEW);
  expect(recorder.stage).toEqual({ name: 'running', view: VIEW });
  expect(announcer.text).toBe('Recording');
});

test('a take that cannot begin says why, and one can choose again', async () => {
  host.record = vi.fn().mockRejectedValue(REFUSAL);
  expect(await recorder.record(PLAN, Promise.resolve())).toBe(false);
  expect([recorder.stage.name, recorder.problem]).toEqual(['choosing', REFUSAL]);
});

test.each([
  ['the end is told first', ['ended', 'stopped']],
  ['the link is copied first', ['stopped', 'ended']],
])('the link counts as copied: %s', async (_, order) => {
  await recorder.record(PLAN, Promise.resolve());
  tell('recording', VIEW);
  for (const step of order) {
    if (step === 'stopped') await recorder.stop();
    else tell('ended', ENDED);
  }
  expect(recorder.stage).toMatchObject({ name: 'done', link: LINK, copied: true });
});

test('a take that was stopped elsewhere counts as copied if the shell says so', () => {
  tell('recording', VIEW);
  tell('ended', { ...ENDED, copied: true });
  expect(recorder.stage).toMatchObject({ name: 'done', copied: true });
});

test('a take that ended by itself, or whose link could not be copied, claims no copy', async () => {
  tell('recording', VIEW);
  host.stop = vi.fn().mockRejectedValue({ ...REFUSAL, message: 'No clipboard' });
  await recorder.stop();
  tell('ended', ENDED);
  expect(recorder.stage).toMatchObject({ name: 'done', copied: false });
  expect(recorder.problem?.message).toBe('No clipboard');
});

test('a discarded take leaves the choice, and can be had back for ten seconds', async () => {
  vi.useFakeTimers();
  const undo = vi.fn(() => Promise.resolve('take-1'));
  host.undoDiscard = undo;
  tell('recording', VIEW);
  tell('ended', { ...ENDED, kept: false, discarded: true });
  tell('recording', null);
  expect([recorder.stage.name, recorder.problem, recorder.discarded]).toEqual([
    'choosing',
    undefined,
    'take-1',
  ]);
  await recorder.undoDiscard();
  expect(undo).toHaveBeenCalledOnce();
  expect([recorder.discarded, recorder.stage]).toMatchObject([undefined, { take: 'take-1' }]);
  tell('ended', { ...ENDED, kept: false, discarded: true });
  vi.advanceTimersByTime(10_000);
  expect(recorder.discarded, 'after that it is gone').toBeUndefined();
  vi.useRealTimers();
});

test('a discarded take that was had back elsewhere, or was followed by another, is offered no more', () => {
  const discard = () => {
    tell('recording', VIEW);
    tell('ended', { ...ENDED, kept: false, discarded: true });
    tell('recording', null);
  };
  const listed = (id: string, phase: Phase) => ({ id, phase }) as TakeView;
  discard();
  recorder.recheckDiscarded([listed('take-1', 'finishing'), listed('take-0', 'stopped')]);
  expect(recorder.discarded, 'the list was older').toBe('take-1');
  recorder.recheckDiscarded([listed('take-1', 'stopped')]);
  expect(recorder.discarded).toBeUndefined();
  discard();
  tell('recording', { ...VIEW, take: 'take-2', phase: 'countdown' });
  expect(recorder.discarded).toBeUndefined();
});

test('a take that failed offers nothing to undo', () => {
  tell('recording', VIEW);
  tell('ended', { ...ENDED, kept: false, problem: REFUSAL });
  expect([recorder.discarded, recorder.problem]).toEqual([undefined, REFUSAL]);
});

test('a countdown that was cancelled leaves nothing to undo', () => {
  tell('recording', { ...VIEW, phase: 'countdown' });
  tell('ended', { ...ENDED, kept: false });
  expect([recorder.stage.name, recorder.discarded]).toEqual(['choosing', undefined]);
});
