import { expect, test } from 'vitest';
import { Library } from '../api/library';
import { ProblemError } from '../api/problem';
import type { TranscriptChange, TranscriptView } from '../api/types';
import { Drafts } from '../drafts.svelte';
import { temporaryMemory } from '../memory';
import { Corrections } from './corrections.svelte';
import { ClipTranscript } from './transcript.svelte';

const said = (...texts: string[]): TranscriptView => ({
  done: true,
  cues: texts.map((text, n) => ({ start_us: n * 10, end_us: n * 10 + 10, text, edited: false })),
  chapters: [],
  tasks: [],
});

/** The author's transcript, of a library that answers a change with what `answers` gives. */
async function authors(
  view: TranscriptView,
  answers: (change: TranscriptChange) => TranscriptView,
) {
  const library = new Library('');
  const changes: TranscriptChange[] = [];
  library.transcript = () => Promise.resolve(view);
  library.changeTranscript = async (_, change) => {
    changes.push(change);
    return Promise.resolve(answers(change));
  };
  const transcript = new ClipTranscript(library, 'key', 'own', temporaryMemory());
  transcript.follow({ version: 1, done: true });
  await expect.poll(() => transcript.state.name).toBe('here');
  const drafts = new Drafts('key', temporaryMemory());
  return { library, changes, transcript, drafts, corrections: new Corrections(transcript, drafts) };
}

test('a correction is begun, written and saved', async () => {
  const { changes, drafts, corrections } = await authors(said('one', 'too'), () =>
    said('one', 'two'),
  );
  corrections.begin(1);
  corrections.write(1, ' two ');
  expect(drafts.names('cue:')).toEqual(['cue:10']);
  await corrections.save(1);
  expect(changes).toEqual([{ cues: [{ start_us: 10, text: 'two' }] }]);
  expect(drafts.names('')).toEqual([]);
});

test('what is emptied is taken out, and what is left alone is not sent', async () => {
  const { changes, corrections } = await authors(said('um', 'two'), () => said('two'));
  corrections.begin(1);
  await corrections.save(1);
  expect(changes).toEqual([]);
  corrections.write(0, '');
  await corrections.save(0);
  expect(changes).toEqual([{ cues: [{ start_us: 0, text: null }] }]);
});

test('what cannot be saved stays', async () => {
  const away = new ProblemError({ code: 'unreachable', message: 'No answer', help: 'Later' });
  const { drafts, corrections } = await authors(said('one'), () => {
    throw away;
  });
  corrections.begin(0);
  corrections.write(0, 'One');
  await expect(corrections.save(0)).rejects.toBe(away);
  expect(drafts.names('cue:')).toEqual(['cue:0']);
});

test('when a machine cut the transcript elsewhere meanwhile, it goes to where they are now', async () => {
  const conflict = new ProblemError({ code: 'conflict', message: 'No such cue', help: 'Again' });
  const { library, changes, drafts, corrections } = await authors(
    said('one', 'too'),
    ({ cues }) => {
      if (cues?.[0]?.start_us === 10) throw conflict;
      return said('one');
    },
  );
  corrections.begin(1);
  corrections.write(1, 'two');
  library.transcript = () =>
    Promise.resolve({ ...said(), cues: [{ start_us: 4, end_us: 30, text: 'too', edited: false }] });
  await corrections.save(1);
  expect(changes.map(({ cues }) => cues?.[0])).toEqual([
    { start_us: 10, text: 'two' },
    { start_us: 4, text: 'two' },
  ]);
  expect(drafts.names('')).toEqual([]);
});
