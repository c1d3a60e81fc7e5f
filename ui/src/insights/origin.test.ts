import { expect, test } from 'vitest';
import { machineCredits } from './origin';

const machine = (model: string) => ({ by: 'machine' as const, model });
const person = { by: 'person' as const };

test('what a machine wrote is marked, what a person wrote is not', () => {
  expect(machineCredits(person, null)).toEqual([]);
  expect(machineCredits(person, machine('a'))).toEqual([{ what: 'Summary', model: 'a' }]);
  expect(machineCredits(machine('a'), machine('a'))).toEqual([
    { what: 'Title and summary', model: 'a' },
  ]);
  expect(machineCredits(machine('a'), machine('b')).map(({ what }) => what)).toEqual([
    'Title',
    'Summary',
  ]);
});
