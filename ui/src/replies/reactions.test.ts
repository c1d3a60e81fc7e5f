import { describe, expect, it, test } from 'vitest';
import { Library } from '../api/library';
import type { NewReaction, Reaction, ReactionKind } from '../api/types';
import { temporaryMemory } from '../memory';
import { SECOND } from '../time';
import { reactionMarks } from './reactions';
import { Reactions } from './reactions.svelte';

const reaction = (id: string, secs: number, kind: ReactionKind = 'heart'): Reaction => ({
  id,
  kind,
  at_us: secs * SECOND,
  name: null,
  mine: false,
});

describe('a reaction', () => {
  /** A guest's reactions to a clip, and what the library was asked for. */
  function open(first: Reaction[] = []) {
    const [library, asked] = [new Library(''), [] as unknown[]];
    let made = 0;
    library.react = (_, { kind, at_us }: NewReaction, secret) => {
      asked.push(['react', kind, at_us, secret]);
      made += 1;
      const at = Math.floor(at_us / SECOND);
      const posted = { ...reaction(`own-${made}`, at, kind), mine: true };
      return Promise.resolve({ reaction: posted, secret: secret ? null : 'reaction_s' });
    };
    library.deleteReaction = (_, id, secret) => {
      asked.push(['delete', id, secret]);
      return Promise.resolve(undefined);
    };
    return { reactions: new Reactions(library, 'key', temporaryMemory(), first), asked };
  }

  it('is taken back by a second press at its moment, and made anew elsewhere', async () => {
    const { reactions, asked } = open();
    expect(await reactions.toggle('heart', 3.4 * SECOND)).toBe('reacted');
    expect(reactions.own('heart', 4.5 * SECOND)?.id).toBe('own-1');
    expect(reactions.own('clap', 4.5 * SECOND)).toBeUndefined();
    expect(await reactions.toggle('heart', 9 * SECOND)).toBe('reacted');
    expect(await reactions.toggle('heart', 3.9 * SECOND)).toBe('taken back');
    expect(reactions.all.map(({ id }) => id)).toEqual(['own-2']);
    expect(asked, 'a guest shows what they got with the first one').toEqual([
      ['react', 'heart', 3_400_000, undefined],
      ['react', 'heart', 9_000_000, 'reaction_s'],
      ['delete', 'own-1', 'reaction_s'],
    ]);
  });

  it('of somebody else is never taken back', async () => {
    const { reactions, asked } = open([reaction('theirs', 3)]);
    await reactions.toggle('heart', 3 * SECOND);
    expect(asked).toEqual([['react', 'heart', 3_000_000, undefined]]);
    expect(reactions.count('heart')).toBe(2);
  });

  it('stays one’s own when an event brings it again', async () => {
    const { reactions } = open();
    await reactions.toggle('heart', 3 * SECOND);
    reactions.put(reaction('own-1', 3));
    reactions.put(reaction('first', 1));
    expect(reactions.all.map(({ id, mine }) => [id, mine])).toEqual([
      ['first', false],
      ['own-1', true],
    ]);
    reactions.remove('own-1');
    expect(reactions.count('heart')).toBe(1);
  });
});

test('near reactions stand on the bar as one, by the sign that is most frequent', () => {
  const all = [reaction('a', 10), reaction('b', 10.5, 'clap'), reaction('c', 11, 'clap')];
  expect(reactionMarks([...all, reaction('d', 50)], 100 * SECOND, 1000)).toEqual([
    { at_us: 10 * SECOND, kind: 'clap', count: 3 },
    { at_us: 50 * SECOND, kind: 'heart', count: 1 },
  ]);
  expect(reactionMarks(all, 0, 1000)).toEqual([]);
});
