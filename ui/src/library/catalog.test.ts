import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Library, type Listener } from '../api/library';
import type { ClipPage, LibraryEvent, Me, MemberClip } from '../api/types';
import { ClipCatalog } from './catalog.svelte';

const clip = (n: number, more: Partial<MemberClip> = {}) =>
  ({ id: String(n), recorded_at_us: n, title: '', state: 'arriving', ...more }) as MemberClip;
const ids = () => catalog.clips.map(({ id }) => id).join('');

/** The pages that were asked for, each to be answered later. */
let asked: {
  after: string | undefined;
  only: string | undefined;
  answer: (page: ClipPage) => void;
}[];
/** The clips that were asked for by their id. */
let askedFor: string[];
/** What the library knows of the clips that are asked for so. */
let own: Record<string, Partial<MemberClip>>;
/** The takes whose clip the library has. */
let kept: string[];
let events: Listener<LibraryEvent>;
let catalog: ClipCatalog;

beforeEach(() => {
  asked = [];
  askedFor = [];
  own = {};
  const library = new Library('');
  library.me = () => Promise.resolve({ name: 'Ada', library: 'Team' } as Me);
  kept = [];
  library.clips = (after, which) =>
    which?.take === undefined
      ? new Promise((answer) => asked.push({ after, only: which?.only, answer }))
      : Promise.resolve({ clips: kept.includes(which.take) ? [clip(1)] : [] });
  library.ownClip = (id) => {
    askedFor.push(id);
    const more = own[id];
    return more ? Promise.resolve(clip(Number(id), more)) : Promise.reject(new Error('none'));
  };
  library.listenToLibrary = (listener) => {
    events = listener;
    return () => undefined;
  };
  catalog = new ClipCatalog();
  catalog.show(library);
});

async function answer(page: ClipPage) {
  asked.pop()?.answer(page);
  await vi.waitFor(() => Promise.resolve());
}

describe('a catalog', () => {
  it('is not turned back by an answer that events overtook', async () => {
    own = { 4: {} };
    events.open();
    events.event({ event: 'clip', clip: clip(2, { state: 'ready' }) });
    events.event({ event: 'clip', clip: clip(4) });
    events.event({ event: 'clip_deleted', id: '1' });
    await answer({ clips: [clip(3), clip(2), clip(1)] });
    await vi.waitFor(() => expect(ids(), '4 is new and 1 deleted').toBe('432'));
    expect(catalog.get('2')?.state).toBe('ready');
  });

  it('reads all again that was read when the connection comes back', async () => {
    events.open();
    await answer({ clips: [clip(6), clip(5)], next: 'a' });
    void catalog.loadMore();
    await answer({ clips: [clip(4), clip(3)], next: 'b' });
    expect([ids(), catalog.next]).toEqual(['6543', 'b']);
    events.open();
    await answer({ clips: [clip(7), clip(6)], next: 'c' });
    expect(asked[0]?.after, 'events of further pages may have been missed').toBe('c');
    await answer({ clips: [clip(5), clip(3)], next: 'd' });
    expect([ids(), catalog.next], '4 was deleted meanwhile').toEqual(['7653', 'd']);
  });

  it('leaves a clip to the page that it stands on', async () => {
    events.open();
    await answer({ clips: [clip(6), clip(5)], next: 'a' });
    events.event({ event: 'clip', clip: clip(1) });
    expect(ids(), 'what stands between is not known yet').toBe('65');
  });

  it('does not show what is deleted while it is looked for', async () => {
    const library = catalog.library;
    let found: (clip: MemberClip) => void = () => undefined;
    if (library) library.ownClip = () => new Promise((resolve) => (found = resolve));
    const finding = catalog.find('9');
    events.event({ event: 'clip_deleted', id: '9' });
    found(clip(9));
    expect(await finding).toBeUndefined();
  });

  it('asks for the part that is looked at, and drops an answer about another', async () => {
    events.open();
    const late = asked.pop();
    void catalog.choose('mine');
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(asked[0]?.only).toBe('mine');
    late?.answer({ clips: [clip(9)] });
    await answer({ clips: [clip(2, { mine: true })] });
    await vi.waitFor(() => expect(ids()).toBe('2'));
    own = { 4: { mine: true } };
    events.event({ event: 'clip', clip: clip(3) });
    events.event({ event: 'clip', clip: clip(4, { mine: true }) });
    await vi.waitFor(() => expect(ids(), '3 is somebody else’s').toBe('42'));
    expect(askedFor).toEqual(['4']);
  });

  it('has only what is unread among the unread, and asks what events do not say', async () => {
    const seen = { position_us: 0, finished: true, unopened: false, new_replies: 0 };
    void catalog.choose('unread');
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    await answer({ clips: [clip(2, { progress: { ...seen, unopened: true } })] });
    await vi.waitFor(() => expect(ids()).toBe('2'));
    own = {
      3: { mine: true, replies: 0, progress: seen },
      4: { replies: 7, progress: seen },
      5: { replies: 0, progress: { ...seen, unopened: true } },
    };
    const tell = (n: number, more: Partial<MemberClip>) =>
      events.event({ event: 'clip', clip: clip(n, more) });
    tell(3, { mine: true, replies: 0 });
    tell(3, { mine: true, replies: 0 });
    tell(4, { replies: 7 });
    tell(5, { replies: 0 });
    await vi.waitFor(() => expect(ids(), '3 is one’s own, 4 was read').toBe('52'));
    tell(3, { mine: true, replies: 0, duration_us: 9 });
    tell(4, { replies: 8 });
    expect(ids(), '4 has a new reply').toBe('542');
    expect(catalog.get('4')?.progress?.new_replies).toBe(1);
    expect(askedFor, 'each is asked for once').toEqual(['3', '4', '5']);
    events.event({ event: 'clip', clip: clip(6) });
    await vi.waitFor(() => expect(askedFor).toHaveLength(4));
    expect(ids(), 'what the library does not tell comes with the next load').toBe('542');
  });

  it('knows which takes have no clip any more', async () => {
    events.open();
    await answer({ clips: [clip(2, { take: 'seen' })] });
    await vi.waitFor(() => expect(catalog.state.name).toBe('open'));
    kept = ['further'];
    let questions = 0;
    const library = catalog.library;
    const ask = library?.clips;
    if (library && ask)
      library.clips = (...args) => {
        questions += 1;
        return ask(...args);
      };
    const link = '/c/key';
    const takes = [
      { id: 'seen', link },
      { id: 'further', link },
      { id: 'deleted', link },
      { id: 'elsewhere', link: 'https://other.example.org/c/key' },
    ];
    await catalog.checkTakes(takes);
    expect(catalog.gone).toEqual(['deleted']);
    await catalog.checkTakes(takes);
    expect(questions, 'each is asked about once').toBe(2);
    events.event({ event: 'clip_deleted', id: '2' });
    expect(catalog.gone).toEqual(['deleted', 'seen']);
  });

  it('takes a clip that is watched here for read', async () => {
    events.open();
    const progress = { position_us: 0, finished: false, unopened: true, new_replies: 2 };
    await answer({ clips: [clip(2, { progress })] });
    await vi.waitFor(() => expect(ids()).toBe('2'));
    catalog.noteProgress('2', undefined, false);
    catalog.noteProgress('2', 7, true);
    catalog.noteProgress('2', 3, false);
    expect(catalog.get('2')?.progress).toEqual({
      position_us: 3,
      finished: true,
      unopened: false,
      new_replies: 0,
    });
  });
});
