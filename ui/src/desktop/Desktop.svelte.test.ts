import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page } from 'vitest/browser';
import { Announcer } from '../announcer.svelte';
import { demo } from '../host/demo';
import type { TakeView } from '../host/host';
import Window from './Desktop.svelte';
import { Desktop } from './desktop.svelte';

async function open(state: string) {
  const desktop = new Desktop({ ...demo(state), announcer: new Announcer() });
  await desktop.open();
  await render(Window, { desktop });
  return desktop;
}

test('what was discarded and had back in the floating bar is not offered any more', async () => {
  const { recorder, takes } = await open('discarded');
  const toast = page.getByTestId('discarded');
  await expect.element(toast).toBeVisible();
  const back: TakeView = {
    id: recorder.discarded ?? '',
    title: '',
    summary: '',
    link: null,
    recorded_at_us: 0,
    duration_us: 0,
    phase: 'stopped',
    whereabouts: { place: 'on_this_computer', size_bytes: 4 },
    whereabouts_text: '',
    problem: null,
    transcript: null,
  };
  takes.show([back]);
  await expect.element(toast).not.toBeInTheDocument();
});

test('the question before quitting says that discarding there is final', async () => {
  await open('closing');
  await expect
    .element(page.getByRole('button', { name: 'Discard recording' }).last())
    .toHaveAccessibleDescription('This cannot be undone.');
});
