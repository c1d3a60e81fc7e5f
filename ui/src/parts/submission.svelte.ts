import { attempt } from '../api/problem';
import type { Problem } from '../api/types';

/** A form, or another call, on its way: sent once at a time, with what went wrong. */
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

/** Enter with Ctrl or Command sends the form that the field belongs to. */
export function submitOnCtrlEnter(event: KeyboardEvent & { currentTarget: HTMLInputElement | HTMLTextAreaElement }) {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}
