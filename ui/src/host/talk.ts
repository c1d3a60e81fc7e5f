// What is said in the clips of the demo states, and what a search finds there.
import type { MemberClip, SearchHit, SearchPage, TranscriptView } from '../api/types';
import { SECOND } from '../time';

const SENTENCES = [
  'Hi, this is a short walk through how uploads carry on after anything.',
  'Until last week, a recorder that lost its network began again from the beginning.',
  'So the first thing that changed is that offsets are asked for, never assumed.',
  'Second, retries wait with jitter, so that a hundred recorders do not come back in the same second.',
  'Ada, could you look at the diagram and name the lock in it by Friday?',
];

export const TALK: TranscriptView = {
  done: true,
  language: 'en',
  transcribed_by: 'whisper-base.en',
  cues: SENTENCES.map((text, n) => ({
    start_us: n * 9 * SECOND,
    end_us: (n + 1) * 9 * SECOND,
    text,
    edited: false,
  })),
  chapters: [
    { start_us: 0, title: 'What was wrong' },
    { start_us: 18 * SECOND, title: 'What changed' },
  ],
  chapters_by: { by: 'machine', model: 'extractive' },
  tasks: [
    { at_us: 36 * SECOND, text: 'Name the lock in the diagram', owner: 'Ada', due: 'Friday' },
  ],
  tasks_by: { by: 'machine', model: 'extractive' },
};

/** Two places of a clip that is there, and one of a reply. */
export function foundIn(clips: readonly MemberClip[]): SearchPage {
  const place = (
    clip: MemberClip,
    at_us: number | null,
    more: Pick<SearchHit, 'place' | 'snippet'>,
  ): SearchHit => ({
    clip: clip.id,
    key: clip.key,
    title: clip.title,
    author: clip.author,
    recorded_at_us: clip.recorded_at_us,
    poster: clip.poster ?? null,
    at_us,
    ...more,
  });
  const pieces = (before: string, hit: string, after: string) => [
    { text: before, hit: false },
    { text: hit, hit: true },
    { text: after, hit: false },
  ];
  return {
    hits: clips.slice(1, 3).flatMap((clip) => [
      place(clip, 18 * SECOND, {
        place: 'cue',
        snippet: pieces(
          'So the first thing that changed is that ',
          'offsets',
          ' are asked for, never assumed.',
        ),
      }),
      place(clip, null, {
        place: 'summary',
        snippet: pieces('Three things changed: ', 'Offsets', ' are asked for …'),
      }),
    ]),
  };
}
