// Focus that is not lost when what has it goes away.
import { tick } from 'svelte';

/** Whether nothing has the focus: what had it was removed, hidden or disabled. */
const isLost = () => document.activeElement === null || document.activeElement === document.body;

/** Once the page has changed: focuses what `next` finds, if the focus was lost with that change. */
export async function keepFocus(next: () => HTMLElement | null | undefined): Promise<void> {
  await tick();
  if (isLost()) next()?.focus();
}

/** Moves the focus to what `next` finds once the page has changed. */
export async function moveFocus(next: () => HTMLElement | null | undefined): Promise<void> {
  await tick();
  next()?.focus();
}
