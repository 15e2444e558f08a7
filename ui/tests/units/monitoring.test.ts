import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { commands } from "../../src/host/commands";
import { finishedView, NOW, problem, report, rowsAfterFailure, viewAtStep } from "../../src/host/fake/connection_views";
import { FakeApp, type Scenario } from "../../src/host/fake/fake_app";
import { hundredViews, justFinishedView, laggingView, offlineView, olderView, pausedView, rateLimitedView, staleView, stoppedView, unwatchedView } from "../../src/host/fake/monitoring_views";
import { scenario } from "../../src/host/fake/scenarios";
import type { History } from "../../src/host/model";
import { dateAndTime, t } from "../../src/messages";
import ConnectionCard from "../../src/pages/ConnectionCard.svelte";
import ConnectionRow from "../../src/pages/ConnectionRow.svelte";
import Overview from "../../src/pages/Overview.svelte";
import MonitorSettings from "../../src/pages/settings/MonitorSettings.svelte";
import { Checks } from "../../src/state/checks.svelte";
import { knownFacts } from "../../src/state/connection_facts";
import { ConnectionHistory } from "../../src/state/connection_history.svelte";
import { countByState, listStateOf, matchingConnections, worstFirst } from "../../src/state/connection_list";
import { parseMaintenance, tomorrowMorning } from "../../src/state/maintenance";
import { MonitorSettingsState } from "../../src/state/monitor_settings.svelte";
import { measuredDelay, nextCheck } from "../../src/state/next_check";
import { opened, soon, stubBrowser } from "./support";

beforeAll(stubBrowser);

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe("the list of connections", () => {
  const broken = finishedView("c2", "acme-emea", (view) => (view.status = { ...view.status, state: "stopped", problem: problem("token_refused") }));
  const views = hundredViews(broken);

  it("is sorted worst first, and a missing network counts as no fault of the connection", () => {
    const sorted = worstFirst(views).map(listStateOf);
    expect(sorted[0]).toBe("stopped");
    expect(sorted.indexOf("offline")).toBeGreaterThan(sorted.lastIndexOf("attention"));
    expect(listStateOf(offlineView)).toBe("offline");
  });

  it("ranks a connection that nobody checks before those without a network", () => {
    expect(worstFirst([offlineView, staleView, finishedView("c3", "acme-apac")]).map(listStateOf)).toEqual(["unknown", "offline", "ok"]);
  });

  it("is searched by every typed word, within one state", () => {
    expect(matchingConnections(views, "OKTA 012", null).map((view) => view.connection.name)).toEqual(["org-012"]);
    expect(matchingConnections(views, "emea", "ok")).toEqual([]);
    expect(countByState(views).reduce((sum, one) => sum + one.n, 0)).toBe(100);
  });

  it("renders a hundred connections without loading a history", async ({ annotate }) => {
    const { app, fake } = await opened({ views });
    const before = performance.now();
    render(Overview, { app });
    const drawn = performance.now();
    expect(screen.getAllByRole("listitem")).toHaveLength(100);
    await fireEvent.input(screen.getByRole("searchbox"), { target: { value: "org-01" } });
    const typed = performance.now();
    expect(screen.getAllByRole("listitem")).toHaveLength(10);
    expect(fake.calls).not.toContain("history");
    await annotate(`100 connections drawn in ${Math.round(drawn - before)} ms, queried and filtered in ${Math.round(typed - drawn)} ms`);
  }, 20_000);
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
      const { container } = render(ConnectionCard, { app, view, checks: new Checks(app, view.connection.id) });
      expect(container.querySelector(".badge.verified"), view.status.state).toBeNull();
      cleanup();
    }
    render(ConnectionCard, { app, view: broken, checks: new Checks(app, "c2") });
    expect(screen.getByText(/^Last verified/)).toBeTruthy();
  });
});

