import { expect, test } from 'vitest';
import { findBinding, BINDINGS } from './keys';

test('no key does two things', () => {
  const keys = BINDINGS.flatMap((b) => b.keys);
  expect(new Set(keys).size).toBe(keys.length);
});

test('shift tells next from before, caps lock does not', () => {
  expect(findBinding('n', false)?.label).toBe('To the next reply');
  expect(findBinding('N', true)?.label).toBe('To the reply before');
  expect(findBinding('N', false)?.label, 'caps lock').toBe('To the next reply');
  expect(findBinding('n', true)?.label, 'caps lock and shift').toBe('To the reply before');
  expect(findBinding('K', false)?.label).toBe('Play or pause');
  expect(findBinding('?', true)?.label).toBe('This help');
  expect(findBinding('x', false)).toBeUndefined();
});
