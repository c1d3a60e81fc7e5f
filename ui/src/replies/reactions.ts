// The reactions that are offered: their signs, and their names for those who do not see them.
import type { Reaction, ReactionKind } from '../api/types';
import type { Micros } from '../time';

export const REACTIONS: readonly { kind: ReactionKind; sign: string; label: string }[] = [
  { kind: 'thumbs_up', sign: '👍', label: 'Thumbs up' },
  { kind: 'heart', sign: '❤️', label: 'Heart' },
  { kind: 'clap', sign: '👏', label: 'Applause' },
  { kind: 'laugh', sign: '😂', label: 'Laughing' },
  { kind: 'thinking', sign: '🤔', label: 'Thinking' },
  { kind: 'celebrate', sign: '🎉', label: 'Celebration' },
];

export const signOf = (kind: ReactionKind) =>
  REACTIONS.find((offered) => offered.kind === kind)?.sign ?? '';

/** Reactions that stand at one place of the bar: the most frequent kind, and how many in all. */
export interface ReactionMark {
  at_us: Micros;
  kind: ReactionKind;
  count: number;
}

/** How far apart two marks are at least, in pixels. */
const MIN_GAP_PX = 18;

/** Reactions in order of time, as they stand on a bar of that width. */
export function reactionMarks(
  reactions: readonly Reaction[],
  duration_us: Micros,
  width_px: number,
): ReactionMark[] {
  if (duration_us <= 0 || width_px <= 0) return [];
  const gap_us = (MIN_GAP_PX * duration_us) / width_px;
  const groups: Reaction[][] = [];
  for (const reaction of reactions) {
    const first = groups.at(-1)?.[0];
    if (first && reaction.at_us - first.at_us < gap_us) groups.at(-1)?.push(reaction);
    else groups.push([reaction]);
  }
  return groups.map((group) => {
    const count = (kind: ReactionKind) => group.filter((one) => one.kind === kind).length;
    const [most] = REACTIONS.map(({ kind }) => kind).toSorted((a, b) => count(b) - count(a));
    return {
      at_us: Math.min(group[0]?.at_us ?? 0, duration_us),
      kind: most ?? 'heart',
      count: group.length,
    };
  });
}
