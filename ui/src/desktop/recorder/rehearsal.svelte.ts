import { problemOf } from '../../api/problem';
import type { Problem } from '../../api/types';
import type { CaptureTarget, Host, RehearsalView, ScreenPicture, Sources } from '../../host/host';
import { Silence } from './silence.svelte';

const NOTHING: RehearsalView = { level_dbfs: null, warnings: [] };

/** What a rehearsal opens. */
export interface Wanted {
  sources: Sources;
  target: CaptureTarget;
}

/**
 * Screen, camera and microphone before the take, so that a person sees and hears what will be
 * recorded.
 */
export class Rehearsal {
  view = $state.raw<RehearsalView>(NOTHING);
  screen = $state.raw<ScreenPicture | null>(null);
  problem = $state.raw<Problem>();
  #silence = new Silence();
  #wanted: Wanted | undefined;
  #shown: Wanted | undefined;
  #meeting: Promise<void> | undefined;

  constructor(private readonly host: Host) {}

  /** Whether the microphone is open and gives nothing to hear. */
  get silent(): boolean {
    return this.#silence.silent;
  }

  async open() {
    await Promise.all([
      this.host.on('rehearsal', (view) => {
        if (!this.#wanted) return;
        this.view = view;
        this.#silence.hear(view.level_dbfs);
      }),
      this.host.on('screen_preview', (picture) => {
        if (this.#wanted) this.screen = picture;
      }),
    ]);
    // A window that was reloaded may have left one open.
    await this.host.endRehearsal();
  }

  /** Shows these sources from now on, or nothing. Of wishes that come faster than devices open, the last is met. */
  want(wanted: Wanted | undefined) {
    if (JSON.stringify(wanted) === JSON.stringify(this.#wanted)) return;
    this.#wanted = wanted;
    this.#meeting ??= this.#meet();
  }

  /** Closes what is open, and waits for what is just being opened: a take needs the devices. */
  async end() {
    this.want(undefined);
    await this.#meeting;
  }

  async #meet() {
    while (this.#wanted !== this.#shown) {
      const wanted = this.#wanted;
      this.view = NOTHING;
      this.screen = null;
      this.problem = undefined;
      this.#silence.end();
      try {
        await (wanted
          ? this.host.rehearse(wanted.sources, wanted.target)
          : this.host.endRehearsal());
        if (wanted && wanted.sources.microphone !== 'off') this.#silence.begin();
      } catch (why) {
        this.problem = problemOf(why);
      }
      this.#shown = wanted;
    }
    this.#meeting = undefined;
  }
}
