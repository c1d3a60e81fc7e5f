// What the server put into the page for its script: the clip, so that nothing has to be asked for before it shows.
import type { ClipView, Reply } from '../api/types';

export interface Island {
  key: string;
  /** The library's name. */
  library: string;
  /** The name of whoever is signed in. */
  member: string | null;
  clip: ClipView;
  replies: Reply[];
}

export function readIsland(page: Document): Island | undefined {
  const text = page.getElementById('clip')?.textContent;
  return text ? (JSON.parse(text) as Island) : undefined;
}

/** `?t=83` or `#t=83`, in seconds. */
export function startOf(location: Pick<Location, 'search' | 'hash'>): number | undefined {
  const text = new URLSearchParams(location.search).get('t') ?? new URLSearchParams(location.hash.slice(1)).get('t');
  const seconds = text === null || text.trim() === '' ? NaN : Number(text);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.round(seconds * 1e6) : undefined;
}
