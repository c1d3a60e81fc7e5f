import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LEAVE_MS, Presence } from './presence.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('devices stay open as long as the window has the focus, and a minute longer', () => {
  const presence = new Presence();
  expect(presence.here, 'nobody has come yet').toBe(false);
  presence.come(true);
  vi.advanceTimersByTime(10 * LEAVE_MS);
  expect(presence.here).toBe(true);
  presence.turn();
  vi.advanceTimersByTime(LEAVE_MS - 1);
  expect(presence.here).toBe(true);
  vi.advanceTimersByTime(1);
  expect(presence.here).toBe(false);
});

test('a window that is shown without the focus closes them after a minute', () => {
  const presence = new Presence();
  presence.come(false);
  vi.advanceTimersByTime(LEAVE_MS / 2);
  presence.come(false);
  vi.advanceTimersByTime(LEAVE_MS - 1);
  expect(presence.here, 'a pointer over it counts anew').toBe(true);
  vi.advanceTimersByTime(1);
  expect(presence.here).toBe(false);
});

test('a page that is left closes them at once', () => {
  const presence = new Presence();
  presence.come(true);
  presence.leave();
  expect(presence.here).toBe(false);
});
