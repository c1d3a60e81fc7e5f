// Stills of a clip for the reading view, taken one by one in the background by seeking a hidden
// video element.
import { SvelteMap } from 'svelte/reactivity';
import { type Micros, toSeconds } from '../time';
import { isWorthShowing, type StillCandidate, SKETCH } from './stills';

const WIDTH = 640;
const QUALITY = 0.82;
/** A still that takes longer than this is skipped. */
const SEEK_TIMEOUT_MS = 8000;
const PAUSE_MS = 30;

/** A picture beside a paragraph. */
export interface Still {
  at_us: Micros;
  url: string;
}

export class Stills {
  /** By the beginning of the paragraph that each stands beside. */
  readonly taken = new SvelteMap<Micros, Still>();
  /** How many candidates have been looked at, and how many there are. */
  looked = $state(0);
  wanted = $state(0);
  readonly ready = $derived.by(() => this.looked >= this.wanted);
  readonly #sketches: Record<Micros, Uint8ClampedArray> = {};
  #video: HTMLVideoElement | undefined;
  #closed = false;
  #turn = 0;

  /**
   * `elsewhere`: the video is cross-origin, so its pixels can be read only if it is loaded by CORS.
   */
  constructor(
    private readonly url: string,
    private readonly elsewhere: boolean,
  ) {}

  /** Takes the stills of these candidates; existing ones stay. */
  async take(candidates: readonly StillCandidate[]) {
    const turn = ++this.#turn;
    this.wanted = candidates.length;
    this.looked = 0;
    let before: Uint8ClampedArray | undefined;
    for (const candidate of candidates) {
      const sketch =
        this.#sketches[candidate.at_us] ??
        (await this.#look(candidate, before).catch(() => undefined));
      if (this.#closed || turn !== this.#turn) return;
      // Compare with the last still that is shown, so that slow changes add up and are shown in the
      // end.
      if (sketch && this.taken.has(candidate.paragraph_us)) before = sketch;
      this.looked++;
      await rest();
    }
  }

  close() {
    this.#closed = true;
    this.#video?.removeAttribute('src');
    this.#video?.load();
    this.taken.forEach(({ url }) => URL.revokeObjectURL(url));
  }

  async #look(
    candidate: StillCandidate,
    before: Uint8ClampedArray | undefined,
  ): Promise<Uint8ClampedArray> {
    const video = (this.#video ??= this.#open());
    await at(video, candidate.at_us);
    const sketch = draw(video, SKETCH.width, SKETCH.height);
    const pixels = sketch.getContext('2d')?.getImageData(0, 0, SKETCH.width, SKETCH.height).data;
    if (!pixels) throw new Error('no picture');
    this.#sketches[candidate.at_us] = pixels;
    if (isWorthShowing(candidate, pixels, before)) {
      const height = Math.round((WIDTH * video.videoHeight) / video.videoWidth);
      const url = URL.createObjectURL(await jpeg(draw(video, WIDTH, height)));
      if (this.#closed) URL.revokeObjectURL(url);
      else this.taken.set(candidate.paragraph_us, { at_us: candidate.at_us, url });
    }
    return pixels;
  }

  #open(): HTMLVideoElement {
    const video = document.createElement('video');
    video.muted = true;
    video.playsInline = true;
    video.preload = 'metadata';
    if (this.elsewhere) video.crossOrigin = 'anonymous';
    video.src = this.url;
    return video;
  }
}

function draw(video: HTMLVideoElement, width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas
    .getContext('2d', { willReadFrequently: width === SKETCH.width })
    ?.drawImage(video, 0, 0, width, height);
  return canvas;
}

function jpeg(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('no picture'))),
      'image/jpeg',
      QUALITY,
    ),
  );
}

/** Resolves when the element has the frame at a time. */
function at(video: HTMLVideoElement, at_us: Micros): Promise<void> {
  return new Promise((resolve, reject) => {
    const off = new AbortController();
    const settle = (how: () => void) => {
      clearTimeout(timer);
      off.abort();
      how();
    };
    const timer = setTimeout(
      () => settle(() => reject(new Error('no picture in time'))),
      SEEK_TIMEOUT_MS,
    );
    const listen = (event: string, run: () => void) =>
      video.addEventListener(event, run, { signal: off.signal });
    listen('error', () => settle(() => reject(new Error('it does not play'))));
    listen('seeked', () => settle(resolve));
    const seek = () => (video.currentTime = toSeconds(at_us));
    if (video.readyState >= video.HAVE_METADATA) seek();
    else listen('loadedmetadata', seek);
  });
}

/** Yields to the page, and waits while it is hidden. */
async function rest() {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  while (document.hidden) {
    await new Promise((resolve) =>
      document.addEventListener('visibilitychange', resolve, { once: true }),
    );
  }
}
