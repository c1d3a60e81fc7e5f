import { expect, test } from 'vitest';
import { findBinding, BINDINGS } from './keys';

test('no key does two things', () => {
  const keys = BINDINGS.flatMap((b) => b.keys);
  expect(new Set(keys).size).toBe(keys.length);
});

test('shift tells next from before, caps lock does not', () => {
  expect(findBinding('n', false)?.label).toBe('Next reply');
  expect(findBinding('N', true)?.label).toBe('Previous reply');
  expect(findBinding('N', false)?.label, 'caps lock').toBe('Next reply');
  expect(findBinding('n', true)?.label, 'caps lock and shift').toBe('Previous reply');
  expect(findBinding('K', false)?.label).toBe('Play or pause');
  expect(findBinding('?', true)?.label).toBe('Show this help');
  expect(findBinding('x', false)).toBeUndefined();
});
