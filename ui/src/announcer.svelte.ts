import { createContext } from 'svelte';

/** Says things to those who listen to the page. One of them is mounted as a polite live region (`Announcements.svelte`). */
export class Announcer {
  text = $state('');

  say(text: string) {
    // The same sentence twice is news twice: a trailing space makes it differ.
    this.text = text === this.text ? `${text}\u00a0` : text;
  }
}

export const [getAnnouncer, setAnnouncer] = createContext<Announcer>();
