import { cleanup, render } from "@testing-library/svelte";
import { afterEach, describe, expect, it } from "vitest";

import { finishedView } from "../../src/host/fake/connection_views";
import { laggingView } from "../../src/host/fake/monitoring_views";
import ConnectionRowDetails from "../../src/pages/ConnectionRowDetails.svelte";
import OpenConditions from "../../src/pages/monitoring/OpenConditions.svelte";
import { Checks } from "../../src/state/checks.svelte";
import { opened } from "./support";

afterEach(cleanup);

const pageText = (): string => document.body.textContent.replace(/\s+/g, " ");

describe("an open condition", () => {
  it("is announced on the card only where it will be notified if it persists", async () => {
    const card = async (role: "pending" | "known"): Promise<string> => {
      const view = finishedView("c1", "acme", (one) => (one.monitor.conditions = laggingView.monitor.conditions.slice(1).map((found) => ({ ...found, role }))));
      const { app } = await opened({ views: [view] });
      render(ConnectionRowDetails, { app, view, checks: new Checks(app, view.connection.id) });
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
