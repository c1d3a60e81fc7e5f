import { expect, test } from 'vitest';
import { hue, initials } from './person';

test('initials are the first letters of the first and the last part of a name', () => {
  expect(initials('Tom Becker')).toBe('TB');
  expect(initials('  ada ')).toBe('A');
  expect(initials('Edsger Wybe Dijkstra')).toBe('ED');
  expect(initials('أمل')).toBe('أ');
  expect(initials('👩‍🚀 Sally')).toBe('👩‍🚀S');
  expect(initials('')).toBe('');
});

test('a name keeps its hue, however it is encoded, and names are spread over all hues', () => {
  expect(hue('Zoë')).toBe(hue('Zoë'.normalize('NFD')));
  const hues = Array.from({ length: 200 }, (_, n) => hue(`Person ${n}`));
  expect(new Set(hues)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7]));
});
