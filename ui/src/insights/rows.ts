// Chapters and tasks as rows of a form: times as people type them.
import type { Chapter, Task } from '../api/types';
import { clock, type Micros, parseClock } from '../time';

export interface Row {
  /** The time, as typed. */
  at: string;
  /** The exact time, which counts while `at` still shows it. */
  exact_us?: Micros;
  /** A row with an empty text is skipped. */
  text: string;
  owner?: string;
  due?: string;
}

/** An invalid row, and what to do about it. */
export interface RowError {
  row: number;
  message: string;
}

type Parsed<T> = { rows: T[] } | { wrong: RowError };

export function rowAt(at_us: Micros, text = ''): Row {
  return { at: clock(at_us), exact_us: at_us, text };
}

export const chapterRow = ({ start_us, title }: Chapter): Row => rowAt(start_us, title);
export const taskRow = ({ at_us, text, owner, due }: Task): Row => ({
  ...rowAt(at_us, text),
  ...(owner && { owner }),
  ...(due && { due }),
});

export function parseChapters(rows: readonly Row[], duration_us: Micros): Parsed<Chapter> {
  const begun = new Set<Micros>();
  return read(rows, duration_us, ({ text }, start_us) => {
    if (begun.has(start_us))
      return `Another chapter begins at ${clock(start_us)}, too: give one of them another time.`;
    begun.add(start_us);
    return { start_us, title: text.trim() };
  });
}

export function parseTasks(rows: readonly Row[], duration_us: Micros): Parsed<Task> {
  return read(rows, duration_us, ({ text, owner = '', due = '' }, at_us) => ({
    at_us,
    text: text.trim(),
    ...(owner.trim() !== '' && { owner: owner.trim() }),
    ...(due.trim() !== '' && { due: due.trim() }),
  }));
}

/** All rows in order of time, or the first invalid one. */
function read<T>(
  rows: readonly Row[],
  duration_us: Micros,
  one: (row: Row, at_us: Micros) => T | string,
): Parsed<T> {
  const good: { at_us: Micros; made: T }[] = [];
  for (const [n, row] of rows.entries()) {
    if (row.text.trim() === '') continue;
    const at_us = timeOf(row);
    if (at_us === undefined)
      return { wrong: { row: n, message: `“${row.at}” is no time: write it as 1:23.` } };
    if (at_us > duration_us)
      return {
        wrong: {
          row: n,
          message: `${row.at.trim()} is after the end of the clip, which is ${clock(duration_us)} long.`,
        },
      };
    const made = one(row, at_us);
    if (typeof made === 'string') return { wrong: { row: n, message: made } };
    good.push({ at_us, made });
  }
  return { rows: good.toSorted((a, b) => a.at_us - b.at_us).map(({ made }) => made) };
}

function timeOf({ at, exact_us }: Row): Micros | undefined {
  return exact_us !== undefined && clock(exact_us) === at.trim() ? exact_us : parseClock(at);
}
