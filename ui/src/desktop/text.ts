// Sentences that the window says more than once.
import type { TakeView } from '../host/host';
import { TITLE_MAX_CHARS } from '../host/ipc.gen';
import { sentBytes } from '../library/states';
import { titleOfTake } from '../titles';

/** What a screen reader should announce of the changes between two snapshots. */
export function announcementsOf(before: readonly TakeView[], now: readonly TakeView[]): string[] {
  const past = new Map(before.map((take) => [take.id, take]));
  return now.flatMap((take) => {
    const was = past.get(take.id);
    if (!was) return [];
    if (take.whereabouts.place === 'safe' && was.whereabouts.place !== 'safe')
      return [`${titleOfTake(take)}: in the library`];
    if (take.problem && take.problem.code !== was.problem?.code)
      return [`${titleOfTake(take)}: ${take.problem.message}`];
    return [];
  });
}

/** Whether a library has received more of a take between two snapshots, so that it is reachable. */
export function hasProgressed(before: readonly TakeView[], now: readonly TakeView[]): boolean {
  const past = new Map(before.map((take) => [take.id, sentBytes(take.whereabouts)]));
  return now.some((take) => sentBytes(take.whereabouts) > (past.get(take.id) ?? Infinity));
}

/** The title of a video file: its name without the ending. */
export function titleOfFile(path: string): string {
  const name = path.split(/[/\\]/).at(-1) ?? path;
  return name.replace(/\.[^.]+$/, '').slice(0, TITLE_MAX_CHARS);
}

/** How people name a library by its address. */
export function hostOf(address: string): string {
  return new URL(address).host;
}

/** A size as people read it. */
export function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
