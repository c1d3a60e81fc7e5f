// Playback waits while somebody writes about the clip.
import type { Player } from './player.svelte';

export class WritingPause {
  #wasPlaying = false;

  constructor(private readonly player: Pick<Player, 'facts' | 'play' | 'pause'>) {}

  /** At the first key stroke. */
  begin() {
    this.#wasPlaying ||= !this.player.facts.paused && !this.player.facts.ended;
    this.player.pause();
  }

  /** Sent or given up: it goes on, if it was playing. */
  end() {
    if (this.#wasPlaying) void this.player.play();
    this.#wasPlaying = false;
  }
}
