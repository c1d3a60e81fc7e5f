// Replies as threads, and as pins on the seek bar.
import type { Reply, ReplyMoment } from '../api/types';
import type { Pin } from '../player/markers';

/** A reply and the follow-ups to it, the oldest first. */
export interface Thread {
  reply: Reply;
  followUps: Reply[];
}

const byMoment = (a: Reply, b: Reply) =>
  (a.anchor?.start_us ?? Infinity) - (b.anchor?.start_us ?? Infinity) ||
  a.created_at_us - b.created_at_us ||
  a.id.localeCompare(b.id);
const byAge = (a: Reply, b: Reply) => a.created_at_us - b.created_at_us || a.id.localeCompare(b.id);

/**
 * Replies in the order of their moments, each with its follow-ups. A follow-up whose reply is not
 * loaded is a thread of its own, or is left out while there are more pages.
 */
export function threads(replies: readonly Reply[], whole = true): Thread[] {
  const here = new Set(replies.map(({ id }) => id));
  const roots = replies
    .filter(({ parent }) => !parent || (whole && !here.has(parent)))
    .sort(byMoment);
  const followUps = new Map<string, Reply[]>();
  for (const reply of replies) {
    if (reply.parent) followUps.set(reply.parent, [...(followUps.get(reply.parent) ?? []), reply]);
  }
  return roots.map((reply) => ({ reply, followUps: (followUps.get(reply.id) ?? []).sort(byAge) }));
}

/** The order in which threads are shown: by their moments, or the newest first. */
export type ThreadOrder = 'moment' | 'newest';

/** Threads, which come in the order of their moments, in another order. */
export function inOrder(threads: readonly Thread[], order: ThreadOrder): readonly Thread[] {
  return order === 'moment' ? threads : threads.toSorted((a, b) => byAge(b.reply, a.reply));
}

/** `moments`, each with its reply if that is among `replies`. */
export function pins(moments: readonly ReplyMoment[], replies: readonly Reply[]): Pin[] {
  const here = new Map(replies.map((reply) => [reply.id, reply]));
  return moments.map((moment) => ({ ...moment, reply: here.get(moment.id) }));
}

/** Merges a page into replies; the page is newer where both have one. */
export function mergePage(replies: readonly Reply[], page: readonly Reply[]): Reply[] {
  const came = new Set(page.map(({ id }) => id));
  return [...replies.filter(({ id }) => !came.has(id)), ...page];
}
