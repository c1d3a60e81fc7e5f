import { expect, test } from 'vitest';
import { SECOND } from '../time';
import { splitAtTimestamps } from './timestamps';

test('times in a sentence are found', () => {
  expect(splitAtTimestamps('See 1:23, then 1:02:03.')).toEqual([
    'See ',
    { text: '1:23', at_us: 83 * SECOND },
    ', then ',
    { text: '1:02:03', at_us: 3723 * SECOND },
    '.',
  ]);
  expect(splitAtTimestamps('0:03')).toEqual([{ text: '0:03', at_us: 3 * SECOND }]);
});

test('what only looks like a time stays as it is', () => {
  for (const text of ['', 'no time', '1:5', '12:345', '1:2:3:4', '1:23.5', 'at 99:99', '10.1:23']) {
    expect(splitAtTimestamps(text), text).toEqual(text === '' ? [] : [text]);
  }
});
