// Chapters as segments of the seek bar.
import type { Chapter } from '../api/types';
import type { Micros } from '../time';

/** A segment of the bar. */
export interface Segment {
  start_us: Micros;
  end_us: Micros;
  /** None before the first chapter. */
  title: string | undefined;
}

/** The chapters as segments that cover the whole bar without gaps; none is empty. */
export function segments(chapters: readonly Chapter[], duration_us: Micros): Segment[] {
  const inside = chapters.filter(({ start_us }) => start_us < duration_us);
  if (inside.length === 0) return [];
  const all = inside.map(({ start_us, title }, n) => ({
    start_us,
    end_us: inside[n + 1]?.start_us ?? duration_us,
    title,
  }));
  const first_us = inside[0]?.start_us ?? 0;
  const before: Segment[] =
    first_us > 0 ? [{ start_us: 0, end_us: first_us, title: undefined }] : [];
  return [...before, ...all.filter(({ start_us, end_us }) => end_us > start_us)];
}
