import { expect, test } from 'vitest';
import type { TakeView } from '../host/host';
import { announcementsOf, hasProgressed, titleOfFile } from './text';

function take(id: string, place: 'sending' | 'safe', problem: string | null = null): TakeView {
  return {
    id,
    title: id,
    summary: '',
    link: null,
    recorded_at_us: 0,
    duration_us: 0,
    phase: 'stopped',
    whereabouts:
      place === 'safe' ? { place, size_bytes: 4 } : { place, sent_bytes: 1, size_bytes: 4 },
    whereabouts_text: '',
    transcript: null,
    problem: problem === null ? null : { code: 'unreachable', message: problem, help: '' },
  };
}

test('only what changed is news', () => {
  expect(
    announcementsOf([], [take('a', 'safe')]),
    'a window that opens tells no old stories',
  ).toEqual([]);
  expect(announcementsOf([take('a', 'sending')], [take('a', 'safe')])).toEqual([
    'a: in the library',
  ]);
  expect(announcementsOf([take('a', 'sending')], [take('a', 'sending', 'No way')])).toEqual([
    'a: No way',
  ]);
  expect(
    announcementsOf([take('a', 'sending', 'No way')], [take('a', 'sending', 'No way')]),
  ).toEqual([]);
});

test('file names', () => {
  expect(titleOfFile('C:\\clips\\My demo.v2.mp4')).toBe('My demo.v2');
  expect(titleOfFile('/home/a/b.mp4')).toBe('b');
});

test('a library that takes bytes is there', () => {
  expect(hasProgressed([take('a', 'sending')], [take('a', 'safe')])).toBe(true);
  expect(hasProgressed([take('a', 'sending')], [take('a', 'sending')])).toBe(false);
  expect(hasProgressed([], [take('a', 'safe')]), 'what was sent long ago says nothing').toBe(false);
});
