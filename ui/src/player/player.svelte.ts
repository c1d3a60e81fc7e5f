import { createContext } from 'svelte';
import type { ClipView } from '../api/types';
import type { Memory } from '../memory';
import { type Micros, SECOND, toSeconds } from '../time';
import { type Facts, observe, type PlayerElements, UNKNOWN } from './facts';
import { HlsStream, supportsHlsJs } from './hls';
import { chooseSource, type Source } from './source';

export const SPEEDS = [0.5, 0.75, 1, 1.2, 1.5, 1.75, 2, 2.5] as const;

/** Farther from the live edge than this is no longer live. */
const LIVE_TOLERANCE_US = 4 * SECOND;
/** Positions this near the start or the end are not stored for the next visit. */
const RESUME_MARGIN_US = 5 * SECOND;
const SAVE_INTERVAL_US = 2 * SECOND;

/**
 * One track may end this much before the other: the element then waits for data that does not
 * exist.
 */
const END_TOLERANCE_US = 300_000;

/**
 * Whether the element waits for data that cannot come: the stream is complete, and only the end of
 * one track is left.
 */
export function hasPlayedOut(
  { waiting, ended, at_us, duration_us }: Facts,
  whole: boolean,
): boolean {
  return whole && waiting && !ended && at_us > 0 && duration_us - at_us < END_TOLERANCE_US;
}

interface Habits {
  speed: number;
  volume: number;
  muted: boolean;
}

export interface PlayerOptions {
  /** Of the clip. */
  key: string;
  /** Makes a path of the API's answers an address that an element can load. */
  href(path: string): string;
  memory: Memory;
  /** Where the link says to begin. */
  start_us: Micros | undefined;
  /** Whether it may start by itself once there is something to play. */
  mayStart(): boolean;
}

/** The player of one clip. Requests go to the element; its state is read back as facts. */
export class Player {
  facts = $state.raw<Facts>(UNKNOWN);
  source = $state.raw<Source>();
  /** It was started without sound, since the browser blocks autoplay with sound. */
  startedMuted = $state(false);
  #broken = $state(false);
  #live = $state(false);
  #clipDuration_us = $state<Micros>(0);
  #clip: ClipView | undefined;
  #elements: PlayerElements | undefined;
  #stream: HlsStream | undefined;
  #waited = false;
  #remembered_us: Micros = 0;

