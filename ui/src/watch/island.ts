// The data that the server embeds in the page for its script, so that the clip shows without a
// request.
import type { ClipView, ReplyPage } from '../api/types';
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

export function readIsland(page: Document): Island | undefined {
  const text = page.getElementById('clip')?.textContent;
  return text ? (JSON.parse(text) as Island) : undefined;
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
