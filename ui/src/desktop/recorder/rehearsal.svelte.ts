import { problemOf } from '../../api/problem';
import type { Problem } from '../../api/types';
import type { Host, RehearsalView, Sources } from '../../host/host';

const NOTHING: RehearsalView = { level_dbfs: null, warnings: [] };

/** Camera and microphone before the take, so that a person sees and hears that they work. */
export class Rehearsal {
  view = $state.raw<RehearsalView>(NOTHING);
  problem = $state.raw<Problem>();
  #wanted: Sources | undefined;
  #shown: Sources | undefined;
  #meeting: Promise<void> | undefined;

  constructor(private readonly host: Host) {}

  async open() {
    await this.host.on('rehearsal', (view) => {
      if (this.#wanted) this.view = view;
    });
    // A window that was reloaded may have left one open.
    await this.host.endRehearsal();
  }

  /** Shows these sources from now on, or nothing. Of wishes that come faster than devices open, the last is met. */
  want(sources: Sources | undefined) {
    const something =
      sources !== undefined && (sources.camera !== 'off' || sources.microphone !== 'off');
    this.#wanted = something ? sources : undefined;
    if (this.#wanted !== this.#shown) this.#meeting ??= this.#meet();
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
      this.problem = undefined;
      try {
        await (wanted
          ? this.host.rehearse(wanted, { target: 'display' })
          : this.host.endRehearsal());
      } catch (why) {
        this.problem = problemOf(why);
      }
      this.#shown = wanted;
    }
    this.#meeting = undefined;
  }
}
