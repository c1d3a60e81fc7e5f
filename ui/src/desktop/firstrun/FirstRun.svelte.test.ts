import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page, userEvent } from 'vitest/browser';
import { Announcer } from '../../announcer.svelte';
import { demo } from '../../host/demo';
import WithContext from '../../testing/WithContext.svelte';
import { setDesktop } from '../context';
import { Desktop } from '../desktop.svelte';
import FirstRun from './FirstRun.svelte';

async function open(state = 'first-name') {
  const shown = demo(state);
  const asked = {
    setName: vi.spyOn(shown.host, 'setName'),
    introduce: vi.spyOn(shown.host, 'introduce'),
    getModel: vi.spyOn(shown.host, 'getModel'),
    cancelSignIn: vi.spyOn(shown.host, 'cancelSignIn'),
    openSignInAgain: vi.spyOn(shown.host, 'openSignInAgain'),
  };
  const desktop = new Desktop({ ...shown, announcer: new Announcer() });
  await desktop.open();
  await render(
    FirstRun,
    {},
    { wrapper: WithContext, wrapperProps: { provide: () => setDesktop(desktop) } },
  );
  return { desktop, shown, ...asked };
}

const heading = page.getByRole('heading', { level: 1 });

test('three questions are answered by the keyboard, and not asked again', async () => {
  const { desktop, setName, introduce, getModel } = await open();
  await expect.element(heading).toHaveTextContent('What is your name?');
  await userEvent.fill(page.getByRole('textbox', { name: 'Your name' }), 'Ada Example');
  await userEvent.keyboard('{Enter}');
  expect(setName).toHaveBeenCalledWith('Ada Example');
  await expect.element(heading).toHaveTextContent('Where do your recordings go?');
  await expect.element(heading).toHaveFocus();
  await page.getByRole('button', { name: 'Keep them on this computer' }).click();
  await page.getByRole('button', { name: 'Download, 136 MB' }).click();
  expect(getModel).toHaveBeenCalledWith('parakeet-tdt_ctc-110m-Q8_0');
  expect(introduce).not.toHaveBeenCalled();
  await page.getByRole('button', { name: 'Not now' }).click();
  expect(introduce).toHaveBeenCalledOnce();
  expect([desktop.firstRun.asks, desktop.name]).toEqual([false, 'Ada Example']);
});

test('every question can be skipped', async () => {
  const { setName, introduce } = await open();
  await page.getByRole('button', { name: 'Skip' }).click();
  await page.getByRole('button', { name: 'Keep them on this computer' }).click();
  await page.getByRole('button', { name: 'Not now' }).click();
  expect(setName).not.toHaveBeenCalled();
  expect(introduce).toHaveBeenCalledOnce();
});

test('a sign-in in the browser can be opened again and cancelled', async () => {
  const { openSignInAgain, cancelSignIn } = await open('first-library');
  await userEvent.fill(
    page.getByRole('textbox', { name: 'Address of the library' }),
    'clips.example.org',
  );
  await page.getByRole('button', { name: 'Sign in with your browser' }).click();
  await expect.element(page.getByText('Continue in your browser.')).toBeVisible();
  await page.getByRole('button', { name: 'Open the page again' }).click();
  expect(openSignInAgain).toHaveBeenCalledOnce();
  await page.getByRole('button', { name: 'Cancel' }).click();
  expect(cancelSignIn).toHaveBeenCalledOnce();
  await expect
    .element(page.getByRole('textbox', { name: 'Address of the library' }))
    .toHaveValue('clips.example.org');
});

test('a window that is loaded again goes on with the same question', async () => {
  const { shown } = await open();
  await page.getByRole('button', { name: 'Skip' }).click();
  const again = new Desktop({ ...shown, announcer: new Announcer() });
  await again.open();
  expect(again.firstRun.step).toBe('library');
});
