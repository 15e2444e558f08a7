import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { finishedView, NOW, problem, report, row, rowsAfterFailure } from "../../src/host/fake/connection_views";
import { olderView, unwatchedView } from "../../src/host/fake/monitoring_views";
import { dateAndTime, shortTime, t } from "../../src/messages";
import ConnectionKeyFacts from "../../src/pages/ConnectionKeyFacts.svelte";
import ConnectionRowDetails from "../../src/pages/ConnectionRowDetails.svelte";
import { Checks } from "../../src/state/checks.svelte";
import { knownFacts } from "../../src/state/connection_facts";
import { listStateOf, worstFirst } from "../../src/state/connection_list";
import { opened, soon, stubBrowser } from "./support";

beforeAll(stubBrowser);
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe("the time of a fact on the card", () => {
  /** Returns the times beside the names of facts and below them. */
  const observedAt = (): string[] => [...document.querySelectorAll(".facts dt time, .facts p time")].map((one) => one.getAttribute("datetime") ?? "");

  it("is shown once where the facts of the token share it, and beside each fact where they do not", async () => {
    const view = structuredClone(olderView);
    const { app } = await opened({ views: [view] });
    const card = render(ConnectionRowDetails, { app, view, checks: new Checks(app, "c1") });
    await soon(() => expect(observedAt()).toEqual(["2026-03-10T03:12:00Z"]));
    card.unmount();
    const mixed = structuredClone(olderView);
    const roles = mixed.report?.rows.find((row) => row.check === "roles");
    if (roles) roles.at = "2026-03-10T02:12:00Z";
    const other = render(ConnectionRowDetails, { app, view: mixed, checks: new Checks(app, "c1") });
    expect(observedAt().sort()).toEqual(["2026-03-10T02:12:00Z", ...Array<string>(4).fill("2026-03-10T03:12:00Z")]);
    other.unmount();
    const fresh = finishedView("c1", "acme");
    render(ConnectionRowDetails, { app, view: fresh, checks: new Checks(app, "c1") });
    expect(observedAt()).toEqual([]);
  });

  it("stays with its fact when the token is refused", async () => {
    const { app } = await opened({ views: [] });
    const dead = finishedView("c1", "acme", (view) => {
      view.report = report(rowsAfterFailure("token", "token_refused"), []);
      view.status = { ...view.status, state: "stopped", problem: problem("token_refused"), row: "token" };
    });
    render(ConnectionRowDetails, { app, view: dead, checks: new Checks(app, "c1") });
    expect(screen.getByText("svc-radiant@example.com")).toBeTruthy();
    expect(observedAt()).not.toEqual([]);
    const facts = dead.report ? knownFacts(dead.report) : [];
    expect(facts.find((fact) => fact.key === "owner")?.at).toBe("2026-03-09T19:40:00Z");
  });

  it("has a date where nothing is monitored, without a live meter, and a button resumes monitoring", async () => {
    const { app, fake } = await opened({ views: [structuredClone(unwatchedView)] });
    render(ConnectionRowDetails, { app, view: unwatchedView, checks: new Checks(app, "c1") });
    expect(screen.getAllByText(t("ui.card.tokenSeen", { time: dateAndTime("2026-02-24T09:30:00Z") }), { selector: "time" })).toHaveLength(1);
    expect(screen.queryByRole("meter")).toBeNull();
    await fireEvent.click(screen.getByRole("button", { name: t("ui.monitoring.unwatchedDo") }));
    await soon(() => expect(app.screen).toEqual({ name: "guide", id: "c1" }));
    expect(fake.calls).toContain("goToStep");
    expect(app.view("c1")?.setup.step).toBe("done");
    expect(worstFirst([unwatchedView, finishedView("c2", "acme-emea")]).map(listStateOf)).toEqual(["ok", "unwatched"]);
  });
});

describe("the last event in Okta", () => {
  beforeEach(() => void vi.useFakeTimers({ now: new Date(NOW), toFake: ["Date"] }));
  it("says that this computer's clock is behind where the event lies ahead of it", () => {
    const at = (offset: number): string => new Date(Date.parse(NOW) + offset).toISOString();
    const shown = (offset: number): string => {
      const view = finishedView("c1", "acme", (one) => (one.monitor.newest_in_okta = at(offset)));
      const { container, unmount } = render(ConnectionKeyFacts, { view, history: null });
      const text = container.textContent;
      unmount();
      return text;
    };
    expect(shown(600_000)).toContain(t("ui.card.newestAhead"));
    expect(shown(20_000)).not.toContain(t("ui.card.newestAhead"));
    expect(shown(-600_000)).not.toContain(t("ui.card.newestAhead"));
  });
});

describe("the last verified delivery", () => {
  beforeEach(() => void vi.useFakeTimers({ now: new Date(NOW), toFake: ["Date"] }));
  it("keeps its time when a later delivery check fails", () => {
    const view = finishedView("c1", "acme", (one) => {
      one.report = report([row("arrival", "attention", { code: "radiant_lagging" })]);
      one.status = { ...one.status, state: "attention" };
      one.monitor.delivery_proof = { since: null, last: "2026-03-10T09:41:00Z" };
    });
    const { container } = render(ConnectionKeyFacts, { view, history: null });
    expect(container.textContent).toContain(t("ui.card.lastVerified", { time: shortTime("2026-03-10T09:41:00Z", Date.parse(NOW)) }));
  });
});
