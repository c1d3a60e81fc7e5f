import { describe, expect, it } from 'vitest';
import { Library } from '../api/library';
import type { Reply, ReplyPage } from '../api/types';
import { temporaryMemory } from '../memory';
import { Replies } from './replies.svelte';
import { inOrder, threads } from './threads';

const reply = (id: string, more: Partial<Reply> = {}): Reply => ({
  id,
  name: 'Ada',
  member: false,
  body: id,
  body_html: id,
  created_at_us: 0,
  mine: false,
  ...more,
});

describe('threads', () => {
  it('stand in the order of their moments, those without one last', () => {
    const all = [
      reply('none'),
      reply('late', { anchor: { start_us: 9 } }),
      reply('early', { anchor: { start_us: 1 } }),
    ];
    expect(threads(all).map(({ reply }) => reply.id)).toEqual(['early', 'late', 'none']);
  });

  it('hold their follow-ups by age', () => {
    const all = [
      reply('second', { parent: 'root', created_at_us: 2 }),
      reply('first', { parent: 'root', created_at_us: 1 }),
      reply('root'),
    ];
    const [thread] = threads(all);
    expect(thread?.followUps.map(({ id }) => id)).toEqual(['first', 'second']);
  });

  it('are shown the newest first, if somebody wants that', () => {
    const all = [
      reply('old', { anchor: { start_us: 1 }, created_at_us: 1 }),
      reply('new', { anchor: { start_us: 9 }, created_at_us: 5 }),
      reply('to the old one', { parent: 'old', created_at_us: 9 }),
    ];
    const ids = (order: 'moment' | 'newest') =>
      inOrder(threads(all), order).map(({ reply }) => reply.id);
    expect([ids('moment'), ids('newest')]).toEqual([
      ['old', 'new'],
      ['new', 'old'],
    ]);
  });

  it('lose nothing: a follow-up whose reply is not here stands by itself', () => {
    expect(threads([reply('orphan', { parent: 'gone' })])).toHaveLength(1);
    expect(
      threads([reply('early', { parent: 'to come' })], false),
      'it waits for the reply that it follows',
    ).toEqual([]);
  });
});

describe('replies', () => {
  const replies = (all: Reply[]) =>
    new Replies(new Library(''), 'key', temporaryMemory(), { replies: all });

  it('stay one’s own when an event brings them again', () => {
    const list = replies([reply('a', { mine: true })]);
    list.put(reply('a', { body: 'changed' }));
    expect(list.all).toEqual([reply('a', { mine: true, body: 'changed' })]);
  });

  it('go together with their follow-ups', () => {
    const list = replies([reply('a'), reply('b', { parent: 'a' }), reply('c')]);
    list.remove('a');
    expect(list.all.map(({ id }) => id)).toEqual(['c']);
  });

  it('that came or went while all of them were asked for stay or are gone', async () => {
    const library = new Library('');
    let answer: (all: ReplyPage) => void = () => undefined;
    library.replies = () => new Promise((resolve) => (answer = resolve));
    const list = new Replies(library, 'key', temporaryMemory(), {
      replies: [reply('a'), reply('b')],
    });
    const fetched = list.refresh();
    list.put(reply('new'));
    list.remove('b');
    list.put(reply('a', { body: 'changed', edited_at_us: 5 }));
    answer({ replies: [reply('a', { mine: true }), reply('b')] });
    await fetched;
    expect(list.all.map(({ id }) => id).toSorted()).toEqual(['a', 'new']);
    expect(list.all.find(({ id }) => id === 'a')).toMatchObject({ body: 'changed', mine: true });
  });

  it('do not turn back to how they were before an edit', () => {
    const list = replies([reply('a', { body: 'second', edited_at_us: 2 })]);
    list.put(reply('a', { body: 'first', edited_at_us: 1 }));
    expect(list.all[0]?.body).toBe('second');
  });
});

describe('pages of replies', () => {
  const PAGES: Record<string, ReplyPage> = {
    first: {
      replies: [reply('a', { anchor: { start_us: 1 } }), reply('b', { anchor: { start_us: 2 } })],
      next: '2',
      moments: [1, 2, 3, 4, 5].map((at_us) => ({ id: 'abcde'[at_us - 1] ?? '', at_us })),
    },
    2: {
      replies: [reply('c', { anchor: { start_us: 3 } }), reply('d', { anchor: { start_us: 4 } })],
      next: '3',
    },
    3: { replies: [reply('e', { anchor: { start_us: 5 } }), reply('f', { parent: 'e' })] },
  };
  let asked: string[];

  function open() {
    asked = [];
    const library = new Library('');
    library.replies = (_, after = 'first') => {
      asked.push(after);
      return Promise.resolve(PAGES[after] as ReplyPage);
    };
    return new Replies(library, 'key', temporaryMemory(), PAGES['first'] as ReplyPage);
  }
  const ids = (list: Replies) => list.all.map(({ id }) => id).toSorted();

  it('come one at a time, once for all who ask', async () => {
    const list = open();
    await Promise.all([list.loadMore(), list.loadMore()]);
    expect([ids(list), asked]).toEqual([['a', 'b', 'c', 'd'], ['2']]);
    await list.loadAll();
    expect([ids(list), asked]).toEqual([
      ['a', 'b', 'c', 'd', 'e', 'f'],
      ['2', '3'],
    ]);
    await list.loadMore();
    expect(asked).toHaveLength(2);
  });

  it('come until the reply is here that somebody chose on the bar', async () => {
    const list = open();
    expect(list.pins.map(({ id, reply }) => [id, reply?.id])).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      ['c', undefined],
      ['d', undefined],
      ['e', undefined],
    ]);
    await list.loadUntil('c');
    expect(asked).toEqual(['2']);
    await list.loadUntil('nowhere');
    expect(list.next).toBeUndefined();
  });

  it('that are here are asked for anew, and no more', async () => {
    const list = open();
    await list.loadMore();
    asked = [];
    await list.refresh();
    expect([ids(list), asked, list.next]).toEqual([['a', 'b', 'c', 'd'], ['first', '2'], '3']);
  });

  it('keep the pins on the bar up to date', () => {
    const list = open();
    list.put(reply('new', { anchor: { start_us: 2.5 } }));
    list.put(reply('follow-up', { anchor: { start_us: 2.6 }, parent: 'a' }));
    list.remove('d');
    expect(list.pins.map(({ id }) => id)).toEqual(['a', 'b', 'new', 'c', 'e']);
  });
});
