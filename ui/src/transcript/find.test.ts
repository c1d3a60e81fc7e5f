import { describe, expect, it } from 'vitest';
import type { ShownCue } from '../api/types';
import { TranscriptIndex, nearestMatch, nextMatch } from './find';

const cues = (...texts: string[]): ShownCue[] =>
  texts.map((text, n) => ({ start_us: n, end_us: n + 1, text, edited: false }));
/** What is found, as it is said. */
function found(query: string, ...texts: string[]) {
  return new TranscriptIndex(cues(...texts)).find(query).map(({ from, to }) => {
    if (from.cue === to.cue) return texts[from.cue]?.slice(from.offset, to.offset);
    return `${texts[from.cue]?.slice(from.offset)}|${texts[to.cue]?.slice(0, to.offset)}`;
  });
}

describe('search in what was said', () => {
  it('finds whatever the case and the accents', () => {
    expect(found('CAFE', 'The café, the Cafe\u0301.')).toEqual(['café', 'Cafe']);
    expect(found('straße', 'Auf der Straße')).toEqual(['Straße']);
    expect(found('ﬁne', 'fine')).toEqual(['fine']);
  });

  it('finds what runs from one cue into the next', () => {
    expect(found('the contract', 'We broke the', 'contract on Thursday')).toEqual(['the|contract']);
  });

  it('takes white space as one space', () => {
    expect(found('  a   b ', 'x a \n b')).toEqual(['a \n b']);
    expect(found('   ', 'a b')).toEqual([]);
  });

  it('finds each place once, in order', () => {
    expect(found('aa', 'aaaa aa')).toEqual(['aa', 'aa', 'aa']);
    expect(found('nothing', 'a', 'b')).toEqual([]);
  });

  it('reads the whole of a long talk at once', () => {
    const index = new TranscriptIndex(
      cues(...Array<string>(2000).fill('so what we are going to do about the queue')),
    );
    expect(index.find('queue so')).toHaveLength(1999);
  });
});

describe('the way through the matches', () => {
  const matches = new TranscriptIndex(cues('a', 'x', 'a', 'x', 'a')).find('a');

  it('goes round the ends', () => {
    expect([nextMatch(matches, 0, 1), nextMatch(matches, 2, 1), nextMatch(matches, 0, -1)]).toEqual(
      [1, 0, 2],
    );
    expect(nextMatch([], 0, 1)).toBe(-1);
  });

  it('begins where the reader is', () => {
    expect([0, 1, 2, 3, 4].map((cue) => nearestMatch(matches, cue))).toEqual([0, 1, 1, 2, 2]);
    expect(nearestMatch(matches, 9), 'behind the last it begins anew').toBe(0);
    expect(nearestMatch([], 0)).toBe(-1);
  });
});
