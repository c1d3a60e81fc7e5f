import { expect, test } from 'vitest';
import { SECOND } from '../time';
import { chooseSource } from './source';

const both = { hlsJs: true, nativeHls: true };
const native = { hlsJs: false, nativeHls: true };
const neither = { hlsJs: false, nativeHls: false };
const short = { mp4: '/m', hls: '/h', duration_us: 599 * SECOND };
const long = { ...short, duration_us: 600 * SECOND };
const growing = { mp4: null, hls: '/h', duration_us: 10 * SECOND };
const nothing = { mp4: null, hls: null, duration_us: 0 };

test('what is played, by clip and browser', () => {
  for (const [clip, able, kind] of [
    [short, both, 'mp4'],
    [short, neither, 'mp4'],
    [long, both, 'hls'],
    [long, native, 'native-hls'],
    [long, neither, 'mp4'],
    [growing, both, 'hls'],
    [growing, native, 'native-hls'],
    [growing, neither, undefined],
    [nothing, both, undefined],
  ] as const) {
    expect(chooseSource(clip, able)?.kind).toBe(kind);
  }
});
