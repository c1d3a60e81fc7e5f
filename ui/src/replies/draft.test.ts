import { describe, expect, it } from 'vitest';
import { temporaryMemory } from '../memory';
import { ReplyDraft } from './draft.svelte';

describe('a draft', () => {
  it('is pinned to the moment of its first key stroke', () => {
    const draft = new ReplyDraft('clip', temporaryMemory());
    expect(draft.write('W', 3_000_000)).toBe('began');
    expect(draft.write('Wh', 9_000_000)).toBe('went on');
    expect(draft.at_us).toBe(3_000_000);
  });

  it('outlives the page, and is gone once sent', () => {
    const memory = temporaryMemory();
    const draft = new ReplyDraft('clip', memory);
    draft.write('Half a thought', 1);
    draft.name = ' Ada ';
    expect(new ReplyDraft('clip', memory).text).toBe('Half a thought');
    expect(new ReplyDraft('other', memory).text).toBe('');
    expect(draft.sent('Half a thought')).toBe(true);
    const next = new ReplyDraft('clip', memory);
    expect([next.text, next.name]).toEqual(['', 'Ada']);
  });

  it('keeps what is written while it is sent', () => {
    const memory = temporaryMemory();
    const draft = new ReplyDraft('clip', memory);
    draft.write('One', 1);
    draft.write('One, and two', 2);
    expect(draft.sent('One')).toBe(false);
    const kept = new ReplyDraft('clip', memory);
    expect([draft.text, kept.text, kept.at_us]).toEqual(['One, and two', 'One, and two', 1]);
  });
});
