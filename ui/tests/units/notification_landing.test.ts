import { describe, expect, it } from "vitest";

import { finishedView } from "../../src/host/fake/connection_views";
import { scenario } from "../../src/host/fake/scenarios";
import { opened, soon } from "./support";

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
