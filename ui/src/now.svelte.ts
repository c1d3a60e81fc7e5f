// The current time as a reactive value, for relative dates.
import { createSubscriber } from 'svelte/reactivity';

const INTERVAL_MS = 30_000;

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, INTERVAL_MS);
  return () => clearInterval(timer);
});

/** The current time; what is derived from it is updated every half minute. */
export function now(): Date {
  subscribe();
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- it is another one every time
  return new Date();
}
