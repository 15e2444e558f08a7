import { cleanup, render } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import VirtualizedText from "../../src/components/VirtualizedText.svelte";
import { problem } from "../../src/host/fake/connection_views";
import { DiagnosticsBundle } from "../../src/state/diagnostics_bundle.svelte";
import { opened, stubBrowser } from "./support";

afterEach(cleanup);
beforeAll(stubBrowser);

describe("the diagnostics bundle", () => {
  it("is written again after every choice, and loses no choice made meanwhile", async () => {
    await opened({});
    const bundle = new DiagnosticsBundle();
    await Promise.all([bundle.write(), bundle.setRedacted("people", false), bundle.setRedacted("addresses", false)]);
    expect(bundle.text).toContain("svc-radiant@example.com");
    expect(bundle.text).toContain("203.0.113.7");
    expect(bundle.text).not.toContain("acme.okta.com");
    expect(bundle.unredacted).toEqual(["people", "addresses"]);
  });

  it("is searched line by line, and the search wraps around", async () => {
    await opened({ bundleLines: 3 });
    const bundle = new DiagnosticsBundle();
    await bundle.write();
    bundle.search("HeartBeat ");
    expect(bundle.matches).toHaveLength(3);
    bundle.moveToMatch(-1);
    expect(bundle.matchIndex).toBe(2);
    bundle.moveToMatch(1);
    expect(bundle.lines[bundle.matches[bundle.matchIndex] ?? -1]).toContain("heartbeat");
    bundle.search("nowhere");
    expect(bundle.matches).toEqual([]);
  });

  it("is not saved while it could not be written", async () => {
    const { fake } = await opened({ refuse: { diagnostics: problem("store_busy") } });
    const bundle = new DiagnosticsBundle();
    await bundle.write();
    await bundle.save();
    expect(bundle.problem?.code).toBe("store_busy");
    expect(fake.calls).not.toContain("saveDiagnostics");
  });

  it("renders only the visible lines and marks the matches", () => {
    const lines = Array.from({ length: 50_000 }, (_, n) => `line ${n}`);
    const { container } = render(VirtualizedText, { label: "Bundle", lines, needle: "line", current: 0 });
    const drawn = container.querySelectorAll(".drawn .line");
    expect(drawn.length).toBeGreaterThan(10);
    expect(drawn.length).toBeLessThan(500);
    expect(drawn[3]?.textContent?.trim()).toBe("4line 3");
    expect(drawn[3]?.querySelector("mark")?.textContent).toBe("line");
  });
});
