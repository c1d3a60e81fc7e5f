import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { clip } from '../host/demo/clips';
import { Preview } from './preview.svelte';

const first = clip(1, 'First', 'ready', 0, { hls: '/c/key-1/stream.m3u8' });
const second = clip(2, 'Second', 'ready', 0, { hls: '/c/key-2/stream.m3u8' });

/** Whether little motion is asked for: component tests ask for it. */
const motion = (little: boolean) =>
  vi.stubGlobal('matchMedia', () => ({ matches: little }) as MediaQueryList);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('who points at a clip for a moment sees it move, one at a time', async () => {
  motion(false);
  const preview = new Preview();
  preview.point(first);
  await vi.advanceTimersByTimeAsync(200);
  preview.point(second);
  await vi.advanceTimersByTimeAsync(200);
  expect(preview.current, 'whoever passes over a clip does not mean it').toBeUndefined();
  await vi.advanceTimersByTimeAsync(200);
  expect(preview.current).toBe('clip-2');
  preview.point(first);
  expect(preview.current).toBeUndefined();
  preview.leave();
  await vi.advanceTimersByTimeAsync(1000);
  expect(preview.current).toBeUndefined();
});

test('nothing moves for who wants little motion or little traffic, nor what cannot play', async () => {
  const preview = new Preview();
  const pointed = async (at = first) => {
    preview.leave();
    preview.point(at);
    await vi.advanceTimersByTimeAsync(1000);
    return preview.current;
  };
  motion(true);
  expect(await pointed()).toBeUndefined();
  motion(false);
  expect(await pointed({ ...first, hls: null })).toBeUndefined();
  vi.stubGlobal('navigator', { connection: { saveData: true } });
  expect(await pointed()).toBeUndefined();
});
