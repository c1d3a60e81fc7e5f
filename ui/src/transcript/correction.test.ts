import { expect, test } from 'vitest';
import type { ShownCue } from '../api/types';
import { assignToCues, type Correction } from './correction';

const cue = (start_us: number, end_us: number): ShownCue => ({
  start_us,
  end_us,
  text: 'x',
  edited: false,
});
const correction = (start_us: number, end_us: number, text = 'new'): Correction => ({
  start_us,
  end_us,
  was: 'old',
  text,
});
const where = (corrections: Correction[], cues: ShownCue[]) =>
  [...assignToCues(corrections, cues)].map(([n, found]) => [n, ...found.map(({ text }) => text)]);

test('a correction stands at its cue', () => {
  expect(where([correction(10, 20)], [cue(0, 10), cue(10, 20), cue(20, 30)])).toEqual([[1, 'new']]);
});

test('after the clip was heard anew it goes to where it is said now', () => {
  expect(where([correction(10, 20)], [cue(0, 11), cue(11, 30)])).toEqual([[1, 'new']]);
  expect(where([correction(10, 20)], [cue(0, 5), cue(60, 70)]), 'else to what is nearest').toEqual([
    [0, 'new'],
  ]);
});

test('two that meet at one cue stand together, in order', () => {
  expect(where([correction(20, 30, 'b'), correction(10, 20, 'a')], [cue(5, 35)])).toEqual([
    [0, 'a', 'b'],
  ]);
});

test('while there are no cues it waits', () => {
  expect(where([correction(10, 20)], [])).toEqual([]);
});
