import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Library } from '../api/library';
import { Refused, UNREACHABLE } from '../api/problem';
import type { WordsChange, WordsView } from '../api/types';
import { forgetfulMemory } from '../memory';
import { ClipWords } from './words.svelte';

const said = (...texts: string[]): WordsView => ({
  done: false,
  cues: texts.map((text, n) => ({ start_us: n, end_us: n + 1, text, edited: false })),
  chapters: [],
  tasks: [],
});
const mark = (version: number) => ({ version, done: false });

/** A library that answers when it is told to. */
function slow(own?: string) {
  const asked: { answer: (view: WordsView) => void; refuse: () => void }[] = [];
  const library = new Library('');
  library.words = () =>
    new Promise((answer, reject) => asked.push({ answer, refuse: () => reject(new Refused(UNREACHABLE)) }));
  const changes: WordsChange[] = [];
  library.changeWords = (_, change) => {
    changes.push(change);
    return Promise.resolve(said('a', 'corrected'));
  };
  return { asked, changes, words: new ClipWords(library, 'key', own, forgetfulMemory()) };
}

const texts = (words: ClipWords) => words.view.cues.map(({ text }) => text);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the words of a clip', () => {
  it('are asked for when there are some, and again when they are others', async () => {
    const { asked, words } = slow();
    words.follow(null);
    expect([asked.length, words.state.name]).toEqual([0, 'none']);
    words.follow(mark(1));
    expect(words.state.name).toBe('opening');
    asked[0]?.answer(said('a'));
    await vi.runAllTimersAsync();
    expect([texts(words), words.state.name]).toEqual([['a'], 'here']);
    words.follow(mark(1));
    expect(asked.length, 'the same version is here already').toBe(1);
    words.follow(mark(2));
    asked[1]?.answer(said('a', 'b'));
    await vi.runAllTimersAsync();
    expect(texts(words)).toEqual(['a', 'b']);
  });

  it('are asked for once more when they changed while they were asked for', async () => {
    const { asked, words } = slow();
    words.follow(mark(1));
    words.follow(mark(2));
    words.follow(mark(3));
    expect(asked.length, 'one question at a time').toBe(1);
    asked[0]?.answer(said('a'));
    await vi.runAllTimersAsync();
    expect(asked.length).toBe(2);
    asked[1]?.answer(said('a', 'b', 'c'));
    await vi.runAllTimersAsync();
    expect([texts(words), asked.length]).toEqual([['a', 'b', 'c'], 2]);
  });

  it('are not undone by an answer from before they were corrected', async () => {
    const { asked, words } = slow('own');
    words.follow(mark(1));
    await words.change({ cues: [{ start_us: 1, text: 'corrected' }] });
    asked[0]?.answer(said('a', 'wrong'));
    await vi.advanceTimersByTimeAsync(0);
    expect(texts(words)).toEqual(['a', 'corrected']);
  });

  it('are changed by their author alone', async () => {
    const { changes, words } = slow();
    await words.change({ tasks: [] });
    expect([changes, words.mine]).toEqual([[], false]);
  });

  it('are asked for again after a failure', async () => {
    const { asked, words } = slow();
    words.follow(mark(1));
    asked[0]?.refuse();
    await vi.advanceTimersByTimeAsync(100);
    expect(words.state).toMatchObject({ name: 'away', problem: { code: 'unreachable' } });
    await vi.advanceTimersByTimeAsync(10_000);
    asked[1]?.answer(said('a'));
    await vi.runAllTimersAsync();
    expect(words.state.name).toBe('here');
  });

  it('are asked for no more once the clip is closed', async () => {
    const { asked, words } = slow();
    words.follow(mark(1));
    words.close();
    asked[0]?.refuse();
    await vi.runAllTimersAsync();
    expect(asked).toHaveLength(1);
  });
});
