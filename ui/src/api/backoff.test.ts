import { expect, test } from 'vitest';
import { Backoff } from './backoff';

test('delays grow, the last one repeats, and a success begins anew', () => {
  const backoff = new Backoff([1, 2, 5]);
  expect([1, 2, 3, 4].map(() => backoff.next())).toEqual([1, 2, 5, 5]);
  backoff.reset();
  expect([backoff.next(), backoff.next()]).toEqual([1, 2]);
});
