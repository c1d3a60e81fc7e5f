import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { temporaryMemory } from '../memory';
import type { DetailsChange } from '../host/host';
import { DetailsAutosave } from './autosave.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const STORAGE_KEY = 'words-of-take-1';

function drafting({ arrives = true, memory = temporaryMemory() } = {}) {
  const send = vi.fn((change: DetailsChange) =>
    Promise.resolve(arrives && Object.keys(change).length > 0),
  );
  const draft = new DetailsAutosave({ title: 'a', summary: 'b' }, send, memory, STORAGE_KEY);
  return { draft, send, memory };
}

test('changes are sent once the typing pauses, whole and once', async () => {
  const { draft, send, memory } = drafting();
  for (const title of ['H', 'He', 'Hey']) draft.title = title;
  draft.summary = 'More';
  expect(send).not.toHaveBeenCalled();
  await vi.runAllTimersAsync();
  expect(send.mock.calls).toEqual([[{ title: 'Hey', summary: 'More' }]]);
  await draft.flush();
  expect(send, 'what was sent is not sent again').toHaveBeenCalledTimes(1);
  expect(memory.get(STORAGE_KEY), 'what has arrived need not be remembered').toBeUndefined();
});

test('the last changes are sent when the fields go away', async () => {
  const { draft, send } = drafting();
  await draft.flush();
  expect(send).not.toHaveBeenCalled();
  draft.title = 'c';
  await draft.flush();
  await vi.runAllTimersAsync();
  expect(send.mock.calls).toEqual([[{ title: 'c' }]]);
});

test('a window that is reloaded sends what the one before could not', async () => {
  const before = drafting();
  before.draft.title = 'typed just';
  const after = drafting({ memory: before.memory });
  expect([after.draft.title, after.draft.summary], 'only what was typed is taken up').toEqual([
    'typed just',
    'b',
  ]);
  await vi.advanceTimersByTimeAsync(400);
  expect(after.send.mock.calls).toEqual([[{ title: 'typed just' }]]);
});

test('changes that did not arrive go with the next ones', async () => {
  const { draft, send, memory } = drafting({ arrives: false });
  draft.title = 'once';
  await vi.runAllTimersAsync();
  expect(memory.get(STORAGE_KEY)).toEqual({ title: 'once' });
  draft.summary = 'again';
  await vi.runAllTimersAsync();
  expect(send.mock.calls).toEqual([[{ title: 'once' }], [{ title: 'once', summary: 'again' }]]);
});
