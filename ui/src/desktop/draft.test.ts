import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Draft } from './draft.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('words are sent once the typing pauses, whole and once', () => {
  const send = vi.fn();
  const draft = new Draft({ title: '', summary: '' }, send);
  for (const title of ['H', 'He', 'Hey']) draft.title = title;
  draft.summary = 'More';
  expect(send).not.toHaveBeenCalled();
  vi.runAllTimers();
  expect(send.mock.calls).toEqual([[{ title: 'Hey', summary: 'More' }]]);
  draft.flush();
  expect(send, 'what was sent is not sent again').toHaveBeenCalledTimes(1);
});

test('the last words are sent when the fields go away', () => {
  const send = vi.fn();
  const draft = new Draft({ title: 'a', summary: 'b' }, send);
  draft.flush();
  expect(send).not.toHaveBeenCalled();
  draft.title = 'c';
  draft.flush();
  vi.runAllTimers();
  expect(send.mock.calls).toEqual([[{ title: 'c' }]]);
});
