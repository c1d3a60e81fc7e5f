import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Library, type Listener } from '../api/library';
import type { ClipPage, LibraryEvent, Me, MemberClip } from '../api/types';
import { ClipCatalog } from './catalog.svelte';

const clip = (n: number, more: Partial<MemberClip> = {}) =>
  ({ id: String(n), recorded_at_us: n, title: '', state: 'arriving', ...more }) as MemberClip;
const ids = () => catalog.clips.map(({ id }) => id).join('');

/** The pages that were asked for, each to be answered later. */
let asked: { after: string | undefined; answer: (page: ClipPage) => void }[];
let events: Listener<LibraryEvent>;
let catalog: ClipCatalog;

beforeEach(() => {
  asked = [];
  const library = new Library('');
  library.me = () => Promise.resolve({ name: 'Ada', library: 'Team' } as Me);
  library.clips = (after) => new Promise((answer) => asked.push({ after, answer }));
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
    events.open();
    events.event({ event: 'clip', clip: clip(2, { state: 'ready' }) });
    events.event({ event: 'clip', clip: clip(4) });
    events.event({ event: 'clip_deleted', id: '1' });
    await answer({ clips: [clip(3), clip(2), clip(1)] });
    expect(ids(), '4 is new and 1 deleted').toBe('432');
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
});
