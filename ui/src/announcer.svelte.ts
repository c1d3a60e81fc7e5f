import { createContext } from 'svelte';

/** Text for screen readers, shown in a polite live region (`parts/Announcements.svelte`). */
export class Announcer {
  text = $state('');

  say(text: string) {
    // A live region is read out only when its text changes: a trailing space makes a repetition
    // differ.
    this.text = text === this.text ? `${text}\u00a0` : text;
  }
}

export const [getAnnouncer, setAnnouncer] = createContext<Announcer>();
