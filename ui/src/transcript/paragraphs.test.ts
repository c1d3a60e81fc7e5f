import { describe, expect, it } from 'vitest';
import type { ShownCue } from '../api/types';
import { SECOND } from '../time';
import { sections } from './paragraphs';

/** Cues one after the other, two seconds each. */
const said = (...texts: string[]): ShownCue[] =>
  texts.map((text, n) => ({
    start_us: n * 2 * SECOND,
    end_us: (n + 1) * 2 * SECOND,
    text,
    edited: false,
  }));
const chapter = (secs: number, title = 'x') => ({ start_us: secs * SECOND, title });
const shape = (found: ReturnType<typeof sections>) =>
  found.map(({ chapter, paragraphs }) => [
    chapter?.title,
    ...paragraphs.map(({ cues }) => cues.length),
  ]);

describe('paragraphs', () => {
  it('end at a pause after a sentence', () => {
    const cues = said('One.', 'Two', 'three.').map((cue, n) =>
      n === 0 ? cue : { ...cue, start_us: cue.start_us + 3 * SECOND },
    );
    expect(shape(sections(cues, []))).toEqual([[undefined, 1, 2]]);
  });

  it('do not end within a sentence, however long the pause', () => {
    const cues = said('Well,', 'so.').map((cue, n) =>
      n === 0 ? cue : { ...cue, start_us: 30 * SECOND },
    );
    expect(shape(sections(cues, []))).toEqual([[undefined, 2]]);
  });

  it('end when they are long, with a sentence; and somewhere, if there are none', () => {
    const sentence = `${'word '.repeat(20)}end.`;
    const [first] = sections(said(...Array<string>(12).fill(sentence)), [])[0]?.paragraphs ?? [];
    expect(first?.cues.length).toBe(4);
    const endless =
      sections(said(...Array<string>(40).fill('word '.repeat(20))), [])[0]?.paragraphs ?? [];
    for (const { cues } of endless)
      expect(cues.reduce((n, { text }) => n + text.length, 0)).toBeLessThanOrEqual(800);
  });

  it('begin where the speaker goes on to another topic', () => {
    const long = `${'word '.repeat(20)}end.`;
    const talk = said('Hello.', 'First, the upload.', long, 'So second, the export.', long);
    expect(shape(sections(talk, []))).toEqual([[undefined, 1, 2, 2]]);
    const quarter = said('Hello.', 'First quarter, second half.', 'Seconds later it was there.');
    expect(shape(sections(quarter, [])), 'what only sounds like it').toEqual([[undefined, 3]]);
  });

  it('wait for a topic that begins soon', () => {
    const sentence = `${'word '.repeat(20)}end.`;
    const five = Array<string>(5).fill(sentence);
    const [section] = sections(said(...five, 'Third, the numbers.', sentence), []);
    expect(section?.paragraphs.map(({ cues }) => cues.length)).toEqual([5, 2]);
  });

  it('say which cue is their first, all over the clip', () => {
    const found = sections(said('a.', 'b.', 'c.', 'd.'), [chapter(4)]);
    expect(found.flatMap(({ paragraphs }) => paragraphs.map(({ first }) => first))).toEqual([0, 2]);
  });
});

describe('sections', () => {
  it('are the chapters with what is said in them', () => {
    expect(shape(sections(said('a', 'b', 'c', 'd'), [chapter(0, 'A'), chapter(4, 'B')]))).toEqual([
      ['A', 2],
      ['B', 2],
    ]);
    expect(
      shape(sections(said('a', 'b'), [chapter(2, 'B')])),
      'what comes before the first has none',
    ).toEqual([
      [undefined, 1],
      ['B', 1],
    ]);
  });

  it('begin with the cue that begins just before the chapter', () => {
    expect(shape(sections(said('a', 'b'), [chapter(2.4, 'B')]))).toEqual([
      [undefined, 1],
      ['B', 1],
    ]);
  });

  it('keep chapters in which nothing is said', () => {
    expect(
      shape(sections(said('a'), [chapter(0, 'A'), chapter(1, 'B'), chapter(60, 'C')])),
    ).toEqual([['A', 1], ['B'], ['C']]);
    expect(sections([], [])).toEqual([]);
  });
});
