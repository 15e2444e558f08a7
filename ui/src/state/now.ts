/** The present, for what says how long something has stood. Whoever reads it inside a component follows it every half minute. */
import { createSubscriber } from "svelte/reactivity";

const BEAT_MS = 30_000;
const follow = createSubscriber((update) => {
  const beat = setInterval(update, BEAT_MS);
  return () => clearInterval(beat);
});

/** The present, in milliseconds. */
export function now(): number {
  follow();
  return Date.now();
}
