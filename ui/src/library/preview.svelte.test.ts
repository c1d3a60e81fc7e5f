import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { clip } from '../host/demo/clips';
import { Preview } from './preview.svelte';

let made = 0;
let destroyed = 0;
vi.mock('hls.js/light', () => ({
  default: class {
    static Events = { ERROR: 'error' };
    constructor() {
      made += 1;
    }
    on() {}
    loadSource() {}
    attachMedia() {}
    destroy() {
      destroyed += 1;
    }
  },
}));

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

test('a video that is played again, or is gone, has no player left', async () => {
  const preview = new Preview();
  const video = Object.assign(new EventTarget(), { currentTime: 0, play: () => Promise.resolve() });
  const play = async () => {
    const stop = preview.play(video as unknown as HTMLVideoElement, '/c/key-1/stream.m3u8', first);
    const before = made;
    await vi.waitFor(() => expect(made).toBe(before + 1));
    return stop;
  };
  vi.useRealTimers();
  await play();
  const stop = await play();
  expect([made, destroyed]).toEqual([2, 1]);
  stop();
  preview.leave();
  expect(destroyed).toBe(2);
  video.dispatchEvent(new Event('playing'));
  expect(preview.moving, 'nobody listens any more').toBe(false);
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
