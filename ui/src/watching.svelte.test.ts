import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SECOND } from './time';
import { noteWatching, watchedTo, type Watchable, type Watched } from './watching';

const BEGUN: Watchable = {
  started: true,
  ended: false,
  at_us: 5 * SECOND,
  duration_us: 100 * SECOND,
  replies: 0,
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Watches what `now` says, and collects what is sent. */
function watching(now: { is: Watchable }, goOn = true) {
  const sent: Watched[] = [];
  const stop = noteWatching(
    () => now.is,
    (watched) => {
      sent.push(watched);
      return Promise.resolve(goOn);
    },
  );
  return { sent, stop };
}

test('the end is reached a little before it', () => {
  expect(watchedTo({ ...BEGUN, started: false })).toEqual({ finished: false });
  expect(watchedTo(BEGUN)).toEqual({ position_us: 5 * SECOND, finished: false });
  expect(watchedTo({ ...BEGUN, at_us: 96 * SECOND }).finished).toBe(true);
  expect(watchedTo({ ...BEGUN, ended: true }).finished).toBe(true);
});

test('it is told at once, then seldom, and only when something changes', async () => {
  const now = { is: { ...BEGUN, started: false } };
  const { sent, stop } = watching(now);
  expect(sent).toEqual([{ finished: false }]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent, 'nothing has changed').toHaveLength(1);
  for (let second = 1; second <= 30; second += 1) {
    now.is = { ...BEGUN, at_us: second * SECOND };
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(sent).toHaveLength(4);
  now.is = { ...now.is, replies: 1 };
  await vi.advanceTimersByTimeAsync(10_000);
  expect(sent, 'a reply that came is read as well').toHaveLength(5);
  now.is = { ...now.is, at_us: 50 * SECOND };
  stop();
  expect(sent.at(-1)).toEqual({ position_us: 50 * SECOND, finished: false });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent).toHaveLength(6);
});

test('a library that does not want to know is not asked again', async () => {
  const now = { is: BEGUN };
  const { sent } = watching(now, false);
  await vi.advanceTimersByTimeAsync(0);
  now.is = { ...BEGUN, at_us: 20 * SECOND };
  await vi.advanceTimersByTimeAsync(30_000);
  expect(sent).toHaveLength(1);
});
