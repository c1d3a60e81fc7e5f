// What a person sees when something did not work: what happened, and what they can do.
import type { Problem } from './types';

/** A `Problem` that is thrown. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
    this.name = 'ProblemError';
  }
}

export const UNREACHABLE: Problem = {
  code: 'unreachable',
  message: 'The library could not be reached.',
  help: 'Check the network and try again.',
};

export function isProblem(value: unknown): value is Problem {
  if (typeof value !== 'object' || value === null) return false;
  const { code, message, help } = value as Record<string, unknown>;
  return typeof code === 'string' && typeof message === 'string' && typeof help === 'string';
}

/** The problem in whatever was thrown. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return thrown.problem;
  if (isProblem(thrown)) return thrown;
  return {
    code: 'internal',
    message: 'Something went wrong here.',
    help: `Try again. ${thrown instanceof Error ? thrown.message : String(thrown)}`,
  };
}

/**
 * Runs work that may be refused, and gives whether it succeeded. `show` gets `undefined` when the
 * work begins, so that an older problem goes, and the problem if it fails.
 */
export async function attempt(
  work: () => Promise<unknown>,
  show: (problem: Problem | undefined) => void,
): Promise<boolean> {
  show(undefined);
  try {
    await work();
    return true;
  } catch (thrown) {
    show(problemOf(thrown));
    return false;
  }
}
