import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page, userEvent } from 'vitest/browser';
import { Announcer } from '../../announcer.svelte';
import { UNREACHABLE } from '../../api/problem';
import { demo } from '../../host/demo';
import type { TakeView } from '../../host/host';
import WithContext from '../../testing/WithContext.svelte';
import { setDesktop } from '../context';
import { Desktop } from '../desktop.svelte';
import TakeItem from './TakeItem.svelte';

const SENDING: TakeView = {
  id: 'take-1',
  title: 'Release 0.4',
  summary: 'Three things',
  link: 'http://127.0.0.1:8455/c/key',
  recorded_at_us: 0,
  duration_us: 83_000_000,
  phase: 'stopped',
  whereabouts: { place: 'sending', sent_bytes: 3_000_000, size_bytes: 12_000_000 },
  whereabouts_text: '3 of 12 MB sent',
  problem: null,
  transcript: null,
};

async function open(take: TakeView) {
  const told = {
    oncopy: vi.fn(() => Promise.resolve(true)),
    onopen: vi.fn(),
    ondetails: vi.fn(() => Promise.resolve(true)),
    onremove: vi.fn(),
    onsend: vi.fn(),
  };
  const desktop = new Desktop({ ...demo('idle'), announcer: new Announcer() });
  const screen = await render(
    TakeItem,
    { take, running: false, ...told },
    { wrapper: WithContext, wrapperProps: { provide: () => setDesktop(desktop) } },
  );
  return { ...told, screen };
}

const remove = page.getByRole('button', { name: 'Remove', exact: true });

test('it says where the bytes are, until they are safe', async () => {
  const { screen } = await open(SENDING);
  await expect.element(page.getByText('3 of 12 MB sent')).toBeVisible();
  await expect
    .element(page.getByRole('progressbar', { name: 'Sent' }))
    .toHaveAttribute('aria-valuenow', '0.25');
  const safe = { place: 'safe', size_bytes: 12_000_000 } as const;
  await screen.rerender({
    take: { ...SENDING, whereabouts: safe, whereabouts_text: 'safe in the library' },
  });
  await expect.element(page.getByText('safe in the library')).toBeVisible();
  await expect.element(page.getByRole('progressbar')).not.toBeInTheDocument();
});

test('what stands in the way is told, and can be tried now', async () => {
  const { onsend } = await open({ ...SENDING, problem: UNREACHABLE });
  await expect.element(page.getByText(UNREACHABLE.message)).toBeVisible();
  await page.getByRole('button', { name: 'Try now' }).click();
  expect(onsend).toHaveBeenCalledOnce();
});

test('to remove what is not in the library yet is asked about as a loss', async () => {
  const { onremove } = await open(SENDING);
  await remove.click();
  const question = page.getByRole('group', { name: 'What the library does not have yet is lost.' });
  await expect.element(question.getByRole('button', { name: 'Keep it' })).toHaveFocus();
  await userEvent.keyboard('{Escape}');
  await expect.element(question).not.toBeInTheDocument();
  await expect.element(remove).toHaveFocus();
  expect(onremove).not.toHaveBeenCalled();
  await userEvent.keyboard('{Enter}');
  await question.getByRole('button', { name: 'Remove' }).click();
  expect(onremove).toHaveBeenCalledOnce();
});

test('to remove what is safe says that the clip stays', async () => {
  await open({
    ...SENDING,
    whereabouts: { place: 'safe', size_bytes: 1 },
    whereabouts_text: 'safe in the library',
  });
  await remove.click();
  await expect
    .element(page.getByRole('group', { name: 'The clip stays in the library.' }))
    .toBeVisible();
});

test('title and summary are changed in place, and sent by themselves', async () => {
  const { ondetails } = await open(SENDING);
  await page.getByRole('button', { name: 'Edit' }).click();
  await userEvent.fill(page.getByRole('textbox', { name: 'Title' }), 'Release 0.5');
  await expect.poll(() => ondetails.mock.calls).toEqual([[{ title: 'Release 0.5' }]]);
  await page.getByRole('button', { name: 'Done' }).click();
  await expect.element(page.getByRole('textbox', { name: 'Title' })).not.toBeInTheDocument();
});

test('a take that is being recorded can be neither edited nor removed here', async () => {
  const { screen } = await open(SENDING);
  await screen.rerender({ take: { ...SENDING, phase: 'recording' }, running: true });
  await expect.element(page.getByText('Recording')).toBeVisible();
  await expect.element(remove).not.toBeInTheDocument();
  await expect.element(page.getByRole('button', { name: 'Edit' })).not.toBeInTheDocument();
});
