// Whether the transcript scrolls with playback: until the reader scrolls or goes elsewhere, and
// again on request.

/** `left`: the reader reads elsewhere. */
export type Following = 'following' | 'left';

export type ReaderAction =
  /** By wheel, finger, keys or the scroll bar. */
  | 'scrolled'
  /** Moved on to another place with the keyboard, or by searching. */
  | 'went elsewhere'
  /** Pressed "Back to now". */
  | 'came back'
  /** Chose a place to play from, so that playback is where the reader is. */
  | 'sought';

export function followingAfter(did: ReaderAction): Following {
  return did === 'came back' || did === 'sought' ? 'following' : 'left';
}

export interface Box {
  top: number;
  height: number;
}

/** No scrolling while the current cue is between these shares of the height. */
const [HIGHEST, LOWEST] = [0.08, 0.6];
const AIM = 0.3;

/**
 * Where to scroll so that `item` is well in sight, in pixels from the top of the content; nothing
 * if it is already.
 */
export function scrollTarget(view: Box, item: Box): number | undefined {
  const place = item.top - view.top;
  if (
    place >= view.height * HIGHEST &&
    place + Math.min(item.height, view.height * 0.4) <= view.height * LOWEST
  )
    return undefined;
  const target = Math.max(0, item.top - view.height * AIM);
  return Math.abs(target - view.top) < 1 ? undefined : target;
}

const SCROLLING_KEYS = new Set(['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End', ' ']);

/** Whether a key scrolls what has the focus. */
export function isScrollKey(key: string): boolean {
  return SCROLLING_KEYS.has(key);
}
