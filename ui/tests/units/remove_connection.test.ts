import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { finishedView } from "../../src/host/fake/connection_views";
import { FakeApp, type Scenario } from "../../src/host/fake/fake_app";
import { viewInRotation } from "../../src/host/fake/rotation_views";
import { scenario } from "../../src/host/fake/scenarios";
import Connection from "../../src/pages/Connection.svelte";
import { App } from "../../src/state/app.svelte";
import { storedTokenName, tokenPair } from "../../src/state/connection_facts";
import { opened, soon, stubBrowser } from "./support";

beforeAll(stubBrowser);
afterEach(cleanup);

async function page(script: Scenario): Promise<{ app: App; fake: FakeApp }> {
  const known = await opened(script);
  const view = known.app.views[0];
  if (!view) throw new Error("no connection");
  render(Connection, { app: known.app, view });
  return known;
}

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
  });
});
