// The data that the server embeds in the page for its script, so that the clip shows without a
// request.
import type { ClipView, Reaction, Reply, ReplyPage } from '../api/types';
import { type Micros, parseClock, parseUnits } from '../time';

export interface Island {
  key: string;
  /** The library's name. */
  library: string;
  /** The name of the signed-in member. */
  member: string | null;
  /** The clip's id, if they are its author. */
  own: string | null;
  clip: ClipView;
  /** The first page. */
  replies: ReplyPage;
  reactions?: Reaction[];
}

/** Whether a link asks for the clip to be read. */
export function asksToRead({ search }: Pick<Location, 'search'>): boolean {
  return new URLSearchParams(search).get('view') === 'read';
}

/** The same address, to read the clip or to watch it. */
export function urlFor(
  read: boolean,
  { pathname, search, hash }: Pick<Location, 'pathname' | 'search' | 'hash'>,
): string {
  const params = new URLSearchParams(search);
  if (read) params.set('view', 'read');
  else params.delete('view');
  return pathname + (params.size > 0 ? `?${params}` : '') + hash;
}

/**
 * A reply as the data has it. Its text stands in the page already, as HTML; its Markdown, which only
 * its writer needs, comes with the next load of all replies.
 */
type EmbeddedReply = Omit<Reply, 'body' | 'body_html'> & Partial<Pick<Reply, 'body' | 'body_html'>>;
type Embedded = Omit<Island, 'replies'> & {
  replies: Omit<ReplyPage, 'replies'> & { replies: EmbeddedReply[] };
};

export function readIsland(page: Document): Island | undefined {
  const text = page.getElementById('clip')?.textContent;
  if (!text) return undefined;
  const island = JSON.parse(text) as Embedded;
  const shown = (id: string) =>
    page.getElementById(`reply-${id}`)?.querySelector(':scope > .markup')?.innerHTML ?? '';
  const replies = island.replies.replies.map((reply) => ({
    ...reply,
    body: reply.body ?? '',
    body_html: reply.body_html ?? shown(reply.id),
  }));
  return { ...island, replies: { ...island.replies, replies } };
}

/** `?t=83` or `#t=83` in seconds, `1:23` as the page writes it, `1m23s` as other players do. */
export function startTime(location: Pick<Location, 'search' | 'hash'>): Micros | undefined {
  const text =
    new URLSearchParams(location.search).get('t') ??
    new URLSearchParams(location.hash.slice(1)).get('t');
  if (text === null || text.trim() === '') return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds >= 0) return Math.round(seconds * 1e6);
  return parseClock(text) ?? parseUnits(text);
}
