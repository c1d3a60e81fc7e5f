// A few seconds of a clip, without sound, while somebody points at it. One at a time in a page.
import type { MemberClip } from '../api/types';
import { mediaPlaylist, supportsHlsJs } from '../player/hls';
import { SECOND, toSeconds } from '../time';

/** So long is pointed at a clip before it moves: whoever passes over it does not mean it. */
const DELAY_MS = 350;
/** So much of it is played, and about so much is loaded. */
const LENGTH_US = 6 * SECOND;
/** The beginning of a recording shows little yet. */
const START_SHARE = 0.15;

/** Whether previews are wanted: not by those who want little motion or little traffic. */
export function wantsPreviews(): boolean {
  const { connection } = navigator as Navigator & { connection?: { saveData?: boolean } };
  return !matchMedia('(prefers-reduced-motion: reduce)').matches && connection?.saveData !== true;
}

/** The preview of a page. */
export class Preview {
  /** The clip whose preview is wanted. */
  current = $state.raw<string>();
  /** Whether it moves. */
  moving = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stop: (() => void) | undefined;

  /** Somebody points at a clip. */
  point(clip: MemberClip) {
    if (this.current === clip.id) return;
    this.leave();
    if (!clip.hls || clip.duration_us < SECOND || !supportsHlsJs() || !wantsPreviews()) return;
    this.#timer = setTimeout(() => (this.current = clip.id), DELAY_MS);
  }

  /** Nobody does any more. */
  leave() {
    clearTimeout(this.#timer);
    this.#stop?.();
    this.#stop = undefined;
    this.current = undefined;
    this.moving = false;
  }

  /**
   * Plays a part of the clip in an element, until it has been shown or `leave` is called, or what
   * this gives.
   */
  play(video: HTMLVideoElement, url: string, clip: MemberClip): () => void {
    this.#stop?.();
    const start_us = clip.duration_us * START_SHARE;
    const end_us = Math.min(clip.duration_us, start_us + LENGTH_US);
    const stopping = new AbortController();
    const { signal } = stopping;
    let hls: { destroy(): void } | undefined;
    const stop = () => {
      stopping.abort();
      hls?.destroy();
      hls = undefined;
    };
    this.#stop = stop;
    const on = (event: string, heard: () => void) =>
      video.addEventListener(event, heard, { signal });
    on('playing', () => (this.moving = true));
    on('timeupdate', () => {
      if (video.currentTime >= toSeconds(end_us)) this.leave();
    });
    on('ended', () => this.leave());
    const load = async () => {
      const { default: HlsLight } = await import('hls.js/light');
      if (signal.aborted) return;
      const player = new HlsLight({
        startPosition: toSeconds(start_us),
        maxBufferLength: 4,
        maxMaxBufferLength: 6,
      });
      hls = player;
      player.on(HlsLight.Events.ERROR, (_, error) => {
        if (error.fatal) this.leave();
      });
      player.loadSource(mediaPlaylist(url));
      player.attachMedia(video);
      await video.play();
    };
    // A preview that does not play is none: the poster stays.
    load().catch(() => {
      if (!signal.aborted) this.leave();
    });
    return stop;
  }
}
