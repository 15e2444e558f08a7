/** Clears the timers of a test file at its end, as a browser does when a page closes: one that fired later would find no window. */
import { afterAll, vi } from "vitest";

const { setTimeout: startTimeout, setInterval: startInterval } = globalThis;
const started: (NodeJS.Timeout | number)[] = [];
const recorded =
  <Args extends unknown[]>(start: (...args: Args) => NodeJS.Timeout | number) =>
  (...args: Args): NodeJS.Timeout | number => {
    const timer = start(...args);
    started.push(timer);
    return timer;
  };
globalThis.setTimeout = recorded(startTimeout) as typeof setTimeout;
globalThis.setInterval = recorded(startInterval) as typeof setInterval;

afterAll(async () => {
  vi.useRealTimers();
  started.forEach((timer) => clearTimeout(timer));
  await vi.dynamicImportSettled();
});
