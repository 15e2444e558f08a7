import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, describe, expect, it, vi } from "vitest";

import { FakeHost, type Scenario } from "../../src/host/fake/fake_app";
import { scenario } from "../../src/host/fake/scenarios";
import { finished, halted, NOW, problem, report } from "../../src/host/fake/connection_views";
import { hundred, justFinished, offline, older, unwatched } from "../../src/host/fake/monitoring_views";
import type { History as Past } from "../../src/host/model";
import ConnectionCard from "../../src/pages/ConnectionCard.svelte";
import Overview from "../../src/pages/Overview.svelte";
import MonitorSettings from "../../src/pages/settings/MonitorSettings.svelte";
import { App } from "../../src/state/app.svelte";
import { knownFacts } from "../../src/state/reminders";
import { History } from "../../src/state/connection_history.svelte";
import { Monitor } from "../../src/state/monitor_settings.svelte";
import { found, sortOf, tally, worstFirst } from "../../src/state/connection_list";
import { plan, tomorrowMorning } from "../../src/state/maintenance";
import { moment, t } from "../../src/messages";

/** Waits for what a busy machine may show late. */
const soon = (look: () => void): Promise<void> => vi.waitFor(look, { timeout: 10_000 });

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

async function opened(play: Scenario): Promise<{ app: App; host: FakeHost }> {
  const host = new FakeHost(play);
  const app = new App(host);
  await app.start();
  return { app, host };
}

describe("the list of connections", () => {
  const broken = finished("c2", "acme-emea", (view) => (view.status = { ...view.status, state: "stopped", problem: problem("token_refused") }));
  const views = hundred(broken);

  it("is worst first, and this computer's network is no fault of a connection", () => {
    const sorted = worstFirst(views).map(sortOf);
    expect(sorted[0]).toBe("stopped");
    expect(sorted.indexOf("offline")).toBeGreaterThan(sorted.lastIndexOf("attention"));
    expect(sortOf(offline)).toBe("offline");
  });

  it("is found by every word typed, within one state", () => {
    expect(found(views, "OKTA 012", null).map((view) => view.connection.name)).toEqual(["org-012"]);
    expect(found(views, "emea", "ok")).toEqual([]);
    expect(tally(views).reduce((sum, one) => sum + one.n, 0)).toBe(100);
  });

  it("draws a hundred connections without asking for a single history", async ({ annotate }) => {
    const { app, host } = await opened({ views });
    const before = performance.now();
    render(Overview, { app });
    const drawn = performance.now();
    expect(screen.getAllByRole("listitem")).toHaveLength(100);
    await fireEvent.input(screen.getByRole("searchbox"), { target: { value: "org-01" } });
    const typed = performance.now();
    expect(screen.getAllByRole("listitem")).toHaveLength(10);
    expect(host.asked).not.toContain("history");
    await annotate(`100 connections drawn in ${Math.round(drawn - before)} ms, queried and filtered in ${Math.round(typed - drawn)} ms`);
  }, 20_000);
});

describe("changes", () => {
  const asked = (host: FakeHost, name: string): number => host.asked.filter((one) => one === name).length;

  it("of a hundred connections at once are asked for together", async () => {
    const { app, host } = await opened({ views: hundred(finished("c2", "acme-emea")) });
    const before = app.views;
    for (const view of app.views) host.tell(view.connection.id);
    await soon(() => expect(app.views).not.toBe(before));
    expect(asked(host, "connections")).toBe(2);
    expect(asked(host, "connection")).toBe(0);
  });

  it("of one connection ask for that one, however often it is told", async () => {
    const { app, host } = await opened({ views: hundred(finished("c2", "acme-emea")) });
    for (let i = 0; i < 9; i += 1) host.tell("c2");
    await soon(() => expect(asked(host, "connection")).toBe(1));
    host.tell("h3");
    await soon(() => expect(asked(host, "connection")).toBe(2));
    expect(asked(host, "connections")).toBe(1);
    expect(app.views).toHaveLength(100);
  });
});

