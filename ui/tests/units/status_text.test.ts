import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, describe, expect, it, vi } from "vitest";

import { finishedView, row } from "../../src/host/fake/connection_views";
import { historiesBy, laggingView, stoppedView } from "../../src/host/fake/monitoring_views";
import { scenario } from "../../src/host/fake/scenarios";
import { OKTA_CHECKS } from "../../src/host/model";
import CheckRun from "../../src/pages/CheckRun.svelte";
import ConnectionCard from "../../src/pages/ConnectionCard.svelte";
import ConnectionHistory from "../../src/pages/monitoring/ConnectionHistory.svelte";
import DeliveryDelay from "../../src/pages/monitoring/DeliveryDelay.svelte";
import OpenConditions from "../../src/pages/monitoring/OpenConditions.svelte";
import Overview from "../../src/pages/Overview.svelte";
import { Checks } from "../../src/state/checks.svelte";
import { opened, soon } from "./support";

// A busy machine renders late.
vi.setConfig({ testTimeout: 20_000 });

const pageText = (): string => document.body.textContent.replace(/\s+/g, " ");

afterEach(cleanup);

describe("an empty list", () => {
  it("offers only what the run is for: in practice no real connection", async () => {
    const { app } = await opened(scenario("practice_empty"));
    render(Overview, { app });
    expect(screen.getAllByRole("button").map((one) => one.textContent.trim())).toEqual(["Try the practice organization"]);
    cleanup();
    const { app: real } = await opened({});
    render(Overview, { app: real });
    expect(screen.getByRole("button", { name: "Connect Okta to Radiant" })).toBeTruthy();
  });
});

describe("the summary of a run", () => {
  it("states that all checks answered only where none was skipped", async () => {
    const skipped = finishedView("c1", "acme", (view) => {
      if (view.report) view.report.rows = view.report.rows.map((one) => (one.check === "zones" ? row("zones", "skipped", { skipped: "profile" }) : one));
    });
    for (const [view, summary] of [[finishedView("c1", "acme"), /^All checks done: \d+ passed\.$/], [skipped, /^\d+ passed, 1 skipped\.$/]] as const) {
      const { app } = await opened({ views: [view] });
      render(CheckRun, { checks: new Checks(app, "c1"), ids: OKTA_CHECKS, onlink: () => undefined });
      expect(screen.getByRole("status").textContent).toMatch(summary);
      cleanup();
    }
  });
});

describe("an open condition", () => {
  it("is announced on the card only where it will be notified if it persists", async () => {
    const card = async (role: "pending" | "known"): Promise<string> => {
      const view = finishedView("c1", "acme", (one) => (one.monitor.conditions = laggingView.monitor.conditions.slice(1).map((found) => ({ ...found, role }))));
      const { app } = await opened({ views: [view] });
      render(ConnectionCard, { app, view, checks: new Checks(app, view.connection.id) });
      const text = pageText();
      cleanup();
      return text;
    };
    expect(await card("pending")).toContain("You will be notified if it persists.");
    expect(await card("known")).not.toContain("You will be notified if it persists.");
  });

  it("shows since when, except for the one that the status already dates", async () => {
    const { app } = await opened({ views: [laggingView] });
    render(OpenConditions, { app, view: laggingView, checking: false, oncheck: () => undefined });
    expect(document.querySelectorAll("li")).toHaveLength(2);
    expect([...document.querySelectorAll("li")].map((one) => one.querySelectorAll("time").length)).toEqual([0, 1]);
  });
});

describe("the delivery delay", () => {
  const day = historiesBy({})("c1", "day");
  const shown = (change: Partial<typeof day>): string => {
    render(DeliveryDelay, { history: { ...day, ...change }, span: "last 24 hours" });
    const text = pageText();
    cleanup();
    return text;
  };

  it("is that of the newest comparison, with its time", () => {
    expect(shown({ delay_newest: 42 })).toMatch(/42 seconds at \d\d:\d\d|42 seconds at .*\d\d:\d\d/);
    expect(shown({ delay_newest: 0 })).toContain("No backlog as of");
  });

  it("is not an older one where the newest comparison measured none", () => {
    const text = shown({ delay_newest: null });
    expect(text).toMatch(/Not measured at .*\d\d:\d\d/);
    expect(text).toContain("median");
    expect(shown({ delay_newest: null, compared_at: null })).toContain("Not measured");
  });
});

describe("changes of status", () => {
  it("show how many of them are shown, and are saved as their own file", async () => {
    const { fake } = await opened({ views: [stoppedView], history: historiesBy({ c1: "unsteady" }) });
    render(ConnectionHistory, { view: stoppedView });
    await soon(() => expect(screen.getByRole("button", { name: "Show the newest 200" })).toBeTruthy());
    await fireEvent.click(screen.getByRole("button", { name: "Show the newest 200" }));
    expect(pageText()).toMatch(/The newest 200 of 43\d are shown/);
    await fireEvent.click(screen.getByRole("button", { name: "Save changes as CSV" }));
    await soon(() => expect(fake.calls).toContain("saveChanges"));
    expect(fake.calls).not.toContain("saveHistory");
  });
});
