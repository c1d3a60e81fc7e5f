import { expect, test } from 'vitest';
import type { MemberClip } from '../api/types';
import { append, put } from './clips';

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
