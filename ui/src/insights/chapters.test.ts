import { expect, test } from 'vitest';
import { segments } from './chapters';

const chapters = [
  { start_us: 10, title: 'A' },
  { start_us: 40, title: 'B' },
  { start_us: 90, title: 'C' },
];

test('segments fill the bar', () => {
  expect(segments(chapters, 100)).toEqual([
    { start_us: 0, end_us: 10, title: undefined },
    { start_us: 10, end_us: 40, title: 'A' },
    { start_us: 40, end_us: 90, title: 'B' },
    { start_us: 90, end_us: 100, title: 'C' },
  ]);
  expect(segments([{ start_us: 0, title: 'All' }], 100)).toEqual([
    { start_us: 0, end_us: 100, title: 'All' },
  ]);
});

test('what is past the end has no segment, and no segment is empty', () => {
  expect(segments(chapters, 40).map(({ title }) => title)).toEqual([undefined, 'A']);
  expect(segments([...chapters.slice(0, 1), ...chapters.slice(0, 1)], 100)).toHaveLength(2);
  expect(segments([], 100)).toEqual([]);
  expect(segments(chapters, 0)).toEqual([]);
});
