// Whether a list follows what plays. It does until the reader scrolls by hand, and again when the reader says so.

/** `left`: the reader is elsewhere and reads there. */
export type Following = 'following' | 'left';

export type ReaderAction =
  /** By wheel, finger, keys or the scroll bar. */
  | 'scrolled'
  /** Moved on to another place with the keyboard, or by searching. */
  | 'went elsewhere'
  /** Pressed "Back to now". */
  | 'came back'
  /** Chose a place to play from: now is where the reader is. */
  | 'sought';

export function followingAfter(did: ReaderAction): Following {
  return did === 'came back' || did === 'sought' ? 'following' : 'left';
}

export interface Box {
  top: number;
  height: number;
}

/** Between these shares of the height what plays needs no scrolling. */
const [HIGHEST, LOWEST] = [0.08, 0.6];
const AIM = 0.3;

/** Where to scroll to so that `item` is well in sight, both measured from the beginning of what scrolls; nothing if it is. */
export function scrollTarget(view: Box, item: Box): number | undefined {
  const place = item.top - view.top;
  if (place >= view.height * HIGHEST && place + Math.min(item.height, view.height * 0.4) <= view.height * LOWEST)
    return undefined;
  const target = Math.max(0, item.top - view.height * AIM);
  return Math.abs(target - view.top) < 1 ? undefined : target;
}

const SCROLLING_KEYS = new Set(['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End', ' ']);

/** Whether a key scrolls what has the focus. */
export function isScrollKey(key: string): boolean {
  return SCROLLING_KEYS.has(key);
}
