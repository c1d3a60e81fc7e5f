import { expect, test } from 'vitest';
import type { Pin } from './markers';
import { SECOND } from '../time';
import { currentPin, markers } from './markers';

const pin = (secs: number): Pin => ({ id: `${secs}`, at_us: secs * SECOND });

const at = (...secs: number[]) =>
  markers(secs.map(pin), 100 * SECOND, 1000).map((m) => m.replies.map((r) => Number(r.id)));

test('near ones stand as one, in order of time', () => {
  expect(at(10, 11, 50, 90)).toEqual([[10, 11], [50], [90]]);
  expect(at(10, 12.4), '24 px apart are two').toEqual([[10], [12.4]]);
  expect(at(10, 11, 12, 13, 14, 15), 'a chain is as many clusters as fit').toEqual([
    [10, 11, 12],
    [13, 14, 15],
  ]);
});

test('nothing stands on a bar without length', () => {
  expect(markers([pin(3)], 0, 1000)).toEqual([]);
});

test('replies past the end stand at the end, as one', () => {
  const past = markers([pin(100), pin(100.9)], 100 * SECOND, 8000);
  expect(past.map((m) => m.replies.length)).toEqual([2]);
  expect(markers([pin(120)], 100 * SECOND, 1000)[0]?.at_us).toBe(100 * SECOND);
});

test('the current reply is the last one before, for a while', () => {
  const pins = [pin(10), pin(31), { ...pin(31), id: 'other' }, pin(60)];
  const current = (secs: number, chosen?: string) => currentPin(pins, secs * SECOND, chosen)?.id;
  expect([0, 9.9, 10, 18, 18.1, 60, 90].map((secs) => current(secs))).toEqual([
    undefined,
    undefined,
    '10',
    '10',
    undefined,
    '60',
    undefined,
  ]);
  expect(current(9.97), 'positions of players are not exact').toBe('10');
  expect([current(32), current(32, '31'), current(32, '10')]).toEqual(['other', '31', 'other']);
  const range = { ...pin(10), reply: { anchor: { start_us: 10 * SECOND, end_us: 40 * SECOND } } };
  expect(currentPin([range as Pin], 39 * SECOND)?.id).toBe('10');
});
