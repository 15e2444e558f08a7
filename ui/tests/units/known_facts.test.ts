import { describe, expect, it } from "vitest";

import { report } from "../../src/host/fake/connection_views";
import { knownFacts } from "../../src/state/connection_facts";

describe("the known facts of a connection", () => {
  it("have the time of their own check, not of the newest one", () => {
    const usual = report();
    const old = "2026-03-09T10:00:00Z";
    const rows = usual.rows.map((row) => (row.check === "roles" ? { ...row, at: old } : row));
    const known = knownFacts({ ...usual, rows });
    expect(known.find((one) => one.key === "role")).toMatchObject({ check: "roles", at: old });
    expect(known.find((one) => one.key === "owner")?.at).not.toBe(old);
    expect(known.reduce((sum, one) => sum + one.facts.length, 0)).toBe(usual.rows.flatMap((row) => row.facts).length);
  });
});
