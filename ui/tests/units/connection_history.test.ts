import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { historiesBy, stoppedView } from "../../src/host/fake/monitoring_views";
import { scenario } from "../../src/host/fake/scenarios";
import type { History } from "../../src/host/model";
import ConnectionHistory from "../../src/pages/monitoring/ConnectionHistory.svelte";
import { ConnectionHistory as HistoryState } from "../../src/state/connection_history.svelte";
import { opened, soon, stubBrowser } from "./support";

beforeAll(stubBrowser);
afterEach(cleanup);

const pageText = (): string => document.body.textContent.replace(/\s+/g, " ");

describe("a history", () => {
  it("drops a late answer to an older request", async () => {
    const { fake } = await opened(scenario("monitoring_healthy"));
    const answers: ((history: History) => void)[] = [];
    const { history: answer } = fake.handlers;
    fake.handlers.history = async (id, span) => {
      const loaded = await answer(id, span);
      return new Promise((resolve) => answers.push(() => resolve(loaded)));
    };
    const history = new HistoryState("c1");
    const both = [history.load("day"), history.load("month")];
    await soon(() => expect(answers).toHaveLength(2));
    for (const answer of answers.reverse()) answer({} as History);
    await Promise.all(both);
    expect(history.span).toBe("month");
    expect(history.history?.hours.length).toBeGreaterThan(600);
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
