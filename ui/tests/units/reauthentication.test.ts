import { describe, expect, it } from "vitest";

import { problem, viewAtStep } from "../../src/host/fake/connection_views";
import type { Scenario } from "../../src/host/fake/fake_app";
import { openedGuide } from "./support";

function credential(script: Scenario = {}): ReturnType<typeof openedGuide> {
  return openedGuide({ views: [viewAtStep("credential")], ...script });
}

describe("copying the API token", () => {
  it("waits while the system's dialog is open, and is done once it has confirmed", async () => {
    const { app, guide } = await credential();
    const copying = guide.copy("api_token");
    expect(app.reauthentication.open).toBe(true);
    await copying;
    expect(app.reauthentication.open).toBe(false);
    expect(guide.clipboard.what).toBe("api_token");
  });

  it("shows a refusal beside the button, and copies nothing", async () => {
    for (const code of ["reauthentication_failed", "reauthentication_dismissed", "reauthentication_no_agent"] as const) {
      const { guide } = await credential({ refuse: { copyValue: problem(code) } });
      await guide.copy("api_token");
      expect(guide.clipboard.problem?.code).toBe(code);
      expect(guide.problem).toBeNull();
      expect(guide.clipboard.what).toBeNull();
    }
  });

  it("can be canceled, which shows no problem", async () => {
    const { app, guide, fake } = await credential({ hang: ["copyValue"] });
    const copying = guide.copy("api_token");
    expect(app.reauthentication.open).toBe(true);
    app.reauthentication.cancel();
    await copying;
    expect(fake.calls).toContain("cancelReauthentication");
    expect([app.reauthentication.open, guide.clipboard.problem, guide.clipboard.what]).toEqual([false, null, null]);
  });

  it("needs no re-authentication for other values", async () => {
    const { app, guide } = await credential({ hang: ["copyValue"] });
    void guide.copy("okta_domain");
    expect(app.reauthentication.open).toBe(false);
  });
});

describe("the setting", () => {
  it("stays unchanged when the system did not confirm the person", async () => {
    const { app } = await credential({ refuse: { setReauthentication: problem("reauthentication_dismissed") } });
    await app.reauthentication.load();
    await app.reauthentication.choose(false);
    expect(app.reauthentication.setting?.on).toBe(true);
    expect(app.reauthentication.problem?.code).toBe("reauthentication_dismissed");
  });

  it("shows why it is not available", async () => {
    const { app } = await credential({ reauthentication: { on: false, cannot: problem("reauthentication_missing") } });
    await app.reauthentication.load();
    expect(app.reauthentication.setting?.cannot?.code).toBe("reauthentication_missing");
  });
});
