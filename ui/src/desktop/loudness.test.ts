import { expect, test } from 'vitest';
import { loudness, percent } from './loudness';

test('the meter stands between nothing and full', () => {
  for (const [dbfs, stands] of [
    [null, 0],
    [-120, 0],
    [-60, 0],
    [-30, 50],
    [0, 100],
    [3, 100],
  ] as const) {
    expect(percent(dbfs), String(dbfs)).toBe(stands);
  }
});

test('its word follows', () => {
  expect([null, -80, -50, -20, -1].map(loudness)).toEqual([
    'nothing',
    'nothing',
    'quiet',
    'good',
    'too loud',
  ]);
});
