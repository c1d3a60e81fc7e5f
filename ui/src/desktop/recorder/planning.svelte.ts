import { problemOf } from '../../api/problem';
import type { Problem } from '../../api/types';
import type { Memory } from '../../memory';
import type {
  CaptureTarget,
  Devices,
  Host,
  DeviceSelector,
  Plan,
  SourceKind,
  Sources,
} from '../../host/host';
import type { Size } from './bubble';
import { type Option, options } from './options';
import type { Wanted } from './rehearsal.svelte';
import { type Mode, Target } from './target.svelte';

export const COUNTDOWNS_S = [0, 3, 5, 10] as const;
/** Pictures a second at most. */
export const FRAME_RATES = [15, 30, 60] as const;
const USUAL_FRAME_RATE = 30;

const OFFER_SYNTHETIC = 'offer-synthetic';
const FRAME_RATE = 'frame-rate';
/** What a display is taken to measure while that is not known. */
const UNKNOWN_DISPLAY: Size = { width: 1920, height: 1080 };
const SOURCE_KINDS = ['screen', 'camera', 'microphone'] as const satisfies SourceKind[];
const LISTS = {
  screen: 'screens',
  camera: 'cameras',
  microphone: 'microphones',
} as const satisfies Record<SourceKind, keyof Devices>;

/** What a person chooses for the next take, remembered until it is used. */
export class Planning {
  #devices = $state.raw<Devices>({ screens: [], cameras: [], microphones: [] });
  #sources = $state.raw<Sources>({ screen: 'default', camera: 'default', microphone: 'default' });
  /** What was chosen of each kind before it was switched off. */
  #chosen: Partial<Record<SourceKind, DeviceSelector>> = {};
  #countdown_s = $state(3);
  #fps = $state(USUAL_FRAME_RATE);
  #offerSynthetic = $state(false);
  /** What is remembered is known. */
  ready = $state(false);
  /** The choice could not be kept; it counts all the same. */
  problem = $state.raw<Problem>();
  live = $state(false);
  readonly target: Target;

