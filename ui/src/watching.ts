// Tells how far a clip is watched: when it is opened, every few seconds while something changes,
// and when it is left.
import type { Micros } from './time';

/** So long lies between two notes at least, but for the last. */
const INTERVAL_MS = 10_000;
/** The rest of a clip is often a wave of the hand: from here on it counts as watched. */
const END_SHARE = 0.95;

export interface Watched {
  /** Where the viewer is; nothing if they have not begun. */
  position_us?: Micros;
  /** Whether they have come to the end. */
  finished: boolean;
}

/** What is known of the player, and how many replies are on the page. */
export interface Watchable {
  started: boolean;
  ended: boolean;
  at_us: Micros;
  duration_us: Micros;
  replies: number;
}

export function watchedTo({ started, ended, at_us, duration_us }: Watchable): Watched {
  if (!started) return { finished: false };
  const finished = ended || (duration_us > 0 && at_us >= duration_us * END_SHARE);
  return { position_us: at_us, finished };
}

/**
 * Notes what is watched until the returned function is called. `send` gives whether it makes sense
 * to go on.
 */
export function noteWatching(
  look: () => Watchable,
  send: (watched: Watched) => Promise<boolean>,
): () => void {
  let last = '';
  let on = true;
  const note = () => {
    const now = look();
    const watched = watchedTo(now);
    const text = JSON.stringify([watched, now.replies]);
    if (!on || text === last) return;
    last = text;
    void send(watched).then((goOn) => (on &&= goOn));
  };
  const hidden = () => {
    if (document.visibilityState === 'hidden') note();
  };
  note();
  const timer = setInterval(note, INTERVAL_MS);
  document.addEventListener('visibilitychange', hidden);
  addEventListener('pagehide', note);
  return () => {
    note();
    clearInterval(timer);
    document.removeEventListener('visibilitychange', hidden);
    removeEventListener('pagehide', note);
  };
}
