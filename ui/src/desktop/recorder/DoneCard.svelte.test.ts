import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page, userEvent } from 'vitest/browser';
import { Announcer } from '../../announcer.svelte';
import { demo } from '../../host/demo';
import { CLIPS } from '../../host/demo/clips';
import type { TakeView } from '../../host/host';
import { playableClip } from '../../testing/media';
import WithContext from '../../testing/WithContext.svelte';
import { setDesktop } from '../context';
import { Desktop } from '../desktop.svelte';
import DoneCard from './DoneCard.svelte';

const LINK = 'http://127.0.0.1:8455/c/key-1';
const TAKE: TakeView = {
  id: 'take-1',
  title: '',
  summary: '',
  link: LINK,
  recorded_at_us: 0,
  duration_us: 83_000_000,
  phase: 'stopped',
  whereabouts: { place: 'sending', sent_bytes: 3, size_bytes: 12 },
  whereabouts_text: '',
  problem: null,
  transcript: null,
};
const SAFE = { place: 'safe', size_bytes: 12 } as const;
const transcript = (title: string) => ({ title, summary: '', cues: 3, done: true, sent: true });

async function open(more: { take?: TakeView; own?: boolean; link?: string | null } = {}) {
  const told = {
    oncopy: vi.fn(() => Promise.resolve(true)),
    onopen: vi.fn(),
    onplay: vi.fn(),
    ondetails: vi.fn(() => Promise.resolve(true)),
    onsave: vi.fn(),
    onconnect: vi.fn(),
    onagain: vi.fn(),
  };
  const desktop = new Desktop({ ...demo('idle'), announcer: new Announcer() });
  await desktop.speech.open();
  const screen = await render(
    DoneCard,
    {
      copied: true,
      link: LINK,
      own: false,
      library: 'Acme',
      clip: undefined,
      href: (path: string) => path,
      problem: null,
      take: TAKE,
      speech: desktop.speech,
      ...told,
      ...more,
    },
    { wrapper: WithContext, wrapperProps: { provide: () => setDesktop(desktop) } },
  );
  return { ...told, screen };
}

const title = page.getByRole('textbox', { name: 'Title' });
const selected = () => {
  const input = title.element() as HTMLInputElement;
  return input.value.slice(input.selectionStart ?? 0, input.selectionEnd ?? 0);
};

test('it says where the recording is, from the ring to the tick', async () => {
  const { screen } = await open();
  await expect.element(page.getByText('Link copied · uploading 25 %')).toBeVisible();
  await screen.rerender({ take: { ...TAKE, whereabouts: SAFE } });
  await expect.element(page.getByText('Link copied · in the library')).toBeVisible();
});

test('a suggested title comes selected, and is the machine’s until somebody types', async () => {
  const { screen, ondetails } = await open();
  await expect.element(title).toHaveFocus();
  await expect.element(title).toHaveAttribute('placeholder', 'Untitled recording');
  await screen.rerender({ take: { ...TAKE, transcript: transcript('New checkout flow') } });
  await expect.element(title).toHaveValue('New checkout flow');
  expect(selected()).toBe('New checkout flow');
  await userEvent.keyboard('{Escape}');
  expect(ondetails).not.toHaveBeenCalled();
  await title.click();
  await userEvent.fill(title, 'Checkout, shorter');
  await userEvent.keyboard('{Enter}');
  expect(ondetails).toHaveBeenCalledWith({ title: 'Checkout, shorter' });
  await screen.rerender({ take: { ...TAKE, transcript: transcript('Another suggestion') } });
  await expect.element(title).toHaveValue('Checkout, shorter');
});

test('a link that only this computer opens says so, with what can be done', async () => {
  const { onconnect, onsave, onopen } = await open({ own: true });
  await expect.element(page.getByText('Only this computer can open this link.')).toBeVisible();
  await page.getByRole('button', { name: 'Connect a library' }).click();
  await page.getByRole('button', { name: 'Save as file' }).click();
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  expect([onconnect, onsave, onopen].map((told) => told.mock.calls.length)).toEqual([1, 1, 1]);
});

test('a team’s link needs no such sentence', async () => {
  await open();
  await expect.element(page.getByText(/Only this computer/)).not.toBeInTheDocument();
});

test('without a link there is nothing to copy, and it says when there will be', async () => {
  const here = { place: 'on_this_computer', size_bytes: 12 } as const;
  await open({ link: null, take: { ...TAKE, link: null, whereabouts: here } });
  await expect.element(page.getByText(/The link appears as soon as Acme answers/)).toBeVisible();
  await expect.element(page.getByRole('button', { name: 'Copy link' })).not.toBeInTheDocument();
});

test('it plays on the card', async () => {
  const { screen, onplay } = await open();
  const clip = { ...CLIPS[1], ...playableClip(), id: 'clip-1', key: 'key-1', link: LINK };
  await screen.rerender({ clip });
  await page.getByRole('button', { name: 'Play the recording' }).click();
  await expect.element(page.getByTestId('done-video')).toBeVisible();
  expect(onplay).not.toHaveBeenCalled();
});

test('what is not one file yet plays in the library’s page', async () => {
  const { screen, onplay } = await open();
  const clip = {
    ...CLIPS[1],
    ...playableClip(),
    id: 'clip-1',
    key: 'key-1',
    link: LINK,
    mp4: null,
  };
  await screen.rerender({ clip });
  await page.getByRole('button', { name: 'Play the recording' }).click();
  expect(onplay).toHaveBeenCalledWith('clip-1');
});

test('captions that are missing are offered by one button', async () => {
  await open();
  await expect.element(page.getByText('No captions yet.')).toBeVisible();
  await expect.element(page.getByRole('button', { name: 'Download (136 MB)' })).toBeVisible();
});
