import { describe, expect, it } from 'vitest';
import type { ShownCue } from '../api/types';
import { SECOND } from '../time';
import { difference, isWorthShowing, stillCandidates, SKETCH } from './stills';
import { sections } from '../transcript/paragraphs';

const said = (...starts_s: number[]): ShownCue[] =>
  starts_s.map((s) => ({
    start_us: s * SECOND,
    end_us: (s + 1) * SECOND,
    text: 'So.',
    edited: false,
  }));
const chapter = (s: number) => ({ start_us: s * SECOND, title: 'x' });

describe('the candidates', () => {
  const at = (starts: number[], chapters: number[], duration_s = 600) =>
    stillCandidates(sections(said(...starts), chapters.map(chapter)), duration_s * SECOND).map(
      (m) => m.paragraph_us / SECOND,
    );

  it('are the beginning, the chapters, and a paragraph every now and then', () => {
    expect(at([0, 10, 20, 50, 60, 100], [])).toEqual([0, 50, 100]);
    expect(at([0, 10, 20, 50, 60, 100], [0, 20])).toEqual([0, 20, 100]);
  });

  it('are never too many', () => {
    const hours = Array.from({ length: 2000 }, (_, n) => n * 20);
    expect(at(hours, [], 40_000).length).toBeLessThanOrEqual(121);
  });

  it('lie within the clip', () => {
    const [only] = stillCandidates(sections(said(0), []), SECOND / 2);
    expect(only?.at_us).toBe(SECOND * 0.4);
  });
});

describe('a picture', () => {
  const plain = (grey: number) =>
    new Uint8ClampedArray(SKETCH.width * SKETCH.height * 4).fill(grey);
  const spotted = (share: number) =>
    plain(100).fill(200, 0, Math.round(SKETCH.width * SKETCH.height * share) * 4);
  const moment = { paragraph_us: 0, at_us: 0, chapter: false };

  it('is compared by what can be seen', () => {
    expect(difference(plain(100), plain(100))).toBe(0);
    expect(difference(plain(100), plain(112)), 'noise').toBe(0);
    expect(difference(plain(100), plain(200))).toBe(1);
    expect(difference(plain(100), spotted(0.25))).toBeCloseTo(0.25);
  });

  it('is worth seeing if it changed, at a chapter if it changed at all', () => {
    expect(isWorthShowing(moment, plain(100), undefined)).toBe(true);
    expect(isWorthShowing(moment, spotted(0.05), plain(100)), 'a bubble moved').toBe(false);
    expect(isWorthShowing(moment, spotted(0.3), plain(100))).toBe(true);
    expect(isWorthShowing({ ...moment, chapter: true }, spotted(0.05), plain(100))).toBe(true);
    expect(isWorthShowing({ ...moment, chapter: true }, plain(101), plain(100))).toBe(false);
  });
});
