import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Announcer } from '../announcer.svelte';
import { Library, type Listener } from '../api/library';
import type { ClipEvent, ClipView } from '../api/types';
import { temporaryMemory } from '../memory';
import { Clip } from './clip.svelte';

const view = (more: Partial<ClipView> = {}) =>
  ({
    title: 'A',
    author: 'Ada',
    state: 'arriving',
    duration_us: 1,
    transcript: null,
    ...more,
  }) as ClipView;

/** The questions that the page asked, each to be answered later. */
let asked: ((view: ClipView) => void)[];
let others: string[];
let events: Listener<ClipEvent>;
let clip: Clip;

beforeEach(() => {
  [asked, others] = [[], []];
  const library = new Library('');
  library.clip = () => new Promise((answer) => asked.push(answer));
  library.changeClip = () =>
    new Promise((answer) => asked.push(answer as (view: ClipView) => void));
  library.replies = () => {
    others.push('replies');
    return Promise.resolve({ replies: [] });
  };
  library.reactions = () => Promise.resolve({ reactions: [] });
  library.transcript = () => {
    others.push('transcript');
    return Promise.resolve({ done: true, cues: [], chapters: [], tasks: [] });
  };
  library.listenToClip = (_, listener) => {
    events = listener;
    return () => undefined;
  };
  const options = {
    library,
    key: 'key',
    view: view(),
    replies: { replies: [] },
    member: 'Ada',
    own: 'id',
  };
  clip = new Clip({ ...options, memory: temporaryMemory(), announcer: new Announcer() });
  clip.listen();
});

const settled = () => vi.waitFor(() => Promise.resolve());

describe('a clip', () => {
  it('that only its author may watch yet says so in the window, and plays as soon as elements may load it', () => {
    const running = view({
      state: 'recording',
      live: false,
      hls: '/c/key/stream.m3u8',
      poster: '/c/key/poster.jpg',
    });
    const open = (base: string, view: ClipView) => {
      const library = new Library(base, 'lib_token');
      const options = {
        library,
        key: 'key',
        view,
        replies: { replies: [] },
        member: 'Ada',
        own: 'id',
      };
      return new Clip({ ...options, memory: temporaryMemory(), announcer: new Announcer() });
    };
    const inTheWindow = open('http://127.0.0.1:8455', running);
    expect(inTheWindow.view).toMatchObject({ state: 'recording', hls: null });
    expect(inTheWindow.poster).toBeUndefined();
    inTheWindow.apply({ event: 'clip', clip: { ...running, state: 'arriving' } });
    expect(inTheWindow.view.hls).toBe('/c/key/stream.m3u8');
    expect(open('http://127.0.0.1:8455', { ...running, live: true }).view.hls).toBe(
      '/c/key/stream.m3u8',
    );
    expect(open('', running).view.hls).toBe('/c/key/stream.m3u8');
  });

  it('is not turned back by an answer that an event overtook', async () => {
    events.open();
    events.event({ event: 'clip', clip: view({ state: 'ready' }) });
    asked[0]?.(view({ state: 'arriving' }));
    await settled();
    expect(clip.view.state).toBe('ready');
  });

  it('is not turned back by the answer to a change, nor by one to an earlier question', async () => {
    const change = clip.change({ title: 'B' });
    events.event({ event: 'clip', clip: view({ title: 'B', state: 'ready' }) });
    asked[0]?.(view({ title: 'B' }));
    await change;
    expect(clip.view.state).toBe('ready');
    events.open();
    events.open();
    asked[2]?.(view({ title: 'later' }));
    asked[1]?.(view({ title: 'earlier' }));
    await settled();
    expect(clip.view.title).toBe('later');
  });

  it('is asked for anew on every connection, with its replies, and its words if they are others', async () => {
    const perConnection: string[][] = [];
    for (const version of [1, 2, 2]) {
      [asked, others] = [[], []];
      events.open();
      asked[0]?.(view({ transcript: { version, done: true } }));
      await settled();
      perConnection.push(others);
      events.lost();
    }
    expect(perConnection).toEqual([
      ['replies', 'transcript'],
      ['replies', 'transcript'],
      ['replies'],
    ]);
  });
});
