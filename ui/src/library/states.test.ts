import { expect, test } from 'vitest';
import { clip as demoClip } from '../host/demo/clips';
import { here, safe, sending, take, UNREACHED } from '../host/demo/takes';
import { stateOf, stateOfTake } from './states';

const NONE: readonly string[] = [];
const clip = demoClip(1, 'A clip', 'ready', 0);
const said = (...args: Parameters<typeof take>) => stateOfTake(take(...args), NONE);

test('a take says how far it is until the library has it', () => {
  expect(said('a', '', here(4))).toEqual({ text: 'Not uploaded yet', share: 0 });
  expect(said('a', '', sending(2, 3))).toMatchObject({ text: 'Uploading 66 %', share: 2 / 3 });
  expect(said('a', '', sending(1, 4), { problem: UNREACHED })).toEqual({
    text: 'Saved here, waiting for the library',
    share: 0.25,
  });
  expect(said('a', '', sending(1, 4), { phase: 'paused' })).toMatchObject({ now: true });
  expect(said('a', '', safe(4))).toMatchObject({ text: 'In the library' });
});

test('what was deleted from the library is not called safe', () => {
  const sent = take('a', '', safe(4));
  expect(stateOfTake(sent, ['a']).text).toBe('Deleted from the library');
});

test('a card is silent once all is well', () => {
  expect(stateOf({ clip, take: take('a', '', safe(4)) }, NONE)).toBeUndefined();
  expect(stateOf({ clip, take: undefined }, NONE)).toBeUndefined();
  expect(stateOf({ clip, take: take('a', '', sending(1, 4)) }, NONE)).toMatchObject({
    share: 0.25,
  });
  const recording = { ...clip, state: 'recording' as const };
  expect(stateOf({ clip: recording, take: undefined }, NONE)?.now).toBe(true);
});
