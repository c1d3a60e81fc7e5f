import { problemOf } from '../../api/problem';
import type { Problem } from '../../api/types';
import type { Memory } from '../../memory';
import type { Devices, Host, DeviceSelector, Plan, SourceKind, Sources } from '../../host/host';
import { type Option, options } from './options';

export const COUNTDOWNS_S = [0, 3, 5, 10] as const;
export const SOURCE_KINDS = ['screen', 'camera', 'microphone'] as const satisfies SourceKind[];

const OFFER_SYNTHETIC = 'offer-synthetic';
const SHOWS_OPTIONS = 'shows-options';
/** As windows have stored it since the first version. */
// Named as before 0.2, so that what was typed there is still found.
const NEXT_DETAILS = 'words-of-the-next-take';
const LISTS = {
  screen: 'screens',
  camera: 'cameras',
  microphone: 'microphones',
} as const satisfies Record<SourceKind, keyof Devices>;

type Details = { title: string; summary: string };
const NO_DETAILS: Details = { title: '', summary: '' };

/** What a person chooses for the next take, remembered until it is used: sources and countdown by the shell, title and summary here. */
export class Planning {
  #devices = $state.raw<Devices>({ screens: [], cameras: [], microphones: [] });
  #sources = $state.raw<Sources>({ screen: 'default', camera: 'default', microphone: 'default' });
  #countdown_s = $state(3);
  #offerSynthetic = $state(false);
  #showsOptions = $state(false);
  /** What is remembered is known. */
  ready = $state(false);
  /** The choice could not be kept; it counts all the same. */
  problem = $state.raw<Problem>();
  #details = $state.raw<Details>(NO_DETAILS);
  /** The title and summary that the last take was given. */
  #given: Details = NO_DETAILS;
  live = $state(false);

  constructor(
    private readonly host: Host,
    private readonly memory: Memory,
  ) {
    this.#offerSynthetic = memory.get<boolean>(OFFER_SYNTHETIC) ?? false;
    this.#details = { ...NO_DETAILS, ...memory.get<Partial<Details>>(NEXT_DETAILS) };
    const written = this.#details.title !== '' || this.#details.summary !== '';
    this.#showsOptions = written || (memory.get<boolean>(SHOWS_OPTIONS) ?? false);
  }

  async open() {
    const [settings] = await Promise.all([this.host.settings(), this.refreshDevices()]);
    this.#sources = settings.sources;
    this.#countdown_s = settings.countdown_s ?? 3;
    this.ready = true;
  }

  /** Asks again what is plugged in. */
  async refreshDevices() {
    const now = await this.host.devices();
    if (JSON.stringify(now) !== JSON.stringify(this.#devices)) this.#devices = now;
  }

  get sources(): Sources {
    return this.#sources;
  }

  /** The same for the shell: where no camera is found, none is asked for, and nothing need be said of it. */
  readonly used = $derived.by((): Sources => {
    const none = this.#sources.camera === 'default' && this.#devices.cameras.length === 0;
    return none ? { ...this.#sources, camera: 'off' } : this.#sources;
  });

  get countdown_s(): number {
    return this.#countdown_s;
  }

  get offerSynthetic(): boolean {
    return this.#offerSynthetic;
  }

  set offerSynthetic(offer: boolean) {
    this.#offerSynthetic = offer;
    this.memory.set(OFFER_SYNTHETIC, offer);
  }

  /** Whether countdown, title and summary are in sight; what was typed for the next take always is. */
  get showsOptions(): boolean {
    return this.#showsOptions;
  }

  set showsOptions(shows: boolean) {
    this.#showsOptions = shows;
    this.memory.set(SHOWS_OPTIONS, shows);
  }

  /** Whether anything at all would be recorded. */
  get hasSource(): boolean {
    return SOURCE_KINDS.some((kind) => this.used[kind] !== 'off');
  }

  options(kind: SourceKind): Option[] {
    const none =
      kind === 'microphone' && this.#devices.microphone_problem ? 'Not available' : undefined;
    return options(this.#devices[LISTS[kind]], this.#sources[kind], this.#offerSynthetic, none);
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

  countdown(seconds: number) {
    this.#countdown_s = seconds;
    void this.#keep();
  }

  get title(): string {
    return this.#details.title;
  }

  set title(title: string) {
    this.#setDetails({ ...this.#details, title });
  }

  get summary(): string {
    return this.#details.summary;
  }

  set summary(summary: string) {
    this.#setDetails({ ...this.#details, summary });
  }

  plan(): Plan {
    return {
      sources: this.used,
      countdown_s: this.#countdown_s,
      ...this.#details,
      live: this.live,
      target: { target: 'display' },
      exclude_own_windows: true,
    };
  }

  /** A take has them now; the next one gets its own. */
  handOverDetails() {
    this.#given = this.#details;
    this.#setDetails(NO_DETAILS);
  }

  /** The take that has them changed them. */
  noteDetails({ title = this.#given.title, summary = this.#given.summary }: Partial<Details>) {
    this.#given = { title, summary };
  }

  /** Nothing was kept of that take: what was written for it was written for the next one. */
  takeBackDetails() {
    this.#setDetails(this.#given);
  }

  #setDetails(details: Details) {
    this.#details = details;
    if (details.title === '' && details.summary === '') this.memory.remove(NEXT_DETAILS);
    else this.memory.set(NEXT_DETAILS, details);
  }

  async #keep() {
    try {
      await this.host.keepSettings(this.#sources, this.#countdown_s);
      this.problem = undefined;
    } catch (why) {
      this.problem = problemOf(why);
    }
  }
}
