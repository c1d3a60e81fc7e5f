import { expect, test } from 'vitest';
import { forgetfulMemory } from '../memory';
import { Unsent } from './unsent.svelte';

test('what was begun outlives the page, by clip and name', () => {
  const memory = forgetfulMemory();
  const unsent = new Unsent('clip', memory);
  unsent.set('answer:1', 'Half a thought');
  unsent.set('cue:2', { text: 'Better' });
  const later = new Unsent('clip', memory);
  expect(later.get('answer:1')).toBe('Half a thought');
  expect(later.names('cue:')).toEqual(['cue:2']);
  expect(new Unsent('other', memory).names('')).toEqual([]);
});

test('what was sent is gone', () => {
  const memory = forgetfulMemory();
  const unsent = new Unsent('clip', memory);
  unsent.set('a', 1);
  unsent.remove('a');
  expect(memory.get('unsent:clip')).toBeUndefined();
});

test('what is written while it is sent stays', () => {
  const unsent = new Unsent('clip', forgetfulMemory());
  const sent = { text: 'One' };
  unsent.set('cue:1', sent);
  unsent.set('cue:1', { text: 'One, and two' });
  expect(unsent.sent('cue:1', sent)).toBe(false);
  expect(unsent.get('cue:1')).toEqual({ text: 'One, and two' });
  expect(unsent.sent('cue:1', unsent.get('cue:1'))).toBe(true);
  expect(unsent.names('')).toEqual([]);
});
