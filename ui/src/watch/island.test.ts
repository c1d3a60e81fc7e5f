import { describe, expect, it } from 'vitest';
import { urlFor, asksToRead, startTime } from './island';

describe('the moment in a link', () => {
  it.each([
    ['?t=83', '', 83_000_000],
    ['?t=83.2', '', 83_200_000],
    ['', '#t=5', 5_000_000],
    ['', '', undefined],
    ['?t=', '', undefined],
    ['?t=-1', '', undefined],
    ['?t=soon', '', undefined],
    ['?t=1:32', '', 92_000_000],
    ['?t=1%3A02%3A03', '', 3_723_000_000],
    ['?t=1m32s', '', 92_000_000],
    ['?t=2h', '', 7_200_000_000],
    ['?t=1h05s', '', 3_605_000_000],
    ['?t=90s', '', 90_000_000],
    ['?t=1:99', '', undefined],
    ['?t=s', '', undefined],
    ['?t=5s1m', '', undefined],
    ['', '#t=1:32', 92_000_000],
  ])('%s%s', (search, hash, at_us) => {
    expect(startTime({ search, hash })).toBe(at_us);
  });
});

describe('the way to read a clip', () => {
  const at = { pathname: '/c/key', search: '?t=5', hash: '' };

  it('is part of the address, beside what was there', () => {
    expect(urlFor(true, at)).toBe('/c/key?t=5&view=read');
    expect(urlFor(false, { ...at, search: '?view=read' })).toBe('/c/key');
    expect(asksToRead({ search: '?t=5&view=read' })).toBe(true);
    expect(asksToRead(at)).toBe(false);
  });
});
