import { cleanup } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { FakeApp } from "../../src/host/fake/fake_app";
import { firstPaint } from "../../src/host/first_paint";
import { soon, stubBrowser } from "./support";

beforeAll(stubBrowser);
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

describe("the first paint", () => {
  it("is reported once, after the window was drawn", async () => {
    const frames: FrameRequestCallback[] = [];
    vi.spyOn(window, "requestAnimationFrame").mockImplementation((callback) => frames.push(callback));
    document.body.innerHTML = '<div id="app"></div>';
    const fake = new FakeApp({});
    await import("../../src/main");
    await soon(() => expect(fake.calls).toContain("landing"));
    expect(fake.calls).not.toContain("reportFirstPaint");
    for (let frame = 0; frame < 2; frame += 1) for (const callback of frames.splice(0)) callback(frame);
    await soon(() => expect(fake.calls).toContain("reportFirstPaint"));
    expect(fake.calls.filter((name) => name === "reportFirstPaint")).toHaveLength(1);
  });

  it("does not wait for a frame while the page is hidden", async () => {
    vi.spyOn(window, "requestAnimationFrame").mockReturnValue(0);
    vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    await expect(firstPaint()).resolves.toBeUndefined();
  });

  it("does not wait for a frame of a page that becomes hidden", async () => {
    vi.spyOn(window, "requestAnimationFrame").mockReturnValue(0);
    const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(false);
    const painted = firstPaint();
    hidden.mockReturnValue(true);
    document.dispatchEvent(new Event("visibilitychange"));
    await expect(painted).resolves.toBeUndefined();
  });
});
