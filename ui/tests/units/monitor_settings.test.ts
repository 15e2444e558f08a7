import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { commands } from "../../src/host/commands";
import { problem } from "../../src/host/fake/connection_views";
import { FakeApp } from "../../src/host/fake/fake_app";
import { scenario } from "../../src/host/fake/scenarios";
import { t } from "../../src/messages";
import MonitorSettings from "../../src/pages/settings/MonitorSettings.svelte";
import { tomorrowMorning } from "../../src/state/maintenance";
import { MonitorSettingsState } from "../../src/state/monitor_settings.svelte";
import { opened, soon, stubBrowser } from "./support";

beforeAll(stubBrowser);
afterEach(cleanup);

describe("the monitor settings", () => {
  it("store one change at a time and show what was stored", async () => {
    new FakeApp({});
    const monitor = new MonitorSettingsState();
    await monitor.load();
    expect(await monitor.change("intervals", { heartbeat_s: 5 })).toBe(true);
    expect(monitor.settings?.heartbeat_s).toBe(60);
    expect(monitor.saved).toBe("intervals");
  });

  it("send only what was changed, so that a change from the tray stays", async () => {
    const fake = new FakeApp({});
    const sent: unknown[] = [];
    const { changeMonitorSettings: answer } = fake.handlers;
    fake.handlers.changeMonitorSettings = (change) => (sent.push(change), answer(change));
    const monitor = new MonitorSettingsState();
    await monitor.load();
    fake.changeSettingsElsewhere({ quiet_until: "2026-03-10T11:15:00Z" });
    await monitor.change("intervals", { heartbeat_s: 1200 });
    await monitor.change("reminders", { reminders: { on: false } });
    expect(sent).toEqual([{ heartbeat_s: 1200 }, { reminders: { on: false } }]);
    expect(monitor.settings).toMatchObject({ heartbeat_s: 1200, quiet_until: "2026-03-10T11:15:00Z", reminders: { on: false, token_age_days: 180, owner_days: 90 } });
  });

  it("show a change from the tray while the page is open", async () => {
    const { app, fake } = await opened(scenario("monitoring_healthy"));
    const page = render(MonitorSettings, { app });
    await soon(() => expect(screen.getByText(t("ui.notices.shown"))).toBeTruthy());
    fake.changeSettingsElsewhere({ quiet_until: "2199-01-01T00:00:00Z" });
    await soon(() => expect(screen.getByRole("button", { name: t("tray.resume_notices") })).toBeTruthy());
    page.unmount();
    await Promise.resolve();
    const before = fake.calls.length;
    fake.changeSettingsElsewhere({ quiet_until: null });
    expect(fake.calls.length).toBe(before);
  });

  it("show maintenance that is stored twice and can remove it", async () => {
    const { app } = await opened(scenario("maintenance_twice"));
    render(MonitorSettings, { app });
    await soon(() => expect(screen.getAllByText("Proxy moves", { exact: false })).toHaveLength(2));
    const [remove] = screen.getAllByRole("button", { name: /^Remove: planned work/ });
    await fireEvent.click(remove as HTMLElement);
    await soon(() => expect(screen.queryByText("Proxy moves", { exact: false })).toBeNull());
    expect((await commands.monitorSettings()).maintenance).toEqual([]);
    expect(screen.getByRole("heading", { name: t("ui.rhythm.title") })).toBeTruthy();
  });

  it("store equal maintenance windows once", async () => {
    new FakeApp({});
    const monitor = new MonitorSettingsState();
    await monitor.load();
    const work = { from: "2026-03-14T20:00:00Z", until: "2026-03-15T02:00:00Z", note: "" };
    await monitor.change("maintenance", { plan: work });
    await monitor.change("maintenance", { plan: work });
    expect(monitor.settings?.maintenance).toEqual([work]);
  });

  it("revert a refused change and show the reason", async () => {
    new FakeApp({ refuse: { changeMonitorSettings: problem("store_busy") } });
    const monitor = new MonitorSettingsState();
    await monitor.load();
    expect(await monitor.change("notifications", { notices: false })).toBe(false);
    expect(monitor.settings?.notices).toBe(true);
    expect(monitor.refused).toMatchObject({ part: "notifications", problem: { code: "store_busy" } });
    expect(monitor.saved).toBeNull();
  });

  it("pause notifications until the chosen time, and resume them", async () => {
    new FakeApp({});
    const monitor = new MonitorSettingsState();
    await monitor.load();
    await monitor.pauseNotifications("2026-03-11T07:00:00Z");
    expect(monitor.settings?.quiet_until).toBe("2026-03-11T07:00:00Z");
    await monitor.pauseNotifications(null);
    expect(monitor.settings?.quiet_until).toBeNull();
  });

  it("mean eight o'clock of tomorrow by the next morning", () => {
    const morning = new Date(tomorrowMorning(new Date(2026, 2, 10, 23, 30).getTime()));
    expect([morning.getDate(), morning.getHours(), morning.getMinutes()]).toEqual([11, 8, 0]);
  });
});
