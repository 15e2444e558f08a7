import { describe, expect, it } from "vitest";

import { finishedView } from "../../src/host/fake/connection_views";
import { FakeApp } from "../../src/host/fake/fake_app";
import { hundredViews } from "../../src/host/fake/monitoring_views";
import { opened, soon } from "./support";

describe("changes", () => {
  const callCount = (fake: FakeApp, name: string): number => fake.calls.filter((one) => one === name).length;

  it("of a hundred connections at once are loaded together", async () => {
    const { app, fake } = await opened({ views: hundredViews(finishedView("c2", "acme-emea")) });
    const before = app.views;
    for (const view of app.views) fake.changeStatus(view.connection.id);
    await soon(() => expect(app.views).not.toBe(before));
    expect(callCount(fake, "connections")).toBe(2);
    expect(callCount(fake, "connection")).toBe(0);
  });

  it("of one connection load that one once, however often they are reported", async () => {
    const { app, fake } = await opened({ views: hundredViews(finishedView("c2", "acme-emea")) });
    for (let i = 0; i < 9; i += 1) fake.changeStatus("c2");
    await soon(() => expect(callCount(fake, "connection")).toBe(1));
    fake.changeStatus("h3");
    await soon(() => expect(callCount(fake, "connection")).toBe(2));
    expect(callCount(fake, "connections")).toBe(1);
    expect(app.views).toHaveLength(100);
  });
});