  constructor(
    private readonly host: Host,
    private readonly memory: Memory,
  ) {
    this.#offerSynthetic = memory.get<boolean>(OFFER_SYNTHETIC) ?? false;
    this.#fps = memory.get<number>(FRAME_RATE) ?? USUAL_FRAME_RATE;
    this.target = new Target(host, () => void this.#keep());
  }

  async open() {
    const [settings] = await Promise.all([this.host.settings(), this.refreshDevices()]);
    this.target.show(settings);
    this.#sources = settings.sources;
    this.#countdown_s = settings.countdown_s ?? 3;
    this.ready = true;
  }

  /** Asks again what is plugged in, and which windows there are if one is to be recorded. */
  async refreshDevices() {
    if (this.mode === 'window') void this.target.refreshWindows();
    const now = await this.host.devices();
    if (JSON.stringify(now) !== JSON.stringify(this.#devices)) this.#devices = now;
  }

  get sources(): Sources {
    return this.#sources;
  }

  /** The same for the shell: of what is not there nothing is asked for, and nothing need be said. */
  readonly used = $derived.by((): Sources => {
    const isMissing = (kind: 'camera' | 'microphone') =>
      this.#sources[kind] === 'default' &&
      this.#devices[LISTS[kind]].length === 0 &&
      !(kind === 'microphone' && this.#devices.microphone_problem);
    return {
      ...this.#sources,
      ...(isMissing('camera') && { camera: 'off' }),
      ...(isMissing('microphone') && { microphone: 'off' }),
    };
  });

  get mode(): Mode {
    return this.#sources.screen === 'off' ? 'camera' : this.target.mode;
  }

  setMode(mode: Mode) {
    if (mode === 'camera') {
      this.switch('screen', false);
      this.switch('camera', true);
    } else {
      this.target.setMode(mode);
      this.switch('screen', true);
    }
  }

  /** The display that is recorded, or a part of it, in its pixels. */
  readonly display = $derived.by((): Size => {
    const { screens } = this.#devices;
    const { screen } = this.#sources;
    const chosen =
      screens.find(({ id }) => id === screen) ??
      screens.find((device) => device.default) ??
      screens[0];
    return chosen?.width && chosen.height
      ? { width: chosen.width, height: chosen.height }
      : UNKNOWN_DISPLAY;
  });

  /** What the shell is to capture of the screen. */
  readonly captured = $derived.by((): CaptureTarget =>
    this.mode === 'camera'
      ? { target: 'display' }
      : (this.target.capture(this.display) ?? { target: 'display' }),
  );

  /**
   * What is to be seen and heard before the take: no screen while no window is chosen, and the whole
   * display while an area is, since the area is drawn over it. Nothing if everything is off.
   */
  readonly rehearsed = $derived.by((): Wanted | undefined => {
    const screen = this.mode === 'window' && !this.target.window ? 'off' : this.used.screen;
    const sources = { ...this.used, screen };
    if (SOURCE_KINDS.every((kind) => sources[kind] === 'off')) return undefined;
    return { sources, target: this.mode === 'area' ? { target: 'display' } : this.captured };
  });

  get countdown_s(): number {
    return this.#countdown_s;
  }

  get fps(): number {
    return this.#fps;
  }

  set fps(fps: number) {
    this.#fps = fps;
    this.memory.set(FRAME_RATE, fps);
  }

  get offerSynthetic(): boolean {
    return this.#offerSynthetic;
  }

  set offerSynthetic(offer: boolean) {
    this.#offerSynthetic = offer;
    this.memory.set(OFFER_SYNTHETIC, offer);
  }

  /** What has still to be chosen before anything can be recorded; nothing if nothing has. */
  get missing(): string | undefined {
    const { screen, camera, microphone } = this.used;
    if (this.mode === 'camera' && camera === 'off' && microphone === 'off')
      return 'Choose a screen, a camera or a microphone.';
    if (screen !== 'off' && this.mode === 'window' && !this.target.window)
      return 'Choose a window.';
    return undefined;
  }

  /** What can be chosen of one kind, without *off*. */
  options(kind: SourceKind): Option[] {
    return options(this.#devices[LISTS[kind]], this.#sources[kind], this.#offerSynthetic);
  }

  /** The name of the device that the system prefers; nothing if there is none. */
  usual(kind: SourceKind): string | undefined {
    const devices = this.#devices[LISTS[kind]];
    return (devices.find((device) => device.default) ?? devices[0])?.name;
  }

  /** Whether there is a device of this kind, or one is chosen that may come back. */
  has(kind: SourceKind): boolean {
    return this.options(kind).length > 0;
  }

  /** Why the microphone that is to be recorded cannot be, where that is known before. */
  get microphoneProblem(): Problem | undefined {
    const needed = !['off', 'synthetic'].includes(this.#sources.microphone);
    return needed ? this.#devices.microphone_problem : undefined;
  }

  pick(kind: SourceKind, pick: DeviceSelector) {
    this.#sources = { ...this.#sources, [kind]: pick };
    void this.#keep();
  }

  /** Leaves a kind of source out, or takes in again what was chosen before. */
  switch(kind: SourceKind, on: boolean) {
    const now = this.#sources[kind];
    if (on === (now !== 'off')) return;
    if (!on) this.#chosen[kind] = now;
    this.pick(kind, on ? (this.#chosen[kind] ?? 'default') : 'off');
  }

  countdown(seconds: number) {
    this.#countdown_s = seconds;
    void this.#keep();
  }

  plan(): Plan {
    return {
      sources: this.used,
      countdown_s: this.#countdown_s,
      title: '',
      summary: '',
      live: this.live,
      target: this.captured,
      exclude_own_windows: true,
      fps_max: this.#fps,
    };
  }

  /** What of the screen is remembered; none while nothing of it is chosen. */
  get #remembered(): CaptureTarget | undefined {
    return this.mode === 'camera' ? undefined : this.target.capture(this.display);
  }

  async #keep() {
    try {
      await this.host.keepSettings(this.#sources, this.#countdown_s, this.#remembered);
      this.problem = undefined;
    } catch (why) {
      this.problem = problemOf(why);
    }
  }
}
