import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, describe, expect, it } from "vitest";

import { applyMonitorSettingsPatch } from "../../src/host/apply_monitor_settings_patch";
import { commands } from "../../src/host/commands";
import { problem } from "../../src/host/fake/connection_views";
import { FakeApp } from "../../src/host/fake/fake_app";
import type { MonitorSettings, Preferences } from "../../src/host/model";
import AppearanceSection from "../../src/pages/settings/AppearanceSection.svelte";
import { App } from "../../src/state/app.svelte";
import { DataRetention } from "../../src/state/data_retention.svelte";
import { MonitorSettingsState } from "../../src/state/monitor_settings.svelte";

afterEach(cleanup);

type Put<T> = { wanted: T; answer: (value: T) => void; refuse: () => void };

/** Answers that arrive when the test decides. */
function held<T>(): { puts: Put<T>[]; put: (wanted: T) => Promise<T> } {
  const puts: Put<T>[] = [];
  const put = (wanted: T): Promise<T> =>
    new Promise((answer, fail) => {
      puts.push({ wanted, answer, refuse: () => fail(problem("store_busy")) });
    });
  return { puts, put };
}
/** Runs everything that waits for no timer. */
const settle = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

describe("changes made faster than the app answers", () => {
  async function appearance(): Promise<{ app: App; puts: Put<Preferences>[] }> {
    const fake = new FakeApp({});
    const { puts, put } = held<Preferences>();
    fake.handlers.setPreferences = put;
    const app = new App();
    await app.start();
    render(AppearanceSection, { app });
    return { app, puts };
  }
  const press = (name: string): Promise<boolean> => fireEvent.click(screen.getByRole("radio", { name }));
  const checked = (): string[] => screen.getAllByRole<HTMLInputElement>("radio").filter((radio) => radio.name === "theme" && radio.checked).map((radio) => radio.value);

  it("show the newest value, and are sent in the order they were made", async () => {
    const { app, puts } = await appearance();
    await press("Light");
    await press("Dark");
    await settle();
    expect([app.preferences.theme, checked()]).toEqual(["dark", ["dark"]]);
    expect(puts.map((one) => one.wanted.theme)).toEqual(["light"]);
    puts[0]?.answer(puts[0].wanted);
    await settle();
    expect([app.preferences.theme, checked()]).toEqual(["dark", ["dark"]]);
    expect(puts.map((one) => one.wanted.theme)).toEqual(["light", "dark"]);
    puts[1]?.answer(puts[1].wanted);
    await settle();
    expect([app.preferences.theme, checked()]).toEqual(["dark", ["dark"]]);
  });

  it("of different settings are independent, and only a refused one is taken back", async () => {
    const { app, puts } = await appearance();
    await press("Light");
    await press("Deutsch");
    await settle();
    puts[0]?.refuse();
    await settle();
    expect(app.preferences).toEqual({ theme: "system", language: "de" });
    expect(checked()).toEqual(["system"]);
    expect(puts[1]?.wanted).toEqual({ theme: "system", language: "de" });
    puts[1]?.answer(puts[1].wanted);
    await settle();
    expect(app.preferences).toEqual({ theme: "system", language: "de" });
  });

  it("of the monitor settings keep their order and take in changes from elsewhere", async () => {
    const fake = new FakeApp({});
    const { puts, put } = held<MonitorSettings>();
    fake.handlers.changeMonitorSettings = async (change) => put(applyMonitorSettingsPatch(await commands.monitorSettings(), change));
    const monitor = new MonitorSettingsState();
    await monitor.load();
    const [first, second] = [monitor.change("intervals", { heartbeat_s: 300 }), monitor.change("intervals", { heartbeat_s: 900 })];
    await settle();
    expect(puts).toHaveLength(1);
    puts[0]?.answer(puts[0].wanted);
    expect(await first).toBe(true);
    expect(monitor.settings?.heartbeat_s).toBe(900);
    await settle();
    // A change from the tray is shown once the changes before it are sent, and takes none of them back.
    const until = "2026-03-10T11:15:00Z";
    const refreshed = monitor.refresh();
    fake.changeSettingsElsewhere({ heartbeat_s: 900, quiet_until: until });
    puts[1]?.answer(puts[1].wanted);
    expect(await second).toBe(true);
    await refreshed;
    expect(monitor.settings).toMatchObject({ heartbeat_s: 900, quiet_until: until });
  });

  it("of the days of history keep a confirmation open that was asked meanwhile", async () => {
    const fake = new FakeApp({});
    let done = (): void => undefined;
    fake.handlers.keepHistory = (days) => new Promise((answer) => (done = () => answer(days)));
    const retention = new DataRetention();
    await retention.load();
    const first = retention.choose(90);
    await settle();
    void retention.choose(7);
    expect([retention.confirming, retention.chosen]).toEqual([true, 7]);
    done();
    await first;
    expect([retention.confirming, retention.chosen]).toEqual([true, 7]);
  });
});
