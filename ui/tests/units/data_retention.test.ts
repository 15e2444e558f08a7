import { describe, expect, it } from "vitest";

import { problem } from "../../src/host/fake/connection_views";
import { DataRetention } from "../../src/state/data_retention.svelte";
import { opened } from "./support";

describe("the days that history is stored", () => {
  it("need a confirmation when they become fewer, not when they become more", async () => {
    const { fake } = await opened({ storedData: { history_days: 30 } });
    const retention = new DataRetention();
    await retention.load();
    await retention.choose(7);
    expect(retention.confirming).toBe(true);
    expect(fake.calls).not.toContain("keepHistory");
    await retention.confirm();
    expect(retention.data?.history_days).toBe(7);
    await retention.choose(90);
    expect(retention.confirming).toBe(false);
    expect(retention.data?.history_days).toBe(90);
  });

  it("are the stored ones again after a refused or canceled change", async () => {
    await opened({ storedData: { history_days: 30 }, refuse: { keepHistory: problem("store_busy") } });
    const retention = new DataRetention();
    await retention.load();
    await retention.choose(90);
    expect([retention.chosen, retention.problem?.code, retention.data?.history_days]).toEqual([null, "store_busy", 30]);
    await retention.choose(7);
    retention.cancel();
    expect([retention.chosen, retention.confirming]).toEqual([null, false]);
  });
});
