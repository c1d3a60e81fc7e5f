import { expect, test } from 'vitest';
import { chooseSource } from './source';

const both = { hlsJs: true, nativeHls: true };
const native = { hlsJs: false, nativeHls: true };
const neither = { hlsJs: false, nativeHls: false };
const short = { mp4: '/m', hls: '/h', prefers_hls: false };
const long = { ...short, prefers_hls: true };
const growing = { mp4: null, hls: '/h', prefers_hls: false };
const nothing = { mp4: null, hls: null, prefers_hls: false };

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
