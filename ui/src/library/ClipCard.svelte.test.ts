import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page } from 'vitest/browser';
import { clip } from '../host/demo/clips';
import ClipCard from './ClipCard.svelte';
import { Preview } from './preview.svelte';

const CLIP = clip(1, 'First', 'ready', 2, { hls: '/c/key-1/stream.m3u8' });

function open(shown = CLIP) {
  const stop = vi.fn();
  const preview = new Preview();
  const play = vi.spyOn(preview, 'play').mockReturnValue(stop);
  const props = {
    entry: { clip: shown, take: undefined },
    view: 'grid' as const,
    gone: [],
    me: 'Ada',
    now: new Date(0),
    href: (path: string) => path,
    address: '/c/key-1',
    menu: [],
    preview,
    selected: false,
    selecting: false,
    current: true,
    onopen: vi.fn(),
    onselect: vi.fn(),
    onfocus: vi.fn(),
  };
  return { preview, play, stop, screen: render(ClipCard, props) };
}

test('two people of one name replied', async () => {
  const kim = { name: 'Kim', member: true };
  await open({ ...CLIP, repliers: [kim, kim] }).screen;
  await expect.element(page.getByText('2 replies')).toBeVisible();
});

test('news of a clip do not begin its preview again, and it ends with its video', async () => {
  const { preview, play, stop, screen } = open();
  const { rerender } = await screen;
  preview.current = CLIP.id;
  await expect.poll(() => play.mock.calls.length).toBe(1);
  await rerender({ entry: { clip: { ...CLIP, replies: 3 }, take: undefined } });
  await expect.element(page.getByText(/3 replies/)).toBeVisible();
  expect([play.mock.calls.length, stop.mock.calls.length]).toEqual([1, 0]);
  preview.current = undefined;
  await expect.poll(() => stop.mock.calls.length).toBe(1);
});
