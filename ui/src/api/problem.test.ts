import { expect, test, vi } from 'vitest';
import { attempt, ProblemError, problemOf, UNREACHABLE } from './problem';

test('a problem is found in whatever was thrown', () => {
  expect(problemOf(new ProblemError(UNREACHABLE))).toBe(UNREACHABLE);
  expect(problemOf({ ...UNREACHABLE }), 'as the shell sends it').toEqual(UNREACHABLE);
  expect(problemOf(new Error('no such thing'))).toMatchObject({
    code: 'internal',
    help: 'Try again. no such thing',
  });
});

test('an attempt clears the problem before it, and shows what went wrong', async () => {
  const show = vi.fn();
  expect(await attempt(() => Promise.reject(new ProblemError(UNREACHABLE)), show)).toBe(false);
  expect(show.mock.calls).toEqual([[undefined], [UNREACHABLE]]);
  show.mockClear();
  expect(await attempt(() => Promise.resolve(), show)).toBe(true);
  expect(show.mock.calls).toEqual([[undefined]]);
});
