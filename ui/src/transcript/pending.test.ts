import { expect, it } from 'vitest';
import type { ClipState } from '../api/types';
import { isPending } from './pending';

const MINUTE_US = 60_000_000;
const clip = (state: ClipState) => ({ state, recorded_at_us: 0, duration_us: 10 * MINUTE_US });
const at = (minutes: number) => new Date(minutes * 60_000);

it.each([
  ['recording', 10_000, true],
  ['arriving', 10_000, true],
  ['ready', 11, true],
  ['ready', 69, true],
  ['ready', 71, false],
  ['interrupted', 69, true],
  ['interrupted', 71, false],
] as const)(
  'words of a clip of ten minutes that is %s after %i minutes come: %s',
  (state, minutes, coming) => {
    expect(isPending(clip(state), { done: false }, at(minutes))).toBe(coming);
    expect(isPending(clip(state), { done: true }, at(minutes)), 'heard to the end').toBe(false);
  },
);
