import { describe, expect, it } from "vitest";

import { parseMaintenance } from "../../src/state/maintenance";

describe("planned maintenance", () => {
  const now = new Date(2026, 2, 10, 12).getTime();

  it("is parsed from local times and a note", () => {
    const read = parseMaintenance("2026-03-14T20:00", "2026-03-15T02:00", "  Proxy ", now);
    expect(read).toEqual({ window: { from: new Date(2026, 2, 14, 20).toISOString(), until: new Date(2026, 2, 15, 2).toISOString(), note: "Proxy" } });
  });

  it("reports a missing time, a wrong order, a past window, and a note that is too long", () => {
    expect(parseMaintenance("", "2026-03-15T02:00", "", now)).toEqual({ fault: "from" });
    expect(parseMaintenance("2026-03-14T20:00", "soon", "", now)).toEqual({ fault: "until" });
    expect(parseMaintenance("2026-03-14T20:00", "2026-03-14T20:00", "", now)).toEqual({ fault: "order" });
    expect(parseMaintenance("2026-03-01T20:00", "2026-03-02T20:00", "", now)).toEqual({ fault: "over" });
    expect(parseMaintenance("2026-03-14T20:00", "2026-03-15T20:00", "x".repeat(121), now)).toEqual({ fault: "note" });
  });
});
