import { expect, test } from 'vitest';
import {
  ago,
  clock,
  clockRange,
  parseClock,
  SECOND,
  spokenDuration,
  toMicros,
  toSeconds,
} from './time';

test('moments read as a person says them', () => {
  for (const [secs, text] of [
    [0, '0:00'],
    [3.9, '0:03'],
    [83, '1:23'],
    [3723, '1:02:03'],
  ] as const) {
    expect(clock(secs * SECOND)).toBe(text);
  }
  expect([clockRange(62 * SECOND), clockRange(62 * SECOND, 70 * SECOND)]).toEqual([
    '1:02',
    '1:02–1:10',
  ]);
  expect(spokenDuration(83 * SECOND)).toBe('1 minute 23 seconds');
  expect(spokenDuration(0)).toBe('0 seconds');
  expect(spokenDuration(3601 * SECOND)).toBe('1 hour 1 second');
});

test('what a person types is read, and nothing else', () => {
  for (const [text, secs] of [
    ['83', 83],
    [' 1:23 ', 83],
    ['1:02:03', 3723],
  ] as const) {
    expect(parseClock(text), text).toBe(secs * SECOND);
  }
  for (const text of ['', ':', '1:', '1:5', '1:75', '-1', '1:2:3:4', '1.5', '٣', '12345']) {
    expect(parseClock(text), text).toBeUndefined();
  }
});

test('seconds of a media element survive the way there and back', () => {
  for (const secs of [0, 0.1, 83.333333, 7200.000001])
    expect(toSeconds(toMicros(secs))).toBeCloseTo(secs, 6);
  for (const secs of [NaN, Infinity, -1]) expect(toMicros(secs)).toBe(0);
});

test('how long ago', () => {
  const now = new Date('2026-03-02T12:00:00Z');
  const at = (text: string) => ago(new Date(text).getTime() * 1000, now, 'en-GB');
  expect(at('2026-03-02T11:59:30Z')).toBe('just now');
  expect(at('2026-03-02T11:55:00Z')).toBe('5 minutes ago');
  expect(at('2026-03-02T09:00:00Z')).toBe('3 hours ago');
  expect(at('2026-03-01T11:00:00Z')).toBe('yesterday');
  expect(at('2026-02-01T12:00:00Z')).toBe('1 Feb 2026');
});
