// The time of day, for what is said about it: it moves on while somebody reads it.
import { createSubscriber } from 'svelte/reactivity';

const INTERVAL_MS = 30_000;

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, INTERVAL_MS);
  return () => clearInterval(timer);
});

/** Now; what is derived of it is derived anew every half minute. */
export function now(): Date {
  subscribe();
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- it is another one every time
  return new Date();
}
