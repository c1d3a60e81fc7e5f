import { createRawSnippet } from 'svelte';
import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page, userEvent } from 'vitest/browser';
import Dialog from './Dialog.svelte';

const html = (text: string) => createRawSnippet(() => ({ render: () => text }));

async function openedFromAButton() {
  const opener = document.body.appendChild(document.createElement('button'));
  opener.textContent = 'Opener';
  opener.focus();
  const onclose = vi.fn();
  const screen = await render(Dialog, {
    title: 'A question',
    onclose,
    children: html('<p>Really?</p>'),
    actions: html('<button type="button">Yes</button>'),
  });
  return { opener, onclose, screen };
}

test('takes the focus, is named by its title, and shuts out the rest of the page', async () => {
  const { opener } = await openedFromAButton();
  const dialog = page.getByRole('dialog', { name: 'A question' });
  await expect.element(dialog).toBeVisible();
  await expect.element(dialog.getByRole('button', { name: 'Yes' })).toHaveFocus();
  opener.focus();
  expect(document.activeElement, 'what is behind a modal dialog cannot have the focus').not.toBe(
    opener,
  );
  opener.remove();
});

test('Escape closes it, and the focus is where it was', async () => {
  const { opener, onclose, screen } = await openedFromAButton();
  await expect.element(page.getByRole('dialog')).toBeVisible();
  await userEvent.keyboard('{Escape}');
  await expect.poll(() => onclose.mock.calls.length).toBe(1);
  await screen.unmount();
  expect(document.activeElement).toBe(opener);
  opener.remove();
});
