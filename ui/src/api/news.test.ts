import { beforeEach, describe, expect, it } from 'vitest';
import { News } from './news';

let told: string[];
let news: News<string>;
beforeEach(() => {
  told = [];
  news = new News((event) => told.push(event));
});

/** A question that is answered when it is told to. */
function slow() {
  let answer: (words: string) => void = () => undefined;
  const answered = new Promise<string>((resolve) => (answer = resolve));
  return { question: () => answered, answer };
}
const show = (answer: string) => void told.push(answer);

describe('news', () => {
  it('are told at once, and again after an answer that they overtook', async () => {
    const { question, answer } = slow();
    news.hear('before');
    const asked = news.ask(question, show);
    news.hear('one');
    news.hear('two');
    expect(told).toEqual(['before', 'one', 'two']);
    answer('answer');
    await asked;
    expect(told.slice(3), 'what happened before the question is in the answer').toEqual(['answer', 'one', 'two']);
    news.hear('three');
    expect(told.slice(6), 'nothing is told twice once all is answered').toEqual(['three']);
  });

  it('survive a question that fails', async () => {
    await expect(news.ask(() => Promise.reject(new Error('away')), show)).rejects.toThrow('away');
    await news.ask(() => Promise.resolve('answer'), show);
    expect(told).toEqual(['answer']);
  });

  it('are not undone by the answer to an earlier question', async () => {
    const [first, second] = [slow(), slow()];
    const asked = [news.askForAll(first.question, show), news.askForAll(second.question, show)];
    news.hear('event');
    second.answer('new');
    await asked[1];
    first.answer('old');
    await asked[0];
    expect(told).toEqual(['event', 'new', 'event', 'event']);
  });

  it('do not hear of an earlier question that failed after a later one was answered', async () => {
    let refuse: (why: Error) => void = () => undefined;
    const asked = news.askForAll(() => new Promise<string>((_, reject) => (refuse = reject)), show);
    await news.askForAll(() => Promise.resolve('answer'), show);
    refuse(new Error('away'));
    await asked;
    expect(told).toEqual(['answer']);
  });
});
