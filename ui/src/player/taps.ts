// What a finger on the picture means. The outer thirds never pause: two taps there go back or on.

export type Tap = 'show' | 'toggle' | 'back' | 'forward';

/** Two taps within this time are a double tap. */
const DOUBLE_MS = 350;

export class Taps {
  #last: { side: 'left' | 'right'; at_ms: number } | undefined;

  /**
   * A tap at a share of the picture's width. The first one on a picture whose controls are hidden
   * only shows them.
   */
  tap(share: number, at_ms: number, hidden: boolean): Tap {
    const side = share < 1 / 3 ? 'left' : share > 2 / 3 ? 'right' : undefined;
    const last = this.#last;
    this.#last = side && { side, at_ms };
    if (side === undefined) return hidden ? 'show' : 'toggle';
    // Each further tap of a series goes further.
    if (last?.side !== side || at_ms - last.at_ms > DOUBLE_MS) return 'show';
    return side === 'left' ? 'back' : 'forward';
  }
}
