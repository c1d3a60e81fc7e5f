import { expect, test } from 'vitest';
import { Taps } from './taps';

test('two taps at a side go back or on, and more go further', () => {
  const taps = new Taps();
  expect([0, 200, 400].map((at_ms) => taps.tap(0.1, at_ms, true))).toEqual([
    'show',
    'back',
    'back',
  ]);
  expect([taps.tap(0.9, 600, false), taps.tap(0.95, 800, false)]).toEqual(['show', 'forward']);
});

test('slow taps, and taps on different sides, go nowhere', () => {
  const taps = new Taps();
  expect([taps.tap(0.1, 0, false), taps.tap(0.1, 400, false)]).toEqual(['show', 'show']);
  expect(taps.tap(0.9, 500, false)).toBe('show');
});

test('in the middle a tap shows hidden controls, and else pauses', () => {
  const taps = new Taps();
  expect([taps.tap(0.5, 0, true), taps.tap(0.5, 100, false)]).toEqual(['show', 'toggle']);
});
