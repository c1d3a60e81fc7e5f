import { describe, expect, it } from 'vitest';
import type { ShownCue } from '../api/types';
import { captionsOf, indexAt, timeOf, wordsOf } from './cues';

const cue = (
  start_us: number,
  end_us: number,
  text: string,
  word_starts_us: number[] = [],
): ShownCue => ({
  start_us,
  end_us,
  text,
  edited: false,
  word_starts_us,
});

describe('words', () => {
  it('begin when the model says', () => {
    expect(wordsOf(cue(0, 30, 'one two three', [0, 7, 20])).map((w) => w.start_us)).toEqual([
      0, 7, 20,
    ]);
  });

  it('are spread over the cue by their length if the model says nothing, or not of all', () => {
    const even = cue(100, 200, 'aaaa bbbbb');
    expect(wordsOf(even).map((w) => w.start_us)).toEqual([100, 150]);
    expect(
      wordsOf({ ...even, word_starts_us: [100] }).map((w) => w.start_us),
      'edited: one word became two',
    ).toEqual([100, 150]);
  });

  it('are found by their place in the text', () => {
    const said = cue(0, 30, 'one two three', [0, 7, 20]);
    expect([0, 3, 4, 6, 8, 99].map((offset) => timeOf(said, offset))).toEqual([0, 0, 7, 7, 20, 20]);
    expect(timeOf(cue(5, 9, '  late', [6]), 0), 'before the first word').toBe(5);
  });
});

describe('the cue of a moment', () => {
  const cues = [cue(10, 20, 'a'), cue(20, 30, 'b'), cue(50, 60, 'c')];

  it('is the last that was begun', () => {
    expect([0, 9, 10, 19, 20, 40, 50, 1000].map((at) => indexAt(cues, at))).toEqual([
      -1, -1, 0, 0, 1, 1, 2, 2,
    ]);
    expect(indexAt([], 5)).toBe(-1);
  });
});

describe('captions', () => {
  const long =
    'The scheduler decides which of the seventeen queues goes first, and that surprised everybody on Thursday, ' +
    'since nobody had looked at the contract that the older clients rely on.';

  it('have two lines at most, none of them too long, and say all of the cue', () => {
    const captions = captionsOf(cue(0, 12_000_000, long));
    expect(captions.length).toBeGreaterThan(1);
    expect(captions.map(({ lines }) => lines.join(' ')).join(' ')).toBe(long);
    for (const { lines } of captions) {
      expect(lines.length).toBeLessThanOrEqual(2);
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(48);
    }
  });

  it('follow each other without a gap, from the beginning of the cue to its end', () => {
    const captions = captionsOf(cue(5, 12_000_000, long));
    expect(captions[0]?.start_us).toBe(5);
    expect(captions.at(-1)?.end_us).toBe(12_000_000);
    for (const [n, { end_us }] of captions.entries()) {
      if (n + 1 < captions.length) expect(captions[n + 1]?.start_us).toBe(end_us);
    }
  });

  it('leave a short cue as it is', () => {
    expect(captionsOf(cue(0, 9, 'Hello there.'))).toEqual([
      { start_us: 0, end_us: 9, lines: ['Hello there.'] },
    ]);
    expect(captionsOf(cue(0, 9, 'x'.repeat(300))), 'one endless word stays one').toHaveLength(1);
  });
});
