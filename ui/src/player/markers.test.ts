import { expect, test } from 'vitest';
import type { Reply } from '../api/types';
import { SECOND } from '../time';
import { markers } from './markers';

const reply = (secs: number | null, parent: string | null = null): Reply => ({
  id: `${secs}`,
  parent,
  name: 'Ada',
  member: false,
  body: '',
  body_html: '',
  at_us: secs === null ? null : secs * SECOND,
  created_at_us: 0,
  edited_at_us: null,
  mine: false,
});

const at = (...secs: (number | null)[]) =>
  markers(
    secs.map((s) => reply(s)),
    100 * SECOND,
    1000,
  ).map((m) => m.replies.map((r) => Number(r.id)));

test('near ones stand as one, in order of time', () => {
  expect(at(50, 10, 11, 90)).toEqual([[10, 11], [50], [90]]);
  expect(at(10, 11.2), '12 px apart are two').toEqual([[10], [11.2]]);
  expect(at(10, 11, 12, 13), 'a chain of near ones is one').toEqual([[10, 11, 12, 13]]);
});

test('what has no time of its own has no marker', () => {
  expect(at(null)).toEqual([]);
  expect(markers([reply(3, 'parent')], 100 * SECOND, 1000)).toEqual([]);
  expect(markers([reply(3)], 0, 1000), 'nor has anything on a bar without length').toEqual([]);
});

test('a reply past the end stands at the end', () => {
  expect(markers([reply(120)], 100 * SECOND, 1000)[0]?.at_us).toBe(100 * SECOND);
});
