import { describe, expect, it } from 'vitest';
import { startOf } from './island';

describe('the moment in a link', () => {
  it.each([
    ['?t=83', '', 83_000_000],
    ['?t=83.2', '', 83_200_000],
    ['', '#t=5', 5_000_000],
    ['', '', undefined],
    ['?t=', '', undefined],
    ['?t=-1', '', undefined],
    ['?t=soon', '', undefined],
  ])('%s%s', (search, hash, at_us) => {
    expect(startOf({ search, hash })).toBe(at_us);
  });
});
