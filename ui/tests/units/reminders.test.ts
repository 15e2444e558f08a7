import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { commands } from "../../src/host/commands";
import { FakeApp, type Scenario } from "../../src/host/fake/fake_app";
import { REMINDERS, viewWithReminders } from "../../src/host/fake/reminder_views";
import { scenario } from "../../src/host/fake/scenarios";
import { setLanguage, withDates } from "../../src/messages";
import Connection from "../../src/pages/Connection.svelte";
import ConnectionRowDetails from "../../src/pages/ConnectionRowDetails.svelte";
import { dismissalKey } from "../../src/pages/reminders/reminder_text";
import { App } from "../../src/state/app.svelte";
import { Checks } from "../../src/state/checks.svelte";
import { MonitorSettingsState } from "../../src/state/monitor_settings.svelte";
import { opened, soon, stubBrowser } from "./support";

/** Rendering a whole page takes time on a busy machine. */
const SLOW = 30_000;

beforeAll(stubBrowser);
afterEach(async () => {
  cleanup();
  await setLanguage("en");
});

async function page(script: Scenario): Promise<{ app: App; fake: FakeApp }> {
  const known = await opened(script);
  const view = known.app.views[0];
  if (!view) throw new Error("no connection");
  render(Connection, { app: known.app, view });
  return known;
}

describe("reminders", () => {
  it("are one line on the card, with their number and the first one", async () => {
    const { app } = await opened(scenario("reminders"));
    const view = app.views[0];
    if (!view) throw new Error("no connection");
    render(ConnectionRowDetails, { app, view, checks: new Checks(app, view.connection.id) });
    expect(screen.getByText(/^4 reminders, the first: The roles of svc-radiant@example.com changed since Aug 20, 2025/)).toBeTruthy();
  });

  it("format dates in the language of the window, whatever the time zone", async () => {
    expect(withDates({ time: "2026-03-01", owner: "a" })).toEqual({ time: "Mar 1, 2026", owner: "a" });
    await setLanguage("de");
    expect(withDates({ time: "2026-03-01" })).toEqual({ time: "01.03.2026" });
  });

  it("are postponed, dismissed and confirmed by one press each", async () => {
    const { app, fake } = await page({ views: [viewWithReminders("roles_changed", "owner_service", "token_age")] });
    const kinds = (): string[] => app.views[0]?.reminders.map((one) => one.kind) ?? [];
    const line = (kind: keyof typeof REMINDERS): HTMLElement => {
      const found = document.getElementById(`reminder-${kind}`)?.closest("li");
      if (!found) throw new Error(`no line of ${kind}`);
      return found;
    };
    const press = (kind: keyof typeof REMINDERS, name: string): Promise<unknown> => fireEvent.click(within(line(kind)).getByRole("button", { name }));
    await press("token_age", "Remind me in 7 days");
    await soon(() => expect(kinds()).toEqual(["roles_changed", "owner_service"]));
    await press("owner_service", "Don't remind me for this token");
    await soon(() => expect(kinds()).toEqual(["roles_changed"]));
    await press("roles_changed", "Confirm the change");
    await soon(() => expect(kinds()).toEqual([]));
    expect(fake.calls.filter((one) => /Reminder|Owner/.test(one))).toEqual(["postponeReminder", "dismissReminder", "confirmOwner"]);
  }, SLOW);

  it("state what they are dismissed for", () => {
    expect(dismissalKey("token_idle", true)).toBe("ui.reminders.dismiss.pause");
    expect(dismissalKey("token_idle", false)).toBe("ui.reminders.dismiss");
    expect(dismissalKey("notices_off", true)).toBe("ui.reminders.dismiss.notices");
  });

  it("are turned off without losing their values", async () => {
    new FakeApp({ monitor: { reminders: { on: true, token_age_days: 90, owner_days: 0 } } });
    const monitor = new MonitorSettingsState();
    await monitor.load();
    const before = monitor.settings?.reminders;
    if (!before) throw new Error("no settings");
    await monitor.change("reminders", { reminders: { ...before, on: false } });
    expect((await commands.monitorSettings()).reminders).toEqual({ on: false, token_age_days: 90, owner_days: 0 });
    expect(monitor.saved).toBe("reminders");
  });
});

describe("roles that can no longer be read", () => {
  it("are confirmed by one press where the condition is shown", async () => {
    const { app } = await page(scenario("roles_lost"));
    expect(screen.getAllByText(/can no longer be read, so it is unknown whether response actions are allowed/).length).toBeGreaterThan(0);
    expect(app.views[0]?.status.state).toBe("attention");
    await fireEvent.click(screen.getByRole("button", { name: "Confirm the change" }));
    await soon(() => expect(app.views[0]?.status.state).toBe("ok"));
  }, SLOW);
});
