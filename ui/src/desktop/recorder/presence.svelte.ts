// Whether camera and microphone should be open: from when somebody comes to the recorder until a
// minute after they have turned to something else.

export const LEAVE_MS = 60_000;

export class Presence {
  /** Whether somebody is at the recorder, or was within the last minute. */
  here = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Somebody came: the recorder is shown, or got the focus or the pointer. */
  come(stays: boolean) {
    clearTimeout(this.#timer);
    this.here = true;
    if (!stays) this.turn();
  }

  /** The window lost the focus. */
  turn() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.here = false), LEAVE_MS);
  }

  /** The recorder cannot be seen any more. */
  leave() {
    clearTimeout(this.#timer);
    this.here = false;
  }
}