describe("changes", () => {
  const callCount = (fake: FakeApp, name: string): number => fake.calls.filter((one) => one === name).length;

  it("of a hundred connections at once are loaded together", async () => {
    const { app, fake } = await opened({ views: hundredViews(finishedView("c2", "acme-emea")) });
    const before = app.views;
    for (const view of app.views) fake.changeStatus(view.connection.id);
    await soon(() => expect(app.views).not.toBe(before));
    expect(callCount(fake, "connections")).toBe(2);
    expect(callCount(fake, "connection")).toBe(0);
  });

  it("of one connection load that one once, however often they are reported", async () => {
    const { app, fake } = await opened({ views: hundredViews(finishedView("c2", "acme-emea")) });
    for (let i = 0; i < 9; i += 1) fake.changeStatus("c2");
    await soon(() => expect(callCount(fake, "connection")).toBe(1));
    fake.changeStatus("h3");
    await soon(() => expect(callCount(fake, "connection")).toBe(2));
    expect(callCount(fake, "connections")).toBe(1);
    expect(app.views).toHaveLength(100);
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

describe("a clicked notification", () => {
  it("opens the failing check at the start, and later", async () => {
    const { app, fake } = await opened(scenario("monitoring_landing"));
    expect(app.screen).toEqual({ name: "connection", id: "c2", row: "token" });
    fake.clickNotification({ id: null, row: null });
    await soon(() => expect(app.screen).toEqual({ name: "overview" }));
  });

  it("opens the overview when its connection was removed", async () => {
    const { app } = await opened({ views: [finishedView("c1", "acme")], landing: { id: "gone", row: "token" } });
    expect(app.screen).toEqual({ name: "overview" });
  });
});

describe("a history", () => {
  it("drops a late answer to an older request", async () => {
    const { fake } = await opened(scenario("monitoring_healthy"));
    const answers: ((history: History) => void)[] = [];
    const { history: answer } = fake.handlers;
    fake.handlers.history = async (id, span) => {
      const loaded = await answer(id, span);
      return new Promise((resolve) => answers.push(() => resolve(loaded)));
    };
    const history = new ConnectionHistory("c1");
    const both = [history.load("day"), history.load("month")];
    await soon(() => expect(answers).toHaveLength(2));
    for (const answer of answers.reverse()) answer({} as History);
    await Promise.all(both);
    expect(history.span).toBe("month");
    expect(history.history?.hours.length).toBeGreaterThan(600);
  });
});

describe("the time of a fact on the card", () => {
  /** Returns the times beside the names of facts and below them. */
  const observedAt = (): string[] => [...document.querySelectorAll(".facts dt time, .facts p time")].map((one) => one.getAttribute("datetime") ?? "");

  it("is shown once where the facts of the token share it, and beside each fact where they do not", async () => {
    const view = structuredClone(olderView);
    const { app } = await opened({ views: [view] });
    const card = render(ConnectionCard, { app, view, checks: new Checks(app, "c1") });
    await soon(() => expect(observedAt()).toEqual(["2026-03-10T03:12:00Z"]));
    card.unmount();
    const mixed = structuredClone(olderView);
    const roles = mixed.report?.rows.find((row) => row.check === "roles");
    if (roles) roles.at = "2026-03-10T02:12:00Z";
    const other = render(ConnectionCard, { app, view: mixed, checks: new Checks(app, "c1") });
    expect(observedAt().sort()).toEqual(["2026-03-10T02:12:00Z", ...Array<string>(4).fill("2026-03-10T03:12:00Z")]);
    other.unmount();
    const fresh = finishedView("c1", "acme");
    render(ConnectionCard, { app, view: fresh, checks: new Checks(app, "c1") });
    expect(observedAt()).toEqual([]);
  });

  it("stays with its fact when the token is refused", async () => {
    const { app } = await opened({ views: [] });
    const dead = finishedView("c1", "acme", (view) => {
      view.report = report(rowsAfterFailure("token", "token_refused"), []);
      view.status = { ...view.status, state: "stopped", problem: problem("token_refused"), row: "token" };
    });
    render(ConnectionCard, { app, view: dead, checks: new Checks(app, "c1") });
    expect(screen.getByText("svc-radiant@example.com")).toBeTruthy();
    expect(observedAt()).not.toEqual([]);
    const facts = dead.report ? knownFacts(dead.report) : [];
    expect(facts.find((fact) => fact.key === "owner")?.at).toBe("2026-03-09T19:40:00Z");
  });

  it("has a date where nothing is monitored, without a live meter, and a button resumes monitoring", async () => {
    const { app, fake } = await opened({ views: [structuredClone(unwatchedView)] });
    render(ConnectionCard, { app, view: unwatchedView, checks: new Checks(app, "c1") });
    expect(screen.getAllByText(t("ui.card.tokenSeen", { time: dateAndTime("2026-02-24T09:30:00Z") }), { selector: "time" })).toHaveLength(1);
    expect(screen.queryByRole("meter")).toBeNull();
    await fireEvent.click(screen.getByRole("button", { name: t("ui.monitoring.unwatchedDo") }));
    await soon(() => expect(app.screen).toEqual({ name: "guide", id: "c1" }));
    expect(fake.calls).toContain("goToStep");
    expect(app.view("c1")?.setup.step).toBe("done");
    expect(worstFirst([unwatchedView, finishedView("c2", "acme-emea")]).map(listStateOf)).toEqual(["ok", "unwatched"]);
  });
});

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

describe("planned maintenance", () => {
  const now = new Date(2026, 2, 10, 12).getTime();

  it("is parsed from local times and a note", () => {
    const read = parseMaintenance("2026-03-14T20:00", "2026-03-15T02:00", "  Proxy ", now);
    expect(read).toEqual({ window: { from: new Date(2026, 2, 14, 20).toISOString(), until: new Date(2026, 2, 15, 2).toISOString(), note: "Proxy" } });
  });

  it("reports a missing time, a wrong order, a past window, and a note that is too long", () => {
    expect(parseMaintenance("", "2026-03-15T02:00", "", now)).toEqual({ fault: "from" });
    expect(parseMaintenance("2026-03-14T20:00", "soon", "", now)).toEqual({ fault: "until" });
    expect(parseMaintenance("2026-03-14T20:00", "2026-03-14T20:00", "", now)).toEqual({ fault: "order" });
    expect(parseMaintenance("2026-03-01T20:00", "2026-03-02T20:00", "", now)).toEqual({ fault: "over" });
    expect(parseMaintenance("2026-03-14T20:00", "2026-03-15T20:00", "x".repeat(121), now)).toEqual({ fault: "note" });
  });
});

describe("the shortcut for checking", () => {
  it("checks the connection that has the focus, else the worst", async () => {
    const broken = finishedView("c2", "acme-emea", (view) => (view.status = { ...view.status, state: "stopped", problem: problem("token_refused") }));
    const { app, fake } = await opened({ views: [finishedView("c1", "acme"), broken] });
    render(Overview, { app });
    const expanded = (): string[] => [...document.querySelectorAll<HTMLElement>("[data-connection]:has(article)")].map((line) => line.dataset["connection"] ?? "");
    app.checkNow?.();
    await soon(() => expect(expanded()).toEqual(["c2"]));
    document.querySelector<HTMLElement>("[data-connection=c1] .go button")?.focus();
    app.checkNow?.();
    await soon(() => expect(expanded()).toEqual(["c2", "c1"]));
    await soon(() => expect(fake.calls.filter((name) => name === "runChecks")).toHaveLength(2));
    await soon(() => expect(screen.getAllByText(t("ui.checks.runAgain"))).toHaveLength(2));
  }, 20_000);
});
