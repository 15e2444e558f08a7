/**
 * The present time for elapsed times on screen: one timer per pace for the whole window, by the minute, and by the second only
 * while an elapsed time is shown in seconds. The timers stop while the window is hidden and catch up when it is visible again.
 */
import { createSubscriber } from "svelte/reactivity";

import { SECONDS_SHOWN_BELOW } from "../messages";

const SECOND_MS = 1000;

/** Makes a function that lets the component calling it update at this pace. */
function subscriber(intervalMs: number): () => void {
  return createSubscriber((update) => {
    let timer: ReturnType<typeof setInterval> | undefined;
    const restart = (): void => {
      clearInterval(timer);
      timer = document.hidden ? undefined : setInterval(update, intervalMs);
    };
    const onVisibilityChange = (): void => {
      restart();
      if (!document.hidden) update();
    };
    document.addEventListener("visibilitychange", onVisibilityChange);
    restart();
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", onVisibilityChange);
    };
  });
}

const everySecond = subscriber(SECOND_MS);
const everyMinute = subscriber(60 * SECOND_MS);

/** The present time in milliseconds, updated every minute. */
export function now(): number {
  everyMinute();
  return Date.now();
}

/** The seconds since `at`, updated every second while they are shown in seconds, else every minute. */
export function secondsSince(at: string): number {
  const seconds = (Date.now() - Date.parse(at)) / SECOND_MS;
  if (seconds < SECONDS_SHOWN_BELOW) everySecond();
  else everyMinute();
  return seconds;
}
