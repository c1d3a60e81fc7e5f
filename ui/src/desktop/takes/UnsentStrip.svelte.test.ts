import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page } from 'vitest/browser';
import type { TakeView } from '../../host/host';
import UnsentStrip from './UnsentStrip.svelte';

const TAKE: TakeView = {
  id: 'take-1',
  title: 'Half of it was sent',
  summary: '',
  link: null,
  recorded_at_us: 0,
  duration_us: 0,
  phase: 'stopped',
  whereabouts: { place: 'sending', sent_bytes: 1, size_bytes: 4 },
  whereabouts_text: '',
  problem: null,
  transcript: null,
};

test('a take that waits and whose clip was deleted is listed once, as deleted', async () => {
  const told = () => vi.fn();
  await render(UnsentStrip, {
    unsent: [TAKE, { ...TAKE, id: 'take-2' }],
    gone: [TAKE],
    signIn: false,
    onsend: told(),
    onsignin: told(),
    onedit: told(),
    onremove: told(),
    onall: told(),
  });
  await expect.element(page.getByRole('heading', { name: 'Not sent yet (1)' })).toBeVisible();
  expect(
    page
      .getByTestId('take')
      .elements()
      .map((row) => row.getAttribute('data-take')),
  ).toEqual(['take-2', 'take-1']);
});
