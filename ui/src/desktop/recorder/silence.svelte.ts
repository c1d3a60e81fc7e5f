import { SILENCE_THRESHOLD_DBFS } from '../../host/ipc.gen';

const SILENT_MS = 5_000;

/** Whether the microphone has given nothing to hear for five seconds. */
export class Silence {
  silent = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The microphone is open: it is listened to from now on. */
  begin() {
    this.#heard();
  }

  hear(level_dbfs: number | null) {
    if (this.#timer !== undefined && (level_dbfs ?? -Infinity) > SILENCE_THRESHOLD_DBFS)
      this.#heard();
  }

  end() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.silent = false;
  }

  #heard() {
    this.end();
    this.#timer = setTimeout(() => (this.silent = true), SILENT_MS);
  }
}
