/**
 * The delays between attempts that fail in a row: each is longer than the one before, and the last
 * one repeats.
 */
export class Backoff {
  #failures = 0;

  constructor(private readonly delays_ms: readonly [number, ...number[]]) {}

  /** Another attempt failed: how long to wait before the next one, in milliseconds. */
  next(): number {
    const last = this.delays_ms.length - 1;
    return this.delays_ms[Math.min(this.#failures++, last)] ?? this.delays_ms[0];
  }

  /** An attempt succeeded: the next failure begins with the shortest delay. */
  reset() {
    this.#failures = 0;
  }
}
