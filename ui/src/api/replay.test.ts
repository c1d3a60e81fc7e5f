import { beforeEach, describe, expect, it } from 'vitest';
import { EventReplay } from './replay';

let shown: string[];
let replay: EventReplay<string>;
beforeEach(() => {
  shown = [];
  replay = new EventReplay((event) => shown.push(event));
});

/** A question that is answered when it is told to. */
function slow() {
  let answer: (words: string) => void = () => undefined;
  const answered = new Promise<string>((resolve) => (answer = resolve));
  return { question: () => answered, answer };
}
const show = (answer: string) => void shown.push(answer);

describe('news', () => {
  it('are shown at once, and again after an answer that they overtook', async () => {
    const { question, answer } = slow();
    replay.push('before');
    const asked = replay.fetch(question, show);
    replay.push('one');
    replay.push('two');
    expect(shown).toEqual(['before', 'one', 'two']);
    answer('answer');
    await asked;
    expect(shown.slice(3), 'what happened before the question is in the answer').toEqual([
      'answer',
      'one',
      'two',
    ]);
    replay.push('three');
    expect(shown.slice(6), 'nothing is shown twice once all is answered').toEqual(['three']);
  });

  it('survive a question that fails', async () => {
    await expect(replay.fetch(() => Promise.reject(new Error('away')), show)).rejects.toThrow(
      'away',
    );
    await replay.fetch(() => Promise.resolve('answer'), show);
    expect(shown).toEqual(['answer']);
  });

  it('are not undone by the answer to an earlier question', async () => {
    const [first, second] = [slow(), slow()];
    const asked = [replay.fetchAll(first.question, show), replay.fetchAll(second.question, show)];
    replay.push('event');
    second.answer('new');
    await asked[1];
    first.answer('old');
    await asked[0];
    expect(shown).toEqual(['event', 'new', 'event', 'event']);
  });

  it('do not hear of an earlier question that failed after a later one was answered', async () => {
    let refuse: (why: Error) => void = () => undefined;
    const asked = replay.fetchAll(
      () => new Promise<string>((_, reject) => (refuse = reject)),
      show,
    );
    await replay.fetchAll(() => Promise.resolve('answer'), show);
    refuse(new Error('away'));
    await asked;
    expect(shown).toEqual(['answer']);
  });
});
