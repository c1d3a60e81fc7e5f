import { expect, test } from 'vitest';
import type { Host, Sources } from '../../host/host';
import { Rehearsal } from './rehearsal.svelte';

const sources = (camera: string): Sources => ({ screen: 'default', camera, microphone: 'off' });

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
  for (const camera of ['a', 'b', 'c']) rehearsal.want(sources(camera));
  opened();
  await Promise.resolve();
  await Promise.resolve();
  expect(asked).toEqual(['a', 'c']);
});

test('a take waits until a camera that is just being opened is closed again', async () => {
  const { asked, opened, rehearsal } = shell();
  rehearsal.want(sources('a'));
  const ended = rehearsal.end();
  expect(asked).toEqual(['a']);
  opened();
  await ended;
  expect(asked).toEqual(['a', 'end']);
});

test('nothing to try opens nothing', async () => {
  const { asked, rehearsal } = shell();
  rehearsal.want(sources('off'));
  await rehearsal.end();
  expect(asked).toEqual([]);
  rehearsal.want(sources('a'));
  expect(asked, 'and something opens later').toEqual(['a']);
});
