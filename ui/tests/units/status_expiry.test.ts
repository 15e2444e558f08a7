import { describe, expect, it } from "vitest";

import { finishedView, NOW } from "../../src/host/fake/connection_views";
import { untilAged } from "../../src/state/status_expiry";

const now = Date.parse(NOW);

function validFor(seconds: number | null) {
  const until = seconds === null ? null : new Date(now + seconds * 1000).toISOString();
  return finishedView("c1", "acme", (view) => (view.status = { ...view.status, valid_until: until }));
}

describe("the wait until a shown status is too old", () => {
  it("is that of the first one, and a second more", () => {
    expect(untilAged([validFor(90), validFor(30), validFor(null)], now)).toBe(31_000);
  });

  it("is at most five minutes, because the clock may be set", () => {
    expect(untilAged([validFor(3_600)], now)).toBe(300_000);
    expect(untilAged([validFor(-3_600)], now)).toBe(1_000);
  });

  it("is none while no status ages", () => {
    expect(untilAged([validFor(null)], now)).toBeNull();
    expect(untilAged([], now)).toBeNull();
  });
});
