// The state of the player as a table: how each fact is read from the element, and which events may
// change it. Nothing else sets a fact: the page sends requests to the element and reads their
// effect here.
import { type Micros, toMicros } from '../time';

export interface Span {
  start_us: Micros;
  end_us: Micros;
}

export interface Facts {
  paused: boolean;
  /** It is to play, and waits for data. */
  waiting: boolean;
  seeking: boolean;
  ended: boolean;
  started: boolean;
  at_us: Micros;
  duration_us: Micros;
  buffered: readonly Span[];
  speed: number;
  volume: number;
  muted: boolean;
  fullscreen: boolean;
  pictureInPicture: boolean;
  canPictureInPicture: boolean;
  failed: boolean;
}

/**
 * Where facts are read from: the video, the element that goes full screen with its controls, and
 * their document.
 */
export interface PlayerElements {
  video: HTMLVideoElement;
  frame: HTMLElement;
  document: Document;
}

interface Fact<T> {
  read(elements: PlayerElements): T;
  video?: readonly (keyof HTMLVideoElementEventMap)[];
  document?: readonly (keyof DocumentEventMap)[];
}

const LOADED = ['emptied', 'loadedmetadata', 'durationchange'] as const;

export const FACTS: { readonly [Name in keyof Facts]: Fact<Facts[Name]> } = {
  paused: {
    read: ({ video }) => video.paused,
    video: ['play', 'pause', 'playing', 'ended', 'emptied'],
  },
  waiting: {
    read: ({ video }) => !video.paused && !video.ended && video.readyState < video.HAVE_FUTURE_DATA,
    video: [
      'play',
      'pause',
      'playing',
      'waiting',
      'canplay',
      'seeked',
      'timeupdate',
      'ended',
      'emptied',
    ],
  },
  seeking: { read: ({ video }) => video.seeking, video: ['seeking', 'seeked', 'emptied'] },
  ended: {
    read: ({ video }) => video.ended,
    video: ['ended', 'play', 'playing', 'seeking', 'seeked', 'emptied'],
  },
  started: {
    read: ({ video }) => video.played.length > 0 || video.currentTime > 0,
    video: ['playing', 'timeupdate', 'seeked', 'emptied'],
  },
  at_us: {
    read: ({ video }) => toMicros(video.currentTime),
    video: ['timeupdate', 'seeking', 'seeked', ...LOADED],
  },
  duration_us: { read: ({ video }) => toMicros(video.duration), video: LOADED },
  buffered: {
    read: ({ video: { buffered } }) =>
      Array.from({ length: buffered.length }, (_, i) => ({
        start_us: toMicros(buffered.start(i)),
        end_us: toMicros(buffered.end(i)),
      })),
    video: ['progress', 'timeupdate', 'seeked', ...LOADED],
  },
  speed: { read: ({ video }) => video.playbackRate, video: ['ratechange'] },
  volume: { read: ({ video }) => video.volume, video: ['volumechange'] },
  muted: { read: ({ video }) => video.muted || video.volume === 0, video: ['volumechange'] },
  fullscreen: {
    read: ({ document, frame }) => document.fullscreenElement === frame,
    document: ['fullscreenchange'],
  },
  pictureInPicture: {
    read: ({ document, video }) => document.pictureInPictureElement === video,
    video: ['enterpictureinpicture', 'leavepictureinpicture'],
  },
  canPictureInPicture: {
    read: ({ document, video }) =>
      document.pictureInPictureEnabled && !video.disablePictureInPicture,
    video: LOADED,
  },
  failed: { read: ({ video }) => video.error !== null, video: ['error', ...LOADED] },
};

export const UNKNOWN: Facts = {
  paused: true,
  waiting: false,
  seeking: false,
  ended: false,
  started: false,
  at_us: 0,
  duration_us: 0,
  buffered: [],
  speed: 1,
  volume: 1,
  muted: false,
  fullscreen: false,
  pictureInPicture: false,
  canPictureInPicture: false,
  failed: false,
};

/**
 * Calls `learn` with all facts now, and with some again when they may have changed, until the
 * returned function is called.
 */
export function observe(
  elements: PlayerElements,
  learn: (facts: Partial<Facts>) => void,
): () => void {
  const off = new AbortController();
  const names = Object.keys(FACTS) as (keyof Facts)[];
  const read = (which: (keyof Facts)[]) =>
    Object.fromEntries(which.map((name) => [name, FACTS[name].read(elements)])) as Partial<Facts>;

  const listen = (target: EventTarget, kind: 'video' | 'document') => {
    const events = new Set(names.flatMap((name) => FACTS[name][kind] ?? []));
    for (const event of events) {
      const moved = names.filter((name) =>
        (FACTS[name][kind] as readonly string[] | undefined)?.includes(event),
      );
      target.addEventListener(event, () => learn(read(moved)), { signal: off.signal });
    }
  };
  listen(elements.video, 'video');
  listen(elements.document, 'document');
  learn(read(names));
  return () => off.abort();
}