describe("a card", () => {
  const card = async (play: Scenario): Promise<{ host: FakeHost; text: () => string }> => {
    vi.useFakeTimers({ now: new Date(NOW), toFake: ["Date"] });
    const { app, host } = await opened(play);
    const view = app.views[0];
    if (!view) throw new Error("the scenario has no connection");
    const { container } = render(ConnectionCard, { app, view });
    await soon(() => expect(host.asked).toContain("history"));
    return { host, text: () => container.textContent.replace(/\s+/g, " ") };
  };

  it("says receiving only where it was verified", async () => {
    expect((await card(scenario("watch_healthy"))).text()).toContain("Radiant is receiving");
    cleanup();
    const unseen = finished("c1", "acme", (view) => (view.status = { ...view.status, arrival_verified: false }));
    expect((await card({ views: [unseen] })).text()).not.toContain("Radiant is receiving");
  });

  it("claims no wait where none was measured", async () => {
    const { text } = await card({ ...scenario("watch_new"), views: [justFinished] });
    await soon(() => expect(text()).toContain("nothing looked at yet"));
    expect(text()).toContain("Not measured");
  });

  it("says since when there is no network, and that Radiant does not need this computer", async () => {
    const { text } = await card(scenario("watch_offline"));
    expect(text()).toMatch(/Nothing could be asked from this computer since \d\d:09, 2 hours/);
    expect(text()).toContain("Radiant reads Okta from its own servers");
  });

  it("says quietly since when it looks less often, why, and when it looks next", async () => {
    const { text } = await card(scenario("watch_held"));
    expect(text()).toMatch(/The app has been looking less often since \d\d:52, 23 minutes/);
    expect(text()).toMatch(/Monitoring keeps to its share of Okta's rate limit\. The next look comes at \d\d:31/);
  });

  it("pauses this app's checks, says that nothing changes for Radiant, and resumes them", async () => {
    const { app, host } = await opened(scenario("watch_healthy"));
    render(Overview, { app });
    const item = (): HTMLElement => screen.getByRole("article");
    await fireEvent.click(within(item()).getByRole("button", { name: "Pause checks" }));
    await soon(() => expect(item().textContent).toContain("changes nothing for Radiant"));
    await fireEvent.click(within(item()).getByRole("button", { name: "Resume checks" }));
    await soon(() => expect(item().textContent).not.toContain("Checks are paused"));
    expect(host.asked.filter((name) => name === "pauseChecks")).toHaveLength(2);
  });
});

describe("a clicked notice", () => {
  it("opens the row that is wrong at the start, and later", async () => {
    const { app, host } = await opened(scenario("watch_landing"));
    expect(app.screen).toEqual({ name: "connection", id: "c2", row: "token" });
    host.click({ id: null, row: null });
    await soon(() => expect(app.screen).toEqual({ name: "overview" }));
  });

  it("opens the overview when its connection is gone", async () => {
    const { app } = await opened({ views: [finished("c1", "acme")], landing: { id: "gone", row: "token" } });
    expect(app.screen).toEqual({ name: "overview" });
  });
});

describe("a history", () => {
  it("drops a late answer to an older question", async () => {
    const { app, host } = await opened(scenario("watch_healthy"));
    const answers: ((past: Past) => void)[] = [];
    const real = host.history.bind(host);
    host.history = async (id, span) => {
      const past = await real(id, span);
      return new Promise((answer) => answers.push(() => answer(past)));
    };
    const history = new History(app, "c1");
    const both = [history.load("day"), history.load("month")];
    await soon(() => expect(answers).toHaveLength(2));
    for (const answer of answers.reverse()) answer({} as Past);
    await Promise.all(both);
    expect(history.span).toBe("month");
    expect(history.past?.hours.length).toBeGreaterThan(600);
  });
});

describe("what the card says of the time of its facts", () => {
  /** The time beside a fact's name, when it has one. */
  const seen = (name: string): string | null => screen.getByText((text) => text.startsWith(name), { selector: "dt" }).querySelector("time")?.getAttribute("datetime") ?? null;

  it("is said of each fact that is older than the newest look, and of no other", async () => {
    const view = structuredClone(older);
    const { app } = await opened({ views: [view] });
    const card = render(ConnectionCard, { app, view });
    await soon(() => expect(seen(t("fact.owner"))).toBe("2026-03-10T03:12:00Z"));
    expect([seen(t("fact.role")), seen(t("fact.network")), seen(t("ui.card.rate"))]).toEqual(Array(3).fill("2026-03-10T03:12:00Z"));
    card.unmount();
    const fresh = finished("c1", "acme");
    render(ConnectionCard, { app, view: fresh });
    expect(seen(t("fact.owner"))).toBeNull();
  });

  it("is still known, with its date, when the token is dead", async () => {
    const { app } = await opened({ views: [] });
    const dead = finished("c1", "acme", (view) => {
      view.report = report(halted("token", "token_refused"), []);
      view.status = { ...view.status, state: "stopped", problem: problem("token_refused"), row: "token" };
    });
    render(ConnectionCard, { app, view: dead });
    expect(screen.getByText("svc-radiant@example.com")).toBeTruthy();
    expect(seen(t("fact.owner"))).not.toBeNull();
    const facts = dead.report ? knownFacts(dead.report) : [];
    expect(facts.find((fact) => fact.key === "owner")?.at).toBe("2026-03-09T19:40:00Z");
  });

  it("is dated where nobody looks any more, without a meter that looks alive, and the way back is offered", async () => {
    const { app, host } = await opened({ views: [structuredClone(unwatched)] });
    render(ConnectionCard, { app, view: unwatched });
    expect(screen.getByText(t("state.unwatched"))).toBeTruthy();
    expect(screen.getAllByText(t("ui.card.seen", { time: moment("2026-02-24T09:30:00Z") }), { selector: "dt time" })).toHaveLength(4);
    expect(screen.queryByRole("meter")).toBeNull();
    await fireEvent.click(screen.getByRole("button", { name: t("ui.watch.unwatchedDo") }));
    await soon(() => expect(app.screen).toEqual({ name: "guide", id: "c1" }));
    expect(host.asked).toContain("goToStep");
    expect(app.view("c1")?.setup.step).toBe("done");
    expect(worstFirst([unwatched, finished("c2", "acme-emea")]).map(sortOf)).toEqual(["ok", "unwatched"]);
  });
});

describe("the settings of watching", () => {
  it("keep one change at a time and show what was kept", async () => {
    const monitor = new Monitor(new FakeHost({}));
    await monitor.load();
    expect(await monitor.change("rhythm", { heartbeat_s: 5 })).toBe(true);
    expect(monitor.settings?.heartbeat_s).toBe(60);
    expect(monitor.saved).toBe("rhythm");
  });

  it("send only what was changed, so that what the tray did meanwhile stays", async () => {
    const host = new FakeHost({});
    const sent: unknown[] = [];
    const real = host.changeMonitorSettings.bind(host);
    host.changeMonitorSettings = (change) => (sent.push(change), real(change));
    const monitor = new Monitor(host);
    await monitor.load();
    host.elsewhere({ quiet_until: "2026-03-10T11:15:00Z" });
    await monitor.change("rhythm", { heartbeat_s: 1200 });
    await monitor.change("reminders", { reminders: { on: false } });
    expect(sent).toEqual([{ heartbeat_s: 1200 }, { reminders: { on: false } }]);
    expect(monitor.settings).toMatchObject({ heartbeat_s: 1200, quiet_until: "2026-03-10T11:15:00Z", reminders: { on: false, token_age_days: 180, owner_days: 90 } });
  });

  it("show on an open page what the tray changed, until the page is left", async () => {
    const { app, host } = await opened(scenario("watch_healthy"));
    const page = render(MonitorSettings, { app });
    await soon(() => expect(screen.getByText(t("ui.notices.shown"))).toBeTruthy());
    host.elsewhere({ quiet_until: "2199-01-01T00:00:00Z" });
    await soon(() => expect(screen.getByRole("button", { name: t("tray.resume_notices") })).toBeTruthy());
    page.unmount();
    await Promise.resolve();
    const before = host.asked.length;
    host.elsewhere({ quiet_until: null });
    expect(host.asked.length).toBe(before);
  });

  it("survive whatever is kept: planned work that is there twice is shown and can be removed", async () => {
    const { app, host } = await opened(scenario("work_twice"));
    render(MonitorSettings, { app });
    await soon(() => expect(screen.getAllByText("Proxy moves", { exact: false })).toHaveLength(2));
    const [remove] = screen.getAllByRole("button", { name: /^Remove: planned work/ });
    await fireEvent.click(remove as HTMLElement);
    await soon(() => expect(screen.queryByText("Proxy moves", { exact: false })).toBeNull());
    expect((await host.monitorSettings()).maintenance).toEqual([]);
    expect(screen.getByRole("heading", { name: t("ui.rhythm.title") })).toBeTruthy();
  });

  it("keep planned work that is added twice alike once", async () => {
    const monitor = new Monitor(new FakeHost({}));
    await monitor.load();
    const work = { from: "2026-03-14T20:00:00Z", until: "2026-03-15T02:00:00Z", note: "" };
    await monitor.change("maintenance", { plan: work });
    await monitor.change("maintenance", { plan: work });
    expect(monitor.settings?.maintenance).toEqual([work]);
  });

  it("take a refused change back and say why", async () => {
    const monitor = new Monitor(new FakeHost({ refuse: { changeMonitorSettings: problem("store_busy") } }));
    await monitor.load();
    expect(await monitor.change("notices", { notices: false })).toBe(false);
    expect(monitor.settings?.notices).toBe(true);
    expect(monitor.refused).toMatchObject({ part: "notices", problem: { code: "store_busy" } });
    expect(monitor.saved).toBeNull();
  });

  it("pause notices until then, and not longer than asked", async () => {
    const monitor = new Monitor(new FakeHost({}));
    await monitor.load();
    await monitor.pause("2026-03-11T07:00:00Z");
    expect(monitor.settings?.quiet_until).toBe("2026-03-11T07:00:00Z");
    await monitor.pause(null);
    expect(monitor.settings?.quiet_until).toBeNull();
  });

  it("call the next morning eight o'clock of tomorrow", () => {
    const morning = new Date(tomorrowMorning(new Date(2026, 2, 10, 23, 30).getTime()));
    expect([morning.getDate(), morning.getHours(), morning.getMinutes()]).toEqual([11, 8, 0]);
  });
});

describe("planned work", () => {
  const now = new Date(2026, 2, 10, 12).getTime();

  it("is kept in whole, with its local times and its note", () => {
    const read = plan("2026-03-14T20:00", "2026-03-15T02:00", "  Proxy ", now);
    expect(read).toEqual({ kept: { from: new Date(2026, 2, 14, 20).toISOString(), until: new Date(2026, 2, 15, 2).toISOString(), note: "Proxy" } });
  });

  it("names what is missing, the wrong order, what is over, and a note too long", () => {
    expect(plan("", "2026-03-15T02:00", "", now)).toEqual({ fault: "from" });
    expect(plan("2026-03-14T20:00", "soon", "", now)).toEqual({ fault: "until" });
    expect(plan("2026-03-14T20:00", "2026-03-14T20:00", "", now)).toEqual({ fault: "order" });
    expect(plan("2026-03-01T20:00", "2026-03-02T20:00", "", now)).toEqual({ fault: "over" });
    expect(plan("2026-03-14T20:00", "2026-03-15T20:00", "x".repeat(121), now)).toEqual({ fault: "note" });
  });
});
