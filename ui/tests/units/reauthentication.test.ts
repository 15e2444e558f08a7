import { describe, expect, it } from "vitest";

import { FakeHost, type Scenario } from "../../src/host/fake/fake_app";
import { at, problem } from "../../src/host/fake/connection_views";
import { App } from "../../src/state/app.svelte";
import { Guide } from "../../src/state/guide.svelte";

async function credential(play: Scenario = {}): Promise<{ app: App; guide: Guide; host: FakeHost }> {
  const host = new FakeHost({ views: [at("credential")], ...play });
  const app = new App(host);
  await app.start();
  const view = app.views[0];
  if (!view) throw new Error("the scenario has no connection");
  return { app, guide: new Guide(app, view.connection.id, view), host };
}

describe("copying the API token", () => {
  it("waits while the system asks, and is done once it has confirmed", async () => {
    const { app, guide } = await credential();
    const copying = guide.copy("api_token");
    expect(app.presence.open).toBe(true);
    await copying;
    expect(app.presence.open).toBe(false);
    expect(guide.clipboard.what).toBe("api_token");
  });

  it("tells beside the button what came of the question, and copied nothing", async () => {
    for (const code of ["reauthentication_failed", "reauthentication_dismissed", "reauthentication_no_agent"] as const) {
      const { guide } = await credential({ refuse: { copyValue: problem(code) } });
      await guide.copy("api_token");
      expect(guide.clipboard.problem?.code).toBe(code);
      expect(guide.problem).toBeNull();
      expect(guide.clipboard.what).toBeNull();
    }
  });

  it("can be taken back, which is no problem to tell of", async () => {
    const { app, guide, host } = await credential({ hang: ["copyValue"] });
    const copying = guide.copy("api_token");
    expect(app.presence.open).toBe(true);
    app.presence.cancel();
    await copying;
    expect(host.asked).toContain("cancelPresence");
    expect([app.presence.open, guide.clipboard.problem, guide.clipboard.what]).toEqual([false, null, null]);
  });

  it("asks about nothing else that is copied", async () => {
    const { app, guide } = await credential({ hang: ["copyValue"] });
    void guide.copy("okta_domain");
    expect(app.presence.open).toBe(false);
  });
});

describe("the setting", () => {
  it("stays as it was when the system did not confirm the person", async () => {
    const { app } = await credential({ refuse: { setPresence: problem("reauthentication_dismissed") } });
    await app.presence.look();
    await app.presence.choose(false);
    expect(app.presence.setting?.on).toBe(true);
    expect(app.presence.problem?.code).toBe("reauthentication_dismissed");
  });

  it("says why it cannot be had", async () => {
    const { app } = await credential({ presence: { on: false, cannot: problem("reauthentication_missing") } });
    await app.presence.look();
    expect(app.presence.setting?.cannot?.code).toBe("reauthentication_missing");
  });
});
