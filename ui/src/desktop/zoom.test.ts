import { expect, test } from 'vitest';
import { zoomOf } from './zoom';

const press = (key: string, held: Partial<KeyboardEvent> = { ctrlKey: true }) =>
  zoomOf({ key, ctrlKey: false, metaKey: false, altKey: false, ...held });

test('the keys of browsers make the page larger, smaller and as it is made', () => {
  expect(['+', '=', '-', '0'].map((key) => press(key))).toEqual(['in', 'in', 'out', 'reset']);
  expect(press('0', { metaKey: true })).toBe('reset');
});

test('other presses are left alone', () => {
  expect([press('0', {}), press('1'), press('0', { ctrlKey: true, altKey: true })]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
