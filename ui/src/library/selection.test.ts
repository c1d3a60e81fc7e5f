import { expect, test } from 'vitest';
import { Selection } from './selection.svelte';

const ALL = ['a', 'b', 'c', 'd', 'e'];
const chosen = (selection: Selection) => ALL.filter((id) => selection.has(id)).join('');

test('one is selected and let go, and a range is added from where it began', () => {
  const selection = new Selection();
  selection.toggle('d');
  selection.extend('b', ALL);
  expect(chosen(selection)).toBe('bcd');
  selection.toggle('c');
  expect([chosen(selection), selection.size]).toEqual(['bd', 2]);
  selection.clear();
  selection.extend('e', ALL);
  expect(chosen(selection)).toBe('e');
});

test('what is gone is not selected any more', () => {
  const selection = new Selection();
  selection.all(['a', 'b']);
  selection.keep(['b', 'c']);
  expect([chosen(selection), selection.size]).toEqual(['b', 1]);
});
