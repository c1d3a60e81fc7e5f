import { expect, test } from 'vitest';
import { authorText } from './author';

test('a guest is marked, and a member who shares a name is told by the sign-in name', () => {
  expect(authorText({ name: 'Gus', member: false })).toBe('Gus (guest)');
  expect(authorText({ name: 'Ann', member: true })).toBe('Ann');
  expect(authorText({ name: 'Ann', member: true, login: 'ann 2' })).toBe('Ann, sign-in name ann 2');
  expect(authorText({ name: 'Ann', member: true, login: null })).toBe('Ann');
});
