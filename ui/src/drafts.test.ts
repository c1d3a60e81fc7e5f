import { expect, test } from 'vitest';
import { temporaryMemory } from './memory';
import { Drafts } from './drafts.svelte';

test('what was begun outlives the page, by clip and name', () => {
  const memory = temporaryMemory();
  const drafts = new Drafts('clip', memory);
  drafts.set('answer:1', 'Half a thought');
  drafts.set('cue:2', { text: 'Better' });
  const later = new Drafts('clip', memory);
  expect(later.get('answer:1')).toBe('Half a thought');
  expect(later.names('cue:')).toEqual(['cue:2']);
  expect(new Drafts('other', memory).names('')).toEqual([]);
});

test('what was sent is gone', () => {
  const memory = temporaryMemory();
  const drafts = new Drafts('clip', memory);
  drafts.set('a', 1);
  drafts.remove('a');
  expect(memory.get('unsent:clip')).toBeUndefined();
});

test('what is written while it is sent stays', () => {
  const drafts = new Drafts('clip', temporaryMemory());
  const sent = { text: 'One' };
  drafts.set('cue:1', sent);
  drafts.set('cue:1', { text: 'One, and two' });
  expect(drafts.sent('cue:1', sent)).toBe(false);
  expect(drafts.get('cue:1')).toEqual({ text: 'One, and two' });
  expect(drafts.sent('cue:1', drafts.get('cue:1'))).toBe(true);
  expect(drafts.names('')).toEqual([]);
});
