import { expect, test } from 'vitest';
import { clip as demoClip } from '../host/demo/clips';
import { here, NOW, safe, sending, take, UNREACHED } from '../host/demo/takes';
import { entriesOf, idOf, isUnsent, type Shown } from './entries';

const clip = demoClip(1, 'Sent', 'ready', 0, { take: 'sent', recorded_at_us: NOW });
const sent = take('sent', 'Sent', safe(4));
const older = take('older', 'On a page that is not loaded', safe(4), { recorded_at_us: 1 });
const waits = take('waits', 'Waits', here(4), {
  link: null,
  problem: UNREACHED,
  recorded_at_us: NOW + 1,
});

const shown = (more: Partial<Shown>) =>
  entriesOf({
    place: 'all',
    clips: [clip],
    takes: [sent, older, waits],
    gone: [],
    away: false,
    ...more,
  }).map(idOf);

test('a take and its clip are one card, and what is not sent has one of its own', () => {
  expect(shown({})).toEqual(['waits', clip.id]);
  const [, both] = entriesOf({
    place: 'all',
    clips: [clip],
    takes: [sent, waits],
    gone: [],
    away: false,
  });
  expect(both?.take).toBe(sent);
});

test('without the library, what is on this computer is shown', () => {
  expect(shown({ clips: [], away: true })).toEqual(['waits', 'sent', 'older']);
});

test('places choose among them', () => {
  expect(shown({ place: 'unsent' })).toEqual(['waits']);
  expect(shown({ place: 'here' })).toEqual(['waits', clip.id, 'older']);
  expect(shown({ place: 'unread' })).toEqual([clip.id]);
});

test('what was deleted from the library is only among what is on this computer', () => {
  const gone = ['sent'];
  expect(shown({ clips: [], gone })).toEqual(['waits']);
  expect(shown({ clips: [], gone, place: 'here' })).toEqual(['waits', 'sent', 'older']);
});

test('what is on its way does not wait for anybody', () => {
  expect(isUnsent(take('a', '', sending(1, 2)))).toBe(false);
  expect(isUnsent(take('a', '', sending(1, 2), { problem: UNREACHED }))).toBe(true);
  expect(isUnsent(take('a', '', here(2), { link: null, phase: 'recording' }))).toBe(false);
  expect(isUnsent(sent)).toBe(false);
});
