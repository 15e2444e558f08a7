import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { problem } from "../../src/host/fake/connection_views";
import { scenario } from "../../src/host/fake/scenarios";
import { setLanguage, t } from "../../src/messages";
import WarningBanners from "../../src/pages/WarningBanners.svelte";
import { opened, soon, stubBrowser } from "./support";

beforeAll(stubBrowser);
afterEach(async () => {
  cleanup();
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
