import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Library } from '../api/library';
import { ProblemError, UNREACHABLE } from '../api/problem';
import type { SearchHit, SearchPage } from '../api/types';
import { Search } from './search.svelte';

const hit = (title: string) => ({ title }) as SearchHit;

/** A library that answers when it is told to. */
function slow() {
  const asked: {
    query: string;
    signal: AbortSignal;
    answer: (page: SearchPage) => void;
    refuse: () => void;
  }[] = [];
  const library = new Library('');
  library.search = (query, _, signal) =>
    new Promise((answer, reject) =>
      asked.push({ query, signal, answer, refuse: () => reject(new ProblemError(UNREACHABLE)) }),
    );
  return { asked, search: new Search(() => library) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the library is asked once the typing rests', async () => {
  const { asked, search } = slow();
  search.write('o');
  search.write('of');
  search.write('off');
  expect(search.found.name).toBe('searching');
  await vi.runAllTimersAsync();
  expect(asked.map(({ query }) => query)).toEqual(['off']);
});

test('an old answer does not take the place of a new one', async () => {
  const { asked, search } = slow();
  search.write('old');
  await vi.runAllTimersAsync();
  search.write('new');
  await vi.runAllTimersAsync();
  expect(asked[0]?.signal.aborted).toBe(true);
  asked[1]?.answer({ hits: [hit('new')] });
  asked[0]?.answer({ hits: [hit('old')] });
  await vi.runAllTimersAsync();
  expect(search.found).toEqual({ name: 'found', hits: [hit('new')] });
});

test('Enter asks at once, and not again for what is found already', async () => {
  const { asked, search } = slow();
  search.write('x');
  const first = search.ask();
  asked[0]?.answer({ hits: [hit('x')] });
  expect(await first).toEqual([hit('x')]);
  expect(await search.ask()).toEqual([hit('x')]);
  expect(asked).toHaveLength(1);
});

test('what did not work is said, and forgotten with the query', async () => {
  const { asked, search } = slow();
  search.write('x');
  await vi.runAllTimersAsync();
  asked[0]?.refuse();
  await vi.runAllTimersAsync();
  expect(search.found).toMatchObject({ name: 'failed', problem: { code: 'unreachable' } });
  search.write('');
  expect(search.found.name).toBe('idle');
});
