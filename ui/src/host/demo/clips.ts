// The clips of the demos and the replies to them.
import type { ClipState, MemberClip, Reply } from '../../api/types';
import { type Micros, SECOND } from '../../time';
import { HOUR, LINK, LONG, MEGABYTE, MINUTE, NOW, SUMMARY } from './takes';

/** A picture of a slide, drawn here so that nothing is fetched. */
export function picture(hue: number, caption: string): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180"><rect width="320" height="180" fill="hsl(${hue} 30% 22%)"/><rect x="24" y="28" width="180" height="12" rx="3" fill="hsl(${hue} 50% 80%)"/><rect x="24" y="56" width="250" height="6" rx="3" fill="hsl(${hue} 20% 60%)"/><rect x="24" y="72" width="220" height="6" rx="3" fill="hsl(${hue} 20% 60%)"/><rect x="24" y="88" width="236" height="6" rx="3" fill="hsl(${hue} 20% 60%)"/><circle cx="278" cy="138" r="26" fill="hsl(${hue + 140} 35% 55%)"/><text x="24" y="150" font-family="sans-serif" font-size="14" fill="#fff">${caption}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

export function clip(
  n: number,
  title: string,
  state: ClipState,
  replies: number,
  more: Partial<MemberClip> = {},
): MemberClip {
  return {
    id: `clip-${n}`,
    key: `key-${n}`,
    link: LINK,
    sealed_sha256: null,
    mine: n % 3 === 0,
    title,
    summary: SUMMARY,
    summary_html: '<p>Three things changed.</p>',
    author: ['Ada', 'Grace', 'Edsger'][n % 3] ?? 'Ada',
    recorded_at_us: NOW - n * 7 * HOUR,
    state,
    live: false,
    duration_us: (n + 1) * 47 * SECOND,
    size_bytes: 12 * MEGABYTE,
    width: 1920,
    height: 1080,
    poster: state === 'recording' ? null : picture(n * 67, `Slide ${n}`),
    hls: null,
    mp4: null,
    replies,
    guests: true,
    repliers: ['Grace', 'Edsger', 'Ada']
      .slice(0, replies)
      .map((name, k) => ({ name, member: k < 2 })),
    progress: {
      position_us: n % 4 === 1 ? 30 * SECOND : 0,
      finished: n % 4 === 2,
      unopened: n % 4 === 0 && n % 3 !== 0,
      new_replies: n % 5 === 1 ? Math.min(replies, 2) : 0,
    },
    ...more,
  };
}

export const CLIPS = [
  clip(0, 'Release 0.4: what changes for you', 'recording', 0),
  clip(1, 'Resumable uploads, walked through', 'ready', 5),
  clip(2, 'Bug: the caret jumps when a reply arrives', 'ready', 1),
  clip(3, '', 'interrupted', 0),
  clip(4, LONG, 'arriving', 12),
];

/** The third one is Ada's own. */
export const TALK_CLIPS = CLIPS.map((clip) => ({
  ...clip,
  transcript: { version: 1, done: true },
  title_by: { by: 'person' as const },
  summary_by: { by: 'machine' as const, model: 'extractive' },
}));

const reply = (n: number, name: string, body: string, at_us: Micros | null): Reply => ({
  id: `reply-${n}`,
  parent: null,
  name,
  member: n === 1,
  body,
  body_html: `<p>${body}</p>`,
  anchor: at_us === null ? null : { start_us: at_us },
  created_at_us: NOW + n * MINUTE,
  edited_at_us: null,
  mine: n === 1,
});

export const REPLIES = [
  reply(1, 'Ada', 'Slide 2 says “three”, I count four.', 12 * SECOND),
  reply(2, 'Grace', 'This is what I was looking for, thank you.', 58 * SECOND),
  reply(3, 'Edsger', 'Can we have the numbers for March, too?', null),
];
