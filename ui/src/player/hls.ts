// Playback by hls.js, which is loaded only when it is needed.
import type Hls from 'hls.js';
import { type Micros, toMicros, toSeconds } from '../time';

/**
 * How far behind the recording live viewers are: two fragments, so that the next one is here before
 * it is needed.
 */
const LIVE_DELAY_S = 4;

declare global {
  var ManagedMediaSource: typeof MediaSource | undefined;
}

/** What `Hls.isSupported()` asks, without loading hls.js. */
export function supportsHlsJs(): boolean {
  const source = globalThis.ManagedMediaSource ?? globalThis.MediaSource;
  return source?.isTypeSupported('video/mp4; codecs="avc1.42E01E,mp4a.40.2"') ?? false;
}

interface Playing {
  url: string;
  video: HTMLVideoElement;
  /** Begin near the end of what is there. */
  live: boolean;
  /** Else begin here. */
  start_us: Micros;
  failed: () => void;
  /** The playlist was read again: it may say now that nothing more will come. */
  updated: () => void;
}

/**
 * The multivariant playlist names one rendition and what it is made of: hls.js finds that out
 * without asking for it.
 */
export const mediaPlaylist = (multivariant: string) =>
  new URL('media.m3u8', new URL(multivariant, location.href)).href;

/** A playlist being played, until it is ended. */
export class HlsStream {
  #hls: Hls | undefined;
  #ended = false;

  constructor(playing: Playing) {
    void this.#load(playing).catch(() => playing.failed());
  }

  /** Where live viewers are, once known. */
  get liveEdge_us(): Micros | undefined {
    const at = this.#hls?.liveSyncPosition ?? undefined;
    return at === undefined ? undefined : toMicros(at);
  }

  /** Whether the playlist says that nothing more will come. */
  get whole(): boolean {
    const hls = this.#hls;
    return hls?.levels[Math.max(0, hls.currentLevel)]?.details?.live === false;
  }

  end() {
    this.#ended = true;
    this.#hls?.destroy();
  }

  async #load({ url, video, live, start_us, failed, updated }: Playing) {
    const { default: HlsLight } = await import('hls.js/light');
    if (this.#ended) return;
    const hls = new HlsLight({
      liveSyncDuration: LIVE_DELAY_S,
      // A viewer who paused or went back is not moved to the live edge.
      liveMaxLatencyDuration: Infinity,
      startPosition: toSeconds(start_us),
      maxBufferLength: 60,
      startFragPrefetch: true,
    });
    this.#hls = hls;
    const toLive = () => {
      if (hls.liveSyncPosition !== null) video.currentTime = hls.liveSyncPosition;
    };
    // The playlist says to begin at its start, so the seek to the live edge is made here.
    if (live) video.addEventListener('loadedmetadata', toLive, { once: true });
    let recovered = false;
    hls.on(HlsLight.Events.ERROR, (_, error) => {
      if (!error.fatal) return;
      if (error.type === HlsLight.ErrorTypes.MEDIA_ERROR && !recovered) {
        recovered = true;
        hls.recoverMediaError();
      } else {
        failed();
      }
    });
    hls.on(HlsLight.Events.LEVEL_UPDATED, updated);
    hls.loadSource(mediaPlaylist(url));
    hls.attachMedia(video);
  }
}