  readonly duration_us = $derived.by(() => this.facts.duration_us || this.#clipDuration_us);
  readonly failed = $derived.by(
    () => this.#broken || (this.source !== undefined && this.facts.failed),
  );
  /**
   * Whether what plays is what is being recorded right now; nothing if it is not being recorded.
   */
  readonly live = $derived.by((): 'at the edge' | 'behind' | undefined => {
    if (!this.#live || this.source === undefined) return undefined;
    const edge_us = this.#stream?.liveEdge_us ?? this.duration_us;
    return !this.facts.paused && this.facts.at_us > edge_us - LIVE_TOLERANCE_US
      ? 'at the edge'
      : 'behind';
  });

  constructor(private readonly options: PlayerOptions) {}

  /** Controls and observes the element, until the returned function is called. */
  attach(elements: PlayerElements): () => void {
    this.#elements = elements;
    const habits = this.options.memory.get<Habits>('player');
    if (habits) {
      elements.video.defaultPlaybackRate = elements.video.playbackRate = habits.speed;
      elements.video.volume = habits.volume;
      elements.video.muted = habits.muted;
    }
    const ignore = observe(elements, (facts) => this.#learn(facts));
    if (this.#clip) this.#load();
    return () => {
      ignore();
      this.#unload();
      this.#elements = undefined;
    };
  }

  /** The clip as it is now: begins to play it, as soon as there is something to play. */
  show(clip: ClipView) {
    this.#clip = clip;
    this.#live = clip.state === 'recording' && clip.live;
    this.#clipDuration_us = clip.duration_us;
    if (this.#elements && this.source === undefined) this.#load();
  }

  /** Loads the source again after a failure, at the same position. */
  retry() {
    const at_us = this.facts.at_us;
    this.#unload();
    this.#load(at_us);
    void this.play();
  }

  async play() {
    const video = this.#elements?.video;
    if (!video) return;
    // `play()` restarts only an element that has noticed its end itself.
    if (this.facts.ended && !video.ended) video.currentTime = 0;
    try {
      await video.play();
    } catch (why) {
      // Autoplay policy: without a user gesture a page may play only without sound.
      if (!(why instanceof DOMException && why.name === 'NotAllowedError')) return;
      video.muted = true;
      this.startedMuted = true;
      await video.play().catch(() => undefined);
    }
  }

  pause() {
    this.#elements?.video.pause();
  }

  toggle() {
    if (this.facts.paused || this.facts.ended) void this.play();
    else this.pause();
  }

  seek(at_us: Micros) {
    if (!this.#elements || this.source === undefined) return;
    const most = this.duration_us || at_us;
    this.#elements.video.currentTime = toSeconds(Math.min(Math.max(0, at_us), most));
  }

  skip(by_us: Micros) {
    this.seek(this.facts.at_us + by_us);
  }

  toLive() {
    const edge_us = this.#stream?.liveEdge_us;
    if (edge_us !== undefined) this.seek(edge_us);
    void this.play();
  }

  setSpeed(speed: number) {
    if (!this.#elements) return;
    this.#elements.video.defaultPlaybackRate = this.#elements.video.playbackRate = speed;
  }

  /** The next speed up or down the list. */
  changeSpeed(by: 1 | -1) {
    const { speed: now } = this.facts;
    const next =
      by === 1 ? SPEEDS.find((speed) => speed > now) : SPEEDS.findLast((speed) => speed < now);
    if (next !== undefined) this.setSpeed(next);
  }

  setVolume(volume: number) {
    if (!this.#elements) return;
    this.#elements.video.volume = Math.min(Math.max(0, volume), 1);
    this.#elements.video.muted = false;
    this.startedMuted = false;
  }

  toggleMuted() {
    const video = this.#elements?.video;
    if (!video) return;
    if (video.volume === 0) video.volume = 1;
    video.muted = !this.facts.muted;
    this.startedMuted = false;
  }

  toggleFullscreen() {
    const { frame, document } = this.#elements ?? {};
    const asked = document?.fullscreenElement
      ? document.exitFullscreen()
      : frame?.requestFullscreen?.();
    void asked?.catch(() => undefined);
  }

  togglePictureInPicture() {
    const { video, document } = this.#elements ?? {};
    const asked = document?.pictureInPictureElement
      ? document.exitPictureInPicture()
      : video?.requestPictureInPicture?.();
    void asked?.catch(() => undefined);
  }

  #load(at_us?: Micros) {
    const [elements, clip] = [this.#elements, this.#clip];
    if (!elements || !clip) return;
    const native = elements.video.canPlayType('application/vnd.apple.mpegurl') !== '';
    const source = chooseSource(clip, { hlsJs: supportsHlsJs(), nativeHls: native });
    if (!source) {
      this.#waited = clip.state !== 'interrupted';
      return;
    }
    this.source = source;
    this.#broken = false;
    const url = this.options.href(source.path);
    const start_us = at_us ?? this.options.start_us ?? this.#placeLeft();
    if (source.kind === 'hls') {
      this.#stream = new HlsStream({
        url,
        video: elements.video,
        live: this.#live && at_us === undefined && this.options.start_us === undefined,
        start_us,
        failed: () => (this.#broken = true),
        // An element that waits tells nothing more of itself.
        updated: () => this.#learn({}),
      });
    } else {
      elements.video.src = url;
      if (start_us > 0) elements.video.currentTime = toSeconds(start_us);
    }
    if ((this.#waited || this.#live) && this.options.mayStart()) void this.play();
  }

  #unload() {
    this.#stream?.end();
    this.#stream = undefined;
    this.#elements?.video.removeAttribute('src');
    this.#elements?.video.load();
    this.source = undefined;
  }

  #learn(facts: Partial<Facts>) {
    this.facts = { ...this.facts, ...facts };
    if (hasPlayedOut(this.facts, this.#stream?.whole ?? false)) {
      this.#elements?.video.pause();
      this.facts = { ...this.facts, waiting: false, ended: true };
    }
    if ('at_us' in facts || 'ended' in facts) this.#rememberPlace();
    if ('speed' in facts || 'volume' in facts) {
      const { speed, volume, muted } = this.facts;
      if (!this.startedMuted)
        this.options.memory.set('player', { speed, volume, muted } satisfies Habits);
    }
  }

  #placeLeft(): Micros {
    return this.options.memory.get<Micros>(`place:${this.options.key}`) ?? 0;
  }

  #rememberPlace() {
    const { at_us, ended, started } = this.facts;
    if (!started || Math.abs(at_us - this.#remembered_us) < SAVE_INTERVAL_US) return;
    this.#remembered_us = at_us;
    const worthIt =
      !ended &&
      !this.#live &&
      at_us > RESUME_MARGIN_US &&
      at_us < this.duration_us - RESUME_MARGIN_US;
    if (worthIt) this.options.memory.set(`place:${this.options.key}`, at_us);
    else this.options.memory.remove(`place:${this.options.key}`);
  }
}

export const [getPlayer, setPlayer] = createContext<Player>();
