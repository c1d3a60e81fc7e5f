import { expect, test } from 'vitest';
import { aboutBy } from './origin';

const machine = (model: string) => ({ by: 'machine' as const, model });
const person = { by: 'person' as const };

test('what a machine wrote is marked, what a person wrote is not', () => {
  expect(aboutBy(person, null)).toEqual([]);
  expect(aboutBy(person, machine('a'))).toEqual([{ what: 'Summary', model: 'a' }]);
  expect(aboutBy(machine('a'), machine('a'))).toEqual([{ what: 'Title and summary', model: 'a' }]);
  expect(aboutBy(machine('a'), machine('b')).map(({ what }) => what)).toEqual(['Title', 'Summary']);
});
