import { expect, test } from 'vitest';
import { ProblemError, UNREACHABLE } from '../api/problem';
import { Submission } from './submission.svelte';

const submit = () => new Event('submit', { cancelable: true }) as SubmitEvent;

test('a form is sent once at a time', async () => {
  const sent: (() => void)[] = [];
  const submission = new Submission(() => new Promise((done) => sent.push(done)));
  const event = submit();
  submission.onsubmit(event);
  submission.onsubmit(submit());
  expect([event.defaultPrevented, sent.length, submission.busy]).toEqual([true, 1, true]);
  sent[0]?.();
  await expect.poll(() => submission.busy).toBe(false);
  submission.onsubmit(submit());
  expect(sent.length).toBe(2);
});

test('what goes wrong is said until it is tried again', async () => {
  let reachable = false;
  const submission = new Submission(() =>
    reachable ? Promise.resolve() : Promise.reject(new ProblemError(UNREACHABLE)),
  );
  submission.onsubmit(submit());
  await expect.poll(() => submission.problem).toEqual(UNREACHABLE);
  expect(submission.busy).toBe(false);
  reachable = true;
  submission.onsubmit(submit());
  expect(submission.problem).toBeUndefined();
});
