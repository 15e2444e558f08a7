import { cleanup, configure, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { problem } from "../../src/host/fake/connection_views";
import { FakeApp } from "../../src/host/fake/fake_app";
import { scenario } from "../../src/host/fake/scenarios";
import { firstPaint } from "../../src/host/first_paint";
import { setLanguage, t } from "../../src/messages";
import QuitSection from "../../src/pages/settings/QuitSection.svelte";
import WarningBanners from "../../src/pages/WarningBanners.svelte";
import { opened, soon, stubBrowser } from "./support";

// A busy machine may render late.
configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });
beforeAll(stubBrowser);
afterEach(async () => {
  cleanup();
  vi.restoreAllMocks();
  await setLanguage("en");
});

/** The text of each warning, in order. */
const warnings = (): string[] => screen.queryAllByRole("status").map((banner) => banner.querySelector("p")?.textContent ?? "");

describe("the warnings under the top bar", () => {
  it("are none while nothing is wrong", async () => {
    const { app } = await opened({});
    render(WarningBanners, { app });
    expect(warnings()).toEqual([]);
  });

  it("ask to open the window again when a newer version runs in the background", async () => {
    const { app } = await opened(scenario("start_again"));
    render(WarningBanners, { app });
    expect(warnings()).toEqual(["A newer version is running in the background. Close this window and open it again."]);
  });

  it("name the process that does not respond, in both languages", async () => {
    const { app } = await opened(scenario("agent_not_responding"));
    render(WarningBanners, { app });
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]?.match(/rocess 4711/g)).toHaveLength(2);
    await setLanguage("de");
    await soon(() => expect(warnings()[0]).toContain("Prozess 4711 läuft noch"));
  });

  it("do not promise that monitoring continues while the background process does not run", async () => {
    const { app } = await opened(scenario("agent_not_started"));
    render(WarningBanners, { app });
    expect(app.info?.tray).toBe(false);
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]).toContain(t("code.agent_not_started.meaning"));
  });

  it("say without a tray that monitoring continues and where the app is quit", async () => {
    const { app } = await opened(scenario("tray_missing"));
    render(WarningBanners, { app });
    expect(warnings()[0]).toContain("continues to monitor");
    expect(warnings()[0]).toContain("Quit");
  });

  it("follow the app: they go with their cause, and a dismissed one returns with it", async () => {
    const { app, fake } = await opened(scenario("tray_missing"));
    render(WarningBanners, { app });
    await fireEvent.click(screen.getByRole("button", { name: t("ui.notice.away") }));
    expect(warnings()).toEqual([]);
    fake.changeInfo({ start_again: true });
    await soon(() => expect(warnings()).toHaveLength(1));
    fake.changeInfo({ tray: true, start_again: false });
    await soon(() => expect(warnings()).toEqual([]));
    fake.changeInfo({ tray: false });
    await soon(() => expect(warnings()[0]).toContain(t("code.tray_missing.title")));
    fake.changeInfo({ background_problem: problem("agent_not_started") });
    await soon(() => expect(warnings()[0]).toContain(t("code.agent_not_started.title")));
    expect(app.phase).toBe("ready");
  });
});

describe("Quit in the settings", () => {
  it("says what ends and quits at one press", async () => {
    const { app, fake } = await opened({});
    render(QuitSection, { app });
    expect(screen.getByText(t("ui.quit.text"))).toBeTruthy();
    await fireEvent.click(screen.getByRole("button", { name: "Quit" }));
    expect(fake.calls.filter((name) => name === "quit")).toHaveLength(1);
  });

  it("says in practice that the practice organization is deleted", async () => {
    const { app } = await opened(scenario("practice_welcome"));
    render(QuitSection, { app });
    expect(screen.getByText(t("ui.quit.practice"))).toBeTruthy();
  });
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
