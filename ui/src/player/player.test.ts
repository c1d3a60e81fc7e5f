import { expect, test } from 'vitest';
import { SECOND } from '../time';
import { UNKNOWN } from './facts';
import { hasPlayedOut } from './player.svelte';

test('a clip whose sound ends a moment before its picture ends', () => {
  const waiting = {
    ...UNKNOWN,
    waiting: true,
    paused: false,
    at_us: 25_002_700,
    duration_us: 25_038_600,
  };
  expect(hasPlayedOut(waiting, true)).toBe(true);
  expect(hasPlayedOut(waiting, false), 'more of it may come').toBe(false);
  expect(hasPlayedOut({ ...waiting, waiting: false }, true), 'it plays').toBe(false);
  expect(hasPlayedOut({ ...waiting, ended: true }, true), 'it has ended already').toBe(false);
  expect(hasPlayedOut({ ...waiting, at_us: 24 * SECOND }, true), 'the network is slow').toBe(false);
  expect(
    hasPlayedOut({ ...waiting, at_us: 0, duration_us: 200_000 }, true),
    'it has not begun',
  ).toBe(false);
});
