import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Silence } from './silence.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('five seconds without a sound are silence, and the next sound ends it', () => {
  const silence = new Silence();
  silence.begin();
  silence.hear(-20);
  vi.advanceTimersByTime(4_000);
  silence.hear(-75);
  silence.hear(null);
  expect(silence.silent).toBe(false);
  vi.advanceTimersByTime(1_000);
  expect(silence.silent).toBe(true);
  silence.hear(-30);
  expect(silence.silent).toBe(false);
});

test('a microphone that is not open is not silent', () => {
  const silence = new Silence();
  silence.hear(-80);
  vi.advanceTimersByTime(60_000);
  expect(silence.silent).toBe(false);
  silence.begin();
  silence.end();
  vi.advanceTimersByTime(60_000);
  expect(silence.silent).toBe(false);
});
