import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { finishedView, problem } from "../../src/host/fake/connection_views";
import { hundredViews, offlineView, staleView } from "../../src/host/fake/monitoring_views";
import { scenario } from "../../src/host/fake/scenarios";
import Overview from "../../src/pages/Overview.svelte";
import { countByState, listNames, listStateOf, matchingConnections, worstFirst } from "../../src/state/connection_list";
import { opened, stubBrowser } from "./support";

beforeAll(stubBrowser);
afterEach(cleanup);

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
  });
});

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

describe("the names in the list", () => {
  it("number practice connections of one name and leave others unchanged", () => {
    const practice = ["c1", "c2"].map((id) => finishedView(id, "Practice", (view) => (view.practice = true)));
    expect([...listNames([...practice, finishedView("c3", "acme")]).values()]).toEqual(["Practice", "Practice 2", "acme"]);
  });
});
