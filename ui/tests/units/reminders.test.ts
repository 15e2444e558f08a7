import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { commands } from "../../src/host/commands";
import { finishedView, report } from "../../src/host/fake/connection_views";
import { FakeApp, type Scenario } from "../../src/host/fake/fake_app";
import { REMINDERS, viewWithReminders } from "../../src/host/fake/reminder_views";
import { viewInRotation } from "../../src/host/fake/rotation_views";
import { scenario } from "../../src/host/fake/scenarios";
import { setLanguage, withDates } from "../../src/messages";
import Connection from "../../src/pages/Connection.svelte";
import ConnectionCard from "../../src/pages/ConnectionCard.svelte";
import Window from "../../src/pages/Window.svelte";
import { App } from "../../src/state/app.svelte";
import { knownFacts, storedTokenName, tokenPair } from "../../src/state/connection_facts";
import { MonitorSettingsState } from "../../src/state/monitor_settings.svelte";
import { dismissalKey } from "../../src/state/reminder_dismissal";
import { Checks } from "../../src/state/checks.svelte";
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
    render(ConnectionCard, { app, view, checks: new Checks(app, view.connection.id) });
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
    expect(fake.calls.filter((one) => /Reminder|Owner/.test(one))).toEqual(["putOffReminder", "dismissReminder", "confirmOwner"]);
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

describe("the known facts of a connection", () => {
  it("have the time of their own check, not of the newest one", () => {
    const usual = report();
    const old = "2026-03-09T10:00:00Z";
    const rows = usual.rows.map((row) => (row.check === "roles" ? { ...row, at: old } : row));
    const known = knownFacts({ ...usual, rows });
    expect(known.find((one) => one.key === "role")).toMatchObject({ check: "roles", at: old });
    expect(known.find((one) => one.key === "owner")?.at).not.toBe(old);
    expect(known.reduce((sum, one) => sum + one.facts.length, 0)).toBe(usual.rows.flatMap((row) => row.facts).length);
  });
});

describe("removing a connection", () => {
  it("names the token with its certainty", () => {
    expect(storedTokenName(finishedView("c1", "acme"))).toEqual({ name: "Radiant Security API Token", certainty: "probable" });
    const unchecked = finishedView("c1", "acme", (view) => (view.report = null));
    expect(storedTokenName(unchecked)).toMatchObject({ certainty: "given" });
    const replaced = finishedView("c1", "acme", (view) => (view.secrets = [{ name: "okta_token", since: "2026-03-11T00:00:00Z", bound_to: null, this_run_only: false }]));
    expect(storedTokenName(replaced).certainty).toBe("given");
  });

  it("names both tokens during a rotation, and only while both are stored", () => {
    const old = "Radiant Security API Token";
    const next = `${old} 2026-03`;
    expect(tokenPair(viewInRotation("update"))).toMatchObject({ old, new: next, updated: null });
    expect(tokenPair(viewInRotation("watch"))).toMatchObject({ old, new: next, updated: { by: "jo" } });
    expect(tokenPair(viewInRotation("create"))).toBeNull();
    expect(tokenPair(finishedView("c1", "acme"))).toBeNull();
  });

  it("never gives the monitoring token the name of Radiant's token", () => {
    const own = scenario("remove_monitoring").views?.[0];
    if (!own) throw new Error("no connection");
    expect(storedTokenName(own)).toMatchObject({ name: "Radiant Monitoring", certainty: "probable" });
    const checkedInGuide = structuredClone(own);
    checkedInGuide.setup.finished = "2026-03-11T00:00:00Z";
    expect(storedTokenName(checkedInGuide)).toMatchObject({ name: "", certainty: "unknown" });
  });

  it("links to Okta's token list and warns that Radiant stops, before anything is removed", async () => {
    const { fake } = await page({ views: [finishedView("c1", "acme")] });
    await fireEvent.click(screen.getByRole("button", { name: "Remove" }));
    await soon(() => expect(screen.getByText("Radiant uses the same token.")).toBeTruthy());
    await fireEvent.click(screen.getByRole("button", { name: "Open API tokens in Okta" }));
    expect(fake.calls).toContain("openLink");
    expect(fake.calls).not.toContain("removeConnection");
  }, SLOW);
});

describe("editing a connection", () => {
  it("switches the profile only after a confirmation, and runs the checks for it", async () => {
    const fake = new FakeApp({ views: [finishedView("c1", "acme")], pace: 0 });
    render(Window);
    await soon(() => expect(screen.getByRole("button", { name: /^Details/ })).toBeTruthy());
    await fireEvent.click(screen.getByRole("button", { name: /^Details/ }));
    await fireEvent.click(await screen.findByRole("button", { name: "Edit" }));
    await fireEvent.click(await screen.findByRole("button", { name: "Switch to: Ingestion only" }));
    expect(fake.calls).not.toContain("setProfile");
    expect(screen.getByText(/that the action connector was added is cleared/)).toBeTruthy();
    await fireEvent.click(screen.getByRole("button", { name: "Switch and run the checks" }));
    await soon(() => expect(fake.calls).toContain("runChecks"));
    expect(fake.calls.indexOf("setProfile")).toBeLessThan(fake.calls.indexOf("runChecks"));
  }, SLOW);

  it("states what another Okta domain drops before it opens the guide", async () => {
    const fake = new FakeApp({ views: [finishedView("c1", "acme")] });
    render(Window);
    await soon(() => expect(screen.getByRole("button", { name: /^Details/ })).toBeTruthy());
    await fireEvent.click(screen.getByRole("button", { name: /^Details/ }));
    await fireEvent.click(await screen.findByRole("button", { name: "Edit" }));
    await fireEvent.click(await screen.findByRole("button", { name: "Change the Okta domain" }));
    expect(screen.getByText(/its tokens in the keychain/)).toBeTruthy();
    expect(fake.calls).not.toContain("goToStep");
    await fireEvent.click(screen.getByRole("button", { name: "Open step 2 of the guide" }));
    await soon(() => expect(fake.calls).toContain("goToStep"));
    expect(fake.calls).not.toContain("setDomain");
  }, SLOW);
});
