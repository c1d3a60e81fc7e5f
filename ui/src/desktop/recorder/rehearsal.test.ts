import { expect, test } from 'vitest';
import type { Host, Sources } from '../../host/host';
import { Rehearsal, type Wanted } from './rehearsal.svelte';

const wanted = (camera: string): Wanted => ({
  sources: { screen: 'default', camera, microphone: 'off' },
  target: { target: 'display' },
});

/** A shell that takes its time, and what it was asked. */
function shell() {
  const asked: string[] = [];
  const open: (() => void)[] = [];
  const host = {
    rehearse: ({ camera }: Sources) => {
      asked.push(camera);
      return new Promise<void>((opened) => open.push(opened));
    },
    endRehearsal: () => {
      asked.push('end');
      return Promise.resolve();
    },
  } as unknown as Host;
  return { asked, opened: () => open.shift()?.(), rehearsal: new Rehearsal(host) };
}

test('of wishes that come faster than cameras open, the last is met', async () => {
  const { asked, opened, rehearsal } = shell();
  for (const camera of ['a', 'b', 'c']) rehearsal.want(wanted(camera));
  opened();
  await Promise.resolve();
  await Promise.resolve();
  expect(asked).toEqual(['a', 'c']);
});

test('a take waits until a camera that is just being opened is closed again', async () => {
  const { asked, opened, rehearsal } = shell();
  rehearsal.want(wanted('a'));
  const ended = rehearsal.end();
  expect(asked).toEqual(['a']);
  opened();
  await ended;
  expect(asked).toEqual(['a', 'end']);
});

test('what is open already is not opened again', async () => {
  const { asked, opened, rehearsal } = shell();
  rehearsal.want(wanted('a'));
  opened();
  await Promise.resolve();
  await Promise.resolve();
  rehearsal.want(wanted('a'));
  expect(asked).toEqual(['a']);
  rehearsal.want({ ...wanted('a'), target: { target: 'window', id: 7 } });
  expect(asked, 'another window is').toEqual(['a', 'a']);
});

test('nothing to try opens nothing', async () => {
  const { asked, rehearsal } = shell();
  rehearsal.want(undefined);
  await rehearsal.end();
  expect(asked).toEqual([]);
  rehearsal.want(wanted('a'));
  expect(asked, 'and something opens later').toEqual(['a']);
});
