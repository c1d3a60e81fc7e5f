import { attempt, problemOf } from '../../api/problem';
import type { Problem } from '../../api/types';
import type { Desktop } from '../desktop.svelte';

export type SignInState =
  | { name: 'idle' }
  /** The person is in the browser. */
  | { name: 'in the browser' }
  | { name: 'asking' }
  | { name: 'refused'; problem: Problem };

/** Going over to another library. */
export class SignIn {
  state = $state.raw<SignInState>({ name: 'idle' });
  address = $state('');
  token = $state('');

  constructor(private readonly desktop: Desktop) {}

  get busy(): boolean {
    return this.state.name === 'in the browser' || this.state.name === 'asking';
  }

  withBrowser = () => this.#run('in the browser', () => this.desktop.host.signIn(this.address));
  withToken = () =>
    this.#run('asking', () => this.desktop.host.signInWithToken(this.address, this.token));
  useOwnLibrary = () => this.#run('asking', () => this.desktop.host.useOwnLibrary());

  /** Shows the browser's page once more, for whoever closed it. */
  openAgain = () =>
    attempt(
      () => this.desktop.host.openSignInAgain(),
      (problem) => (this.desktop.problem = problem),
    );

  /** Waits for the browser no longer. */
  cancel = () => {
    if (this.state.name !== 'in the browser') return;
    this.state = { name: 'idle' };
    this.#attempt += 1;
    void attempt(
      () => this.desktop.host.cancelSignIn(),
      () => undefined,
    );
  };

  /** Counts, so that what comes of one that was cancelled is passed over. */
  #attempt = 0;

  async #run(name: 'in the browser' | 'asking', go: () => Promise<void>) {
    if (this.busy) return;
    this.state = { name };
    const mine = (this.#attempt += 1);
    try {
      await go();
      await this.desktop.enterLibrary();
      this.state = { name: 'idle' };
      this.address = this.token = '';
      this.desktop.announcer.say(`New recordings go to ${this.desktop.libraryName}`);
    } catch (why) {
      if (mine !== this.#attempt) return;
      this.state = { name: 'refused', problem: problemOf(why) };
    }
  }
}
