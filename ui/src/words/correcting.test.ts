import { expect, test } from 'vitest';
import { Library } from '../api/library';
import { Refused } from '../api/problem';
import type { WordsChange, WordsView } from '../api/types';
import { Unsent } from '../clip/unsent.svelte';
import { forgetfulMemory } from '../memory';
import { Correcting } from './correcting.svelte';
import { ClipWords } from './words.svelte';

const said = (...texts: string[]): WordsView => ({
  done: true,
  cues: texts.map((text, n) => ({ start_us: n * 10, end_us: n * 10 + 10, text, edited: false })),
  chapters: [],
  tasks: [],
});

/** The author's words, of a library that answers a change with what `answers` gives. */
async function authors(view: WordsView, answers: (change: WordsChange) => WordsView) {
  const library = new Library('');
  const changes: WordsChange[] = [];
  library.words = () => Promise.resolve(view);
  library.changeWords = async (_, change) => {
    changes.push(change);
    return Promise.resolve(answers(change));
  };
  const words = new ClipWords(library, 'key', 'own', forgetfulMemory());
  words.follow({ version: 1, done: true });
  await expect.poll(() => words.state.name).toBe('here');
  const unsent = new Unsent('key', forgetfulMemory());
  return { library, changes, words, unsent, correcting: new Correcting(words, unsent) };
}

test('a correction is begun, written and saved', async () => {
  const { changes, unsent, correcting } = await authors(said('one', 'too'), () => said('one', 'two'));
  correcting.begin(1);
  correcting.write(1, ' two ');
  expect(unsent.names('cue:')).toEqual(['cue:10']);
  await correcting.save(1);
  expect(changes).toEqual([{ cues: [{ start_us: 10, text: 'two' }] }]);
  expect(unsent.names('')).toEqual([]);
});

test('what is emptied is taken out, and what is left alone is not sent', async () => {
  const { changes, correcting } = await authors(said('um', 'two'), () => said('two'));
  correcting.begin(1);
  await correcting.save(1);
  expect(changes).toEqual([]);
  correcting.write(0, '');
  await correcting.save(0);
  expect(changes).toEqual([{ cues: [{ start_us: 0, text: null }] }]);
});

test('what cannot be saved stays', async () => {
  const away = new Refused({ code: 'unreachable', message: 'No answer', help: 'Later' });
  const { unsent, correcting } = await authors(said('one'), () => {
    throw away;
  });
  correcting.begin(0);
  correcting.write(0, 'One');
  await expect(correcting.save(0)).rejects.toBe(away);
  expect(unsent.names('cue:')).toEqual(['cue:0']);
});

test('when a machine cut the words elsewhere meanwhile, it goes to where they are now', async () => {
  const conflict = new Refused({ code: 'conflict', message: 'No such cue', help: 'Again' });
  const { library, changes, unsent, correcting } = await authors(said('one', 'too'), ({ cues }) => {
    if (cues?.[0]?.start_us === 10) throw conflict;
    return said('one');
  });
  correcting.begin(1);
  correcting.write(1, 'two');
  library.words = () => Promise.resolve({ ...said(), cues: [{ start_us: 4, end_us: 30, text: 'too', edited: false }] });
  await correcting.save(1);
  expect(changes.map(({ cues }) => cues?.[0])).toEqual([
    { start_us: 10, text: 'two' },
    { start_us: 4, text: 'two' },
  ]);
  expect(unsent.names('')).toEqual([]);
});
