import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page, userEvent } from 'vitest/browser';
import { Announcer } from '../../announcer.svelte';
import { demo } from '../../host/demo';
import WithContext from '../../testing/WithContext.svelte';
import { setDesktop } from '../context';
import { Desktop } from '../desktop.svelte';
import LibraryPage from './LibraryPage.svelte';

/** The library's page in a state of the demos, with what the shell is asked for. */
async function open(state: string) {
  const { host, ...rest } = demo(state);
  const asked = {
    removeTake: vi.fn(() => Promise.resolve()),
    sendNow: vi.fn(() => Promise.resolve()),
    describe: vi.fn(() => Promise.resolve()),
    copy: vi.fn(() => Promise.resolve()),
  };
  const announcer = new Announcer();
  const connect = () => {
    const library = rest.connect();
    library.deleteClip = deleteClip;
    return library;
  };
  const deleteClip = vi.fn(() => Promise.resolve(undefined));
  const desktop = new Desktop({ ...rest, connect, host: { ...host, ...asked }, announcer });
  await desktop.open();
  await render(
    LibraryPage,
    {},
    { wrapper: WithContext, wrapperProps: { provide: () => setDesktop(desktop) } },
  );
  return { ...asked, desktop, announcer, deleteClip };
}

const strip = page.getByTestId('unsent');
const dialog = page.getByRole('dialog');
const cards = page.getByTestId('clip-card');
const focused = () => document.activeElement?.textContent ?? '';

test('what waits is said above the recordings, with what can be done about it', async () => {
  const { sendNow } = await open('library-unsent');
  await expect.element(strip.getByRole('heading', { name: 'Not sent yet (2)' })).toBeVisible();
  await expect.element(strip.getByText('Begun before the network went')).toBeVisible();
  await expect
    .element(strip.getByText('Saved here, waiting for the library').first())
    .toBeVisible();
  await strip.getByRole('button', { name: 'Retry now' }).click();
  expect(sendNow).toHaveBeenCalledOnce();
});

test('a clip that was deleted from the library is not called safe', async () => {
  await open('library-unsent');
  await expect.element(strip.getByText('Deleted from the library')).toBeVisible();
  await strip.getByRole('button', { name: 'Remove Somebody deleted it' }).click();
  await expect.element(dialog.getByText('What the library does not have is lost.')).toBeVisible();
});

test('removing asks in a dialog, whose focus is on the harmless answer', async () => {
  const { removeTake } = await open('library-unsent');
  const remove = strip.getByRole('button', { name: 'Remove Begun before' });
  await remove.click();
  await expect.element(dialog.getByRole('button', { name: 'Cancel' })).toHaveFocus();
  await userEvent.keyboard('{Escape}');
  await expect.element(dialog).not.toBeInTheDocument();
  await expect.element(remove).toHaveFocus();
  expect(removeTake).not.toHaveBeenCalled();
  await remove.click();
  await dialog.getByRole('button', { name: 'Remove' }).click();
  expect(removeTake).toHaveBeenCalledExactlyOnceWith('take-8');
});

test('title and summary of what is not sent are changed, and sent by themselves', async () => {
  const { describe } = await open('library-unsent');
  await strip.getByRole('button', { name: 'Edit title of Untitled recording' }).click();
  await userEvent.fill(dialog.getByRole('textbox', { name: 'Title' }), 'Release 0.5');
  await expect.poll(() => describe.mock.calls).toEqual([['take-7', { title: 'Release 0.5' }]]);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect.element(dialog).not.toBeInTheDocument();
});

test('a card has a ring until the library has all of it', async () => {
  await open('library-unsent');
  const card = page.getByRole('link', { name: 'On its way' });
  await expect.element(card.getByText('Uploading 80 %')).toBeInTheDocument();
  await page.getByTestId('place-here').click();
  await expect.poll(() => cards.elements().length).toBe(4);
  await page.getByTestId('place-unsent').click();
  await expect.poll(() => cards.elements().length).toBe(2);
});

test('keys go from card to card, select, and open', async () => {
  const { desktop, copy } = await open('library');
  await expect.poll(() => cards.elements().length).toBe(5);
  await userEvent.keyboard('j');
  expect(focused()).toContain('Release 0.4');
  await userEvent.keyboard('jj');
  expect(focused()).toContain('the caret jumps');
  await userEvent.keyboard('k{ArrowRight}{ArrowLeft}');
  expect(focused()).toContain('Resumable uploads');
  await userEvent.keyboard(' {ArrowRight} ');
  const bar = page.getByTestId('selection');
  await expect.element(bar.getByText('2 selected')).toBeVisible();
  await bar.getByRole('button', { name: 'Copy 2 links' }).click();
  expect(copy).toHaveBeenCalledExactlyOnceWith('/c/key-1\n/c/key-2');
  await userEvent.keyboard('{Escape}');
  await expect.element(bar).not.toBeInTheDocument();
  await userEvent.keyboard('/');
  await expect.element(page.getByRole('searchbox')).toHaveFocus();
  cards.elements()[1]?.focus();
  await userEvent.keyboard('{Enter}');
  await expect.poll(() => desktop.openClip).toBe('clip-1');
});

test('the way back from a recording leads to its card', async () => {
  const { desktop } = await open('library');
  await expect.poll(() => cards.elements().length).toBe(5);
  await userEvent.keyboard('jjj{Enter}');
  await expect.poll(() => desktop.openClip).toBe('clip-2');
  await page.getByTestId('back').click();
  await expect.poll(focused).toContain('the caret jumps');
});

test('of several only the own ones are deleted, and who is asked is told so', async () => {
  const { deleteClip } = await open('library');
  await expect.poll(() => cards.elements().length).toBe(5);
  await userEvent.keyboard('j{Shift>} {/Shift}');
  cards.elements()[3]?.focus();
  await userEvent.keyboard('{Shift>} {/Shift}');
  const bar = page.getByTestId('selection');
  await bar.getByRole('button', { name: 'Delete 2 of 4' }).click();
  await expect
    .element(dialog.getByRole('heading', { name: 'Delete 2 recordings from the library?' }))
    .toBeVisible();
  await expect.element(dialog.getByText('2 of the selected are not yours and stay.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect.poll(() => deleteClip.mock.calls).toEqual([['clip-0'], ['clip-3']]);
  await expect.poll(() => cards.elements().length).toBe(3);
});

test('whether cards or rows are shown is kept', async () => {
  const { desktop } = await open('library');
  await page.getByRole('button', { name: 'List' }).click();
  expect(desktop.memory.get('library-view')).toBe('list');
  await expect
    .element(page.getByRole('button', { name: 'List' }))
    .toHaveAttribute('aria-pressed', 'true');
});

test('what is new is marked, and a part of the library shows only that', async () => {
  await open('library');
  await expect.element(page.getByRole('link', { name: /Unread: .*Resumable/ })).toBeVisible();
  await page.getByTestId('place-unread').click();
  await expect.poll(() => cards.elements().length).toBe(2);
});

test('an empty library says what comes, and how to begin', async () => {
  const { desktop } = await open('library-empty');
  const empty = page.getByTestId('empty');
  await expect.element(empty).toBeVisible();
  await empty.getByRole('button', { name: 'Start recording' }).click();
  expect(desktop.page).toBe('record');
});
