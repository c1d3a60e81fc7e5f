import { expect, test } from 'vitest';
import { binding, BINDINGS } from './keys';

test('no key does two things', () => {
  const keys = BINDINGS.flatMap((b) => b.keys);
  expect(new Set(keys).size).toBe(keys.length);
});

test('shift tells next from before, caps lock does not', () => {
  expect(binding('n', false)?.words).toBe('To the next reply');
  expect(binding('N', true)?.words).toBe('To the reply before');
  expect(binding('N', false)?.words, 'caps lock').toBe('To the next reply');
  expect(binding('n', true)?.words, 'caps lock and shift').toBe('To the reply before');
  expect(binding('K', false)?.words).toBe('Play or pause');
  expect(binding('?', true)?.words).toBe('This help');
  expect(binding('x', false)).toBeUndefined();
});
