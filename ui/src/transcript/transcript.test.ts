import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Library } from '../api/library';
import { ProblemError, UNREACHABLE } from '../api/problem';
import type { TranscriptChange, TranscriptView } from '../api/types';
import { temporaryMemory } from '../memory';
import { ClipTranscript } from './transcript.svelte';

const said = (...texts: string[]): TranscriptView => ({
  done: false,
  cues: texts.map((text, n) => ({ start_us: n, end_us: n + 1, text, edited: false })),
  chapters: [],
  tasks: [],
});
const version = (version: number) => ({ version, done: false });

/** A library that answers when it is told to. */
function slow(own?: string) {
  const asked: { answer: (view: TranscriptView) => void; refuse: () => void }[] = [];
  const library = new Library('');
  library.transcript = () =>
    new Promise((answer, reject) =>
      asked.push({ answer, refuse: () => reject(new ProblemError(UNREACHABLE)) }),
    );
  const changes: TranscriptChange[] = [];
  library.changeTranscript = (_, change) => {
    changes.push(change);
    return Promise.resolve(said('a', 'corrected'));
  };
  return { asked, changes, transcript: new ClipTranscript(library, 'key', own, temporaryMemory()) };
}

const texts = (transcript: ClipTranscript) => transcript.view.cues.map(({ text }) => text);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the transcript of a clip', () => {
  it('are asked for when there are some, and again when they are others', async () => {
    const { asked, transcript } = slow();
    transcript.follow(null);
    expect([asked.length, transcript.state.name]).toEqual([0, 'none']);
    transcript.follow(version(1));
    expect(transcript.state.name).toBe('opening');
    asked[0]?.answer(said('a'));
    await vi.runAllTimersAsync();
    expect([texts(transcript), transcript.state.name]).toEqual([['a'], 'here']);
    transcript.follow(version(1));
    expect(asked.length, 'the same version is here already').toBe(1);
    transcript.follow(version(2));
    asked[1]?.answer(said('a', 'b'));
    await vi.runAllTimersAsync();
    expect(texts(transcript)).toEqual(['a', 'b']);
  });

  it('are asked for once more when they changed while they were asked for', async () => {
    const { asked, transcript } = slow();
    transcript.follow(version(1));
    transcript.follow(version(2));
    transcript.follow(version(3));
    expect(asked.length, 'one question at a time').toBe(1);
    asked[0]?.answer(said('a'));
    await vi.runAllTimersAsync();
    expect(asked.length).toBe(2);
    asked[1]?.answer(said('a', 'b', 'c'));
    await vi.runAllTimersAsync();
    expect([texts(transcript), asked.length]).toEqual([['a', 'b', 'c'], 2]);
  });

  it('are not undone by an answer from before they were corrected', async () => {
    const { asked, transcript } = slow('own');
    transcript.follow(version(1));
    await transcript.change({ cues: [{ start_us: 1, text: 'corrected' }] });
    asked[0]?.answer(said('a', 'wrong'));
    await vi.advanceTimersByTimeAsync(0);
    expect(texts(transcript)).toEqual(['a', 'corrected']);
  });

  it('are changed by their author alone', async () => {
    const { changes, transcript } = slow();
    await transcript.change({ tasks: [] });
    expect([changes, transcript.mine]).toEqual([[], false]);
  });

  it('are asked for again after a failure', async () => {
    const { asked, transcript } = slow();
    transcript.follow(version(1));
    asked[0]?.refuse();
    await vi.advanceTimersByTimeAsync(100);
    expect(transcript.state).toMatchObject({ name: 'away', problem: { code: 'unreachable' } });
    await vi.advanceTimersByTimeAsync(10_000);
    asked[1]?.answer(said('a'));
    await vi.runAllTimersAsync();
    expect(transcript.state.name).toBe('here');
  });

  it('are asked for no more once the clip is closed', async () => {
    const { asked, transcript } = slow();
    transcript.follow(version(1));
    transcript.close();
    asked[0]?.refuse();
    await vi.runAllTimersAsync();
    expect(asked).toHaveLength(1);
  });
});
