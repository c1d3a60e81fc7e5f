import { expect, test } from 'vitest';
import type { MemberClip } from '../api/types';
import { append, isUnread, put, watchedShare, withProgress } from './clips';

const clip = (n: number, title = '') => ({ id: String(n), recorded_at_us: n, title }) as MemberClip;
const ids = (clips: readonly MemberClip[]) => clips.map(({ id }) => id).join('');

test('a clip takes its place, and keeps it', () => {
  expect(ids(put([clip(3), clip(1)], clip(2)))).toBe('321');
  const renamed = put([clip(3), clip(1)], clip(1, 'new'));
  expect([ids(renamed), renamed[1]?.title]).toEqual(['31', 'new']);
});

test('pages that overlap show no clip twice', () => {
  expect(ids(append([clip(3), clip(2)], { clips: [clip(2), clip(1)] }))).toBe('321');
});

const told = (more: Partial<MemberClip>) =>
  ({ ...clip(1), replies: 0, mine: false, duration_us: 100, repliers: [], ...more }) as MemberClip;
const seen = (more = {}) => ({
  position_us: 0,
  finished: false,
  unopened: false,
  new_replies: 0,
  ...more,
});

test('an event leaves what was watched as it was, and counts what others wrote', () => {
  const before = told({ replies: 2, progress: seen({ position_us: 40 }) });
  const by = (name: string, member = true) => told({ replies: 3, repliers: [{ name, member }] });
  expect(withProgress(by('Bob'), before, 'Ada').progress).toEqual(
    seen({ position_us: 40, new_replies: 1 }),
  );
  expect(withProgress(by('Ada'), before, 'Ada').progress?.new_replies).toBe(0);
  expect(withProgress(by('Ada', false), before, 'Ada').progress?.new_replies).toBe(1);
  const answered = told({ progress: seen({ new_replies: 7 }) });
  expect(withProgress(answered, before, 'Ada'), 'the library knows better').toBe(answered);
});

test('what is unread, and how much was watched', () => {
  expect(isUnread(told({}))).toBe(false);
  expect(isUnread(told({ progress: seen({ unopened: true }) }))).toBe(true);
  expect(isUnread(told({ progress: seen({ new_replies: 1 }) }))).toBe(true);
  expect(watchedShare(told({ progress: seen({ position_us: 25 }) }))).toBe(0.25);
  expect(watchedShare(told({ progress: seen({ position_us: 25, finished: true }) }))).toBe(1);
  expect(watchedShare(told({ duration_us: 0, progress: seen({ position_us: 25 }) }))).toBe(0);
});
