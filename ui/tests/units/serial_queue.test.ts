import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, describe, expect, it } from "vitest";

import { commands } from "../../src/host/commands";
import { applyPatch } from "../../src/host/monitor_settings_patch";
import { FakeApp } from "../../src/host/fake/fake_app";
import { problem } from "../../src/host/fake/connection_views";
import type { MonitorSettings, Preferences } from "../../src/host/model";
import AppearanceSection from "../../src/pages/settings/AppearanceSection.svelte";
import { App } from "../../src/state/app.svelte";
import { DataRetention } from "../../src/state/data_retention.svelte";
import { MonitorSettingsState } from "../../src/state/monitor_settings.svelte";

afterEach(cleanup);

type Put<T> = { wanted: T; answer: (value: T) => void; refuse: () => void };

/** Answers of the host that come when the test says so. */
function held<T>(): { puts: Put<T>[]; put: (wanted: T) => Promise<T> } {
  const puts: Put<T>[] = [];
  const put = (wanted: T): Promise<T> =>
    new Promise((answer, fail) => {
      puts.push({ wanted, answer, refuse: () => fail(problem("store_busy")) });
    });
  return { puts, put };
}
/** Lets everything that waits for nothing happen. */
const settle = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

describe("choices made faster than the host answers", () => {
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

  it("shows the last one all the while, and puts them in the order they were made", async () => {
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

  it("loses no choice of another kind, and takes back one that was refused alone", async () => {
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

  it("holds for how connections are watched", async () => {
    const fake = new FakeApp({});
    const { puts, put } = held<MonitorSettings>();
    fake.handlers.changeMonitorSettings = async (change) => put(applyPatch(await commands.monitorSettings(), change));
    const monitor = new MonitorSettingsState();
    await monitor.load();
    const [first, second] = [monitor.change("rhythm", { heartbeat_s: 300 }), monitor.change("rhythm", { heartbeat_s: 900 })];
    await settle();
    expect(puts).toHaveLength(1);
    puts[0]?.answer(puts[0].wanted);
    expect(await first).toBe(true);
    expect(monitor.settings?.heartbeat_s).toBe(900);
    await settle();
    // What the tray does meanwhile is seen once the choices before it are put, and takes none of them back.
    const until = "2026-03-10T11:15:00Z";
    const seen = monitor.refresh();
    fake.changeSettingsElsewhere({ heartbeat_s: 900, quiet_until: until });
    puts[1]?.answer(puts[1].wanted);
    expect(await second).toBe(true);
    await seen;
    expect(monitor.settings).toMatchObject({ heartbeat_s: 900, quiet_until: until });
  });

  it("holds for the days of history: a question asked meanwhile stays open", async () => {
    const fake = new FakeApp({});
    let done = (): void => undefined;
    fake.handlers.keepHistory = (days) => new Promise((answer) => (done = () => answer(days)));
    const retention = new DataRetention();
    await retention.load();
    const first = retention.choose(90);
    await settle();
    void retention.choose(7);
    expect([retention.confirming, retention.wanted]).toEqual([true, 7]);
    done();
    await first;
    expect([retention.confirming, retention.wanted]).toEqual([true, 7]);
  });
});
