import { describe, expect, it } from 'vitest';
import { Library } from '../api/library';
import type { Reply } from '../api/types';
import { forgetfulMemory } from '../memory';
import { Replies, threads } from './replies.svelte';

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
    const all = [reply('none'), reply('late', { at_us: 9 }), reply('early', { at_us: 1 })];
    expect(threads(all).map(({ reply }) => reply.id)).toEqual(['early', 'late', 'none']);
  });

  it('hold their answers by age', () => {
    const all = [
      reply('second', { parent: 'root', created_at_us: 2 }),
      reply('first', { parent: 'root', created_at_us: 1 }),
      reply('root'),
    ];
    const [thread] = threads(all);
    expect(thread?.answers.map(({ id }) => id)).toEqual(['first', 'second']);
  });

  it('lose nothing: an answer whose reply is not here stands by itself', () => {
    expect(threads([reply('orphan', { parent: 'gone' })])).toHaveLength(1);
  });
});

describe('replies', () => {
  const replies = (all: Reply[]) => new Replies(new Library(''), 'key', forgetfulMemory(), all);

  it('stay one’s own when an event brings them again', () => {
    const list = replies([reply('a', { mine: true })]);
    list.put(reply('a', { body: 'changed' }));
    expect(list.all).toEqual([reply('a', { mine: true, body: 'changed' })]);
  });

  it('go together with their answers', () => {
    const list = replies([reply('a'), reply('b', { parent: 'a' }), reply('c')]);
    list.remove('a');
    expect(list.all.map(({ id }) => id)).toEqual(['c']);
  });

  it('that came or went while all of them were asked for stay or are gone', async () => {
    const library = new Library('');
    let answer: (all: Reply[]) => void = () => undefined;
    library.replies = () => new Promise((resolve) => (answer = resolve));
    const list = new Replies(library, 'key', forgetfulMemory(), [reply('a'), reply('b')]);
    const fetched = list.fetch();
    list.put(reply('new'));
    list.remove('b');
    list.put(reply('a', { body: 'changed', edited_at_us: 5 }));
    answer([reply('a', { mine: true }), reply('b')]);
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
