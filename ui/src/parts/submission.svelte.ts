import { attempt } from '../api/problem';
import type { Problem } from '../api/types';

/**
 * Sends a form, or makes another call, one at a time, and holds the problem of the last attempt.
 */
export class Submission {
  busy = $state(false);
  problem = $state.raw<Problem>();

  constructor(private readonly send: () => Promise<void>) {}

  readonly onsubmit = (event: SubmitEvent) => {
    event.preventDefault();
    void this.go();
  };

  async go() {
    if (this.busy) return;
    this.busy = true;
    await attempt(this.send, (problem) => (this.problem = problem));
    this.busy = false;
  }
}

/** Submits the field's form on Ctrl+Enter or Command+Enter. */
export function submitOnCtrlEnter(
  event: KeyboardEvent & { currentTarget: HTMLInputElement | HTMLTextAreaElement },
) {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}
