import { expect, test } from 'vitest';
import { Refused, UNREACHABLE } from '../api/problem';
import { Sending } from './sending.svelte';

const submit = () => new Event('submit', { cancelable: true }) as SubmitEvent;

test('a form is sent once at a time', async () => {
  const sent: (() => void)[] = [];
  const sending = new Sending(() => new Promise((done) => sent.push(done)));
  const event = submit();
  sending.onsubmit(event);
  sending.onsubmit(submit());
  expect([event.defaultPrevented, sent.length, sending.busy]).toEqual([true, 1, true]);
  sent[0]?.();
  await expect.poll(() => sending.busy).toBe(false);
  sending.onsubmit(submit());
  expect(sent.length).toBe(2);
});

test('what goes wrong is said until it is tried again', async () => {
  let reachable = false;
  const sending = new Sending(() => (reachable ? Promise.resolve() : Promise.reject(new Refused(UNREACHABLE))));
  sending.onsubmit(submit());
  await expect.poll(() => sending.problem).toEqual(UNREACHABLE);
  expect(sending.busy).toBe(false);
  reachable = true;
  sending.onsubmit(submit());
  expect(sending.problem).toBeUndefined();
});
