/**
 * The present, for what says how long something has stood: one clock for the whole window, by the minute, and by the second only
 * while something is told in seconds. It stands still while the window is out of sight, and catches up when it is back.
 */
import { createSubscriber } from "svelte/reactivity";

import { TOLD_IN_SECONDS } from "../messages";

const SECOND_MS = 1000;

/** Lets whoever reads it inside a component follow the present at this pace. */
function follower(pace: number): () => void {
  return createSubscriber((update) => {
    let beat: ReturnType<typeof setInterval> | undefined;
    const run = (): void => {
      clearInterval(beat);
      beat = document.hidden ? undefined : setInterval(update, pace);
    };
    const turned = (): void => {
      run();
      if (!document.hidden) update();
    };
    document.addEventListener("visibilitychange", turned);
    run();
    return () => {
      clearInterval(beat);
      document.removeEventListener("visibilitychange", turned);
    };
  });
}

const bySecond = follower(SECOND_MS);
const byMinute = follower(60 * SECOND_MS);

/** The present, in milliseconds, by the minute. */
export function now(): number {
  byMinute();
  return Date.now();
}

/** How many seconds ago `at` was: by the second while that is told in seconds, else by the minute. */
export function secondsSince(at: string): number {
  const seconds = (Date.now() - Date.parse(at)) / SECOND_MS;
  if (seconds < TOLD_IN_SECONDS) bySecond();
  else byMinute();
  return seconds;
}
