import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { finishedView, NOW, problem, viewAtStep } from "../../src/host/fake/connection_views";
import { FakeApp, type Scenario } from "../../src/host/fake/fake_app";
import { hundredViews, justFinishedView, laggingView, offlineView, pausedView, rateLimitedView, stoppedView, unwatchedView } from "../../src/host/fake/monitoring_views";
import { scenario } from "../../src/host/fake/scenarios";
import { t } from "../../src/messages";
import ConnectionRow from "../../src/pages/ConnectionRow.svelte";
import ConnectionRowDetails from "../../src/pages/ConnectionRowDetails.svelte";
import Overview from "../../src/pages/Overview.svelte";
import { Checks } from "../../src/state/checks.svelte";
import { measuredDelay, nextCheck } from "../../src/state/connection_times";
import { opened, soon, stubBrowser } from "./support";

beforeAll(stubBrowser);
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe("a line of the list", () => {
  const settings = { heartbeat_s: 600 };
  const at = Date.parse(NOW);

  it("says when the next check comes at the latest", () => {
    const well = finishedView("c1", "acme");
    expect(nextCheck(well, settings, at)).toEqual({ kind: "by", at: "2026-03-10T10:25:00.000Z" });
    const pending = finishedView("c1", "acme", (view) => (view.monitor.conditions = [{ row: "token", problem: problem("token_refused"), since: NOW, probes: 1, role: "pending" }]));
    expect(nextCheck(pending, settings, at)).toEqual({ kind: "by", at: "2026-03-10T10:20:00.000Z" });
    expect(nextCheck(rateLimitedView, settings, at)).toEqual({ kind: "by", at: "2026-03-10T10:31:00.000Z" });
    expect([nextCheck(well, settings, at + 700_000), nextCheck(justFinishedView, settings, at)]).toEqual([{ kind: "now" }, { kind: "now" }]);
    expect([pausedView, offlineView, unwatchedView, viewAtStep("domain")].map((view) => nextCheck(view, settings, at).kind)).toEqual(["paused", "offline", "never", "never"]);
  });

  it("shows only a delay that was measured", () => {
    expect(measuredDelay(finishedView("c1", "acme"))).toEqual({ seconds: 42, at: NOW });
    expect(measuredDelay(laggingView)?.seconds).toBe(31 * 60);
    expect([measuredDelay(stoppedView), measuredDelay(viewAtStep("domain")), measuredDelay(finishedView("c1", "acme", (view) => (view.report = null)))]).toEqual([null, null, null]);
  });

  it("is expanded alone, and stays as it was left", async () => {
    const { app } = await opened({ views: [finishedView("c1", "acme"), finishedView("c2", "other")] });
    render(Overview, { app });
    expect(screen.queryByRole("article")).toBeNull();
    await fireEvent.click(screen.getByRole("button", { name: t("ui.overview.expand", { name: "other" }) }));
    expect(screen.getByRole("article", { name: "other" })).toBeTruthy();
    cleanup();
    render(Overview, { app });
    expect(screen.getAllByRole("article")).toHaveLength(1);
  });

  it("has a search from ten connections on", async () => {
    const { app } = await opened({ views: hundredViews(finishedView("c2", "acme-emea")).slice(0, 9) });
    render(Overview, { app });
    expect(screen.queryByRole("searchbox")).toBeNull();
    cleanup();
    const { app: more } = await opened({ views: hundredViews(finishedView("c2", "acme-emea")).slice(0, 10) });
    render(Overview, { app: more });
    expect(screen.getByRole("searchbox")).toBeTruthy();
  });

  it("never has a green badge of arrival beside a problem", async () => {
    const broken = finishedView("c2", "acme-emea", (view) => (view.status = { ...view.status, state: "stopped", problem: problem("token_refused") }));
    const { app } = await opened({ views: [] });
    for (const view of [broken, laggingView, pausedView, offlineView]) {
      const { container } = render(ConnectionRowDetails, { app, view, checks: new Checks(app, view.connection.id) });
      expect(container.querySelector(".badge.verified"), view.status.state).toBeNull();
      cleanup();
    }
    render(ConnectionRowDetails, { app, view: broken, checks: new Checks(app, "c2") });
    expect(screen.getByText(/^Last verified/)).toBeTruthy();
  });
});

describe("a line of the list, expanded", () => {
  const card = async (script: Scenario): Promise<{ fake: FakeApp; text: () => string }> => {
    vi.useFakeTimers({ now: new Date(NOW), toFake: ["Date"] });
    const { app, fake } = await opened(script);
    const view = app.views[0];
    if (!view) throw new Error("the scenario has no connection");
    const { container } = render(ConnectionRow, { app, view, checks: () => new Checks(app, view.connection.id), settings: null });
    await soon(() => expect(fake.calls).toContain("history"));
    return { fake, text: () => container.textContent.replace(/\s+/g, " ") };
  };

  it("shows receiving only where it was verified", async () => {
    expect((await card(scenario("monitoring_healthy"))).text()).toContain("Radiant is receiving");
    cleanup();
    const unseen = finishedView("c1", "acme", (view) => (view.status = { ...view.status, arrival_verified: false }));
    expect((await card({ views: [unseen] })).text()).not.toContain("Radiant is receiving");
  });

  it("says that nobody is checking and claims nothing about arrival", async () => {
    const { text } = await card(scenario("monitoring_stale"));
    for (const part of [t("state.unknown"), t("code.nobody_checks.title"), t("code.nobody_checks.remedy")]) expect(text()).toContain(part);
    for (const part of [t("state.receiving"), t("state.okta_ready")]) expect(text()).not.toContain(part);
  });

  it("claims no delivery delay where none was measured", async () => {
    const { text } = await card({ ...scenario("monitoring_new"), views: [justFinishedView] });
    await soon(() => expect(text()).toContain("not checked yet"));
    expect(text()).toContain("Not measured");
  });

  it("shows since when there is no network, and states that Radiant does not need this computer", async () => {
    const { text } = await card(scenario("monitoring_offline"));
    expect(text()).toMatch(/This computer is offline since \d\d:09, 2 hours/);
    expect(text()).toContain("Radiant reads Okta from its own servers");
  });

  it("shows since when it checks less often, why, and when the next check is", async () => {
    const { text } = await card(scenario("monitoring_rate_limited"));
    expect(text()).toMatch(/The app is checking less often since \d\d:52, 23 minutes/);
    expect(text()).toMatch(/Monitoring keeps to its share of Okta's rate limit\. Next check: \d\d:31/);
  });

  it("pauses this app's checks, states that nothing changes for Radiant, and resumes them", async () => {
    const { app, fake } = await opened(scenario("monitoring_healthy"));
    render(Overview, { app });
    const item = (): HTMLElement => screen.getByRole("article");
    await fireEvent.click(within(item()).getByRole("button", { name: "Pause checks" }));
    await fireEvent.click(screen.getByRole("radio", { name: "Until tomorrow, 08:00", hidden: true }));
    await fireEvent.click(screen.getByRole("button", { name: "Pause", hidden: true }));
    await soon(() => expect(item().textContent).toMatch(/Checks are paused until .*08:00\. Pausing stops this app's checks only/));
    await fireEvent.click(within(item()).getByRole("button", { name: "Resume checks" }));
    await soon(() => expect(item().textContent).not.toContain("Checks are paused"));
    expect(fake.calls.filter((name) => name === "pauseChecks")).toHaveLength(2);
  });
});
