import { expect, test } from 'vitest';
import { followingAfter, isScrollKey, scrollTarget } from './follow';

test('the list follows until the reader goes elsewhere, and again when told', () => {
  expect(
    ['scrolled', 'went elsewhere', 'came back', 'sought'].map((did) =>
      followingAfter(did as 'scrolled'),
    ),
  ).toEqual(['left', 'left', 'following', 'following']);
});

test('what is well in sight needs no scrolling', () => {
  const view = { top: 1000, height: 500 };
  expect(scrollTarget(view, { top: 1100, height: 40 })).toBeUndefined();
  expect(scrollTarget(view, { top: 1480, height: 40 }), 'too low').toBe(1330);
  expect(scrollTarget(view, { top: 900, height: 40 }), 'above').toBe(750);
  expect(
    scrollTarget({ top: 0, height: 500 }, { top: 10, height: 40 }),
    'at the very beginning',
  ).toBeUndefined();
  expect(
    scrollTarget({ top: 50, height: 500 }, { top: 10, height: 40 }),
    'never before the beginning',
  ).toBe(0);
});

test('keys that scroll are told from others', () => {
  expect([' ', 'PageDown', 'Enter', 'c'].map(isScrollKey)).toEqual([true, true, false, false]);
});
