import { problemOf } from '../../api/problem';
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

  async #run(name: 'in the browser' | 'asking', go: () => Promise<void>) {
    if (this.busy) return;
    this.state = { name };
    try {
      await go();
      await this.desktop.enterLibrary();
      this.state = { name: 'idle' };
      this.address = this.token = '';
      this.desktop.announcer.say(`New clips go to ${this.desktop.destination}`);
    } catch (why) {
      this.state = { name: 'refused', problem: problemOf(why) };
    }
  }
}
