import { cleanup, render, screen } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { setLanguage } from "../../src/messages";
import TimeSince from "../../src/pages/monitoring/TimeSince.svelte";

const BEGUN = "2026-03-10T10:15:00Z";
let hidden = false;

beforeEach(async () => {
  await setLanguage("en");
  hidden = false;
  vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
  vi.useFakeTimers({ now: Date.parse(BEGUN) + 5_000 });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const text = (): string => screen.getByText(/since/).textContent ?? "";
async function pass(seconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(seconds * 1000);
  await tick();
}
async function turn(away: boolean): Promise<void> {
  hidden = away;
  document.dispatchEvent(new Event("visibilitychange"));
  await tick();
}

describe("the time since something began", () => {
  it("updates every second while it is shown in seconds, then every minute, with one timer per pace for the whole window", async () => {
    render(TimeSince, { at: BEGUN });
    render(TimeSince, { at: BEGUN });
    const times = screen.getAllByText(/since/);
    await tick();
    // The time of day beside it is updated every minute.
    expect(vi.getTimerCount()).toBe(2);
    expect(times.map((one) => one.textContent)).toEqual([expect.stringMatching(/, 5 seconds$/), expect.stringMatching(/, 5 seconds$/)]);
    await pass(1);
    expect(times[0]?.textContent).toMatch(/, 6 seconds$/);
    await pass(114);
    expect(times[0]?.textContent).toMatch(/, 2 minutes$/);
    expect(vi.getTimerCount()).toBe(1);
    await pass(70);
    expect(times[0]?.textContent).toMatch(/, 3 minutes$/);
  });

  it("stops while the window is hidden, and catches up", async () => {
    render(TimeSince, { at: BEGUN });
    await tick();
    await turn(true);
    expect(vi.getTimerCount()).toBe(0);
    await pass(30);
    expect(text()).toMatch(/, 5 seconds$/);
    await turn(false);
    expect(text()).toMatch(/, 35 seconds$/);
    await pass(1);
    expect(text()).toMatch(/, 36 seconds$/);
  });

  it("leaves no timer behind", async () => {
    render(TimeSince, { at: BEGUN });
    await tick();
    cleanup();
    await tick();
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
