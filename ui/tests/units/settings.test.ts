import { cleanup, configure, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import VirtualizedText from "../../src/components/VirtualizedText.svelte";
import { finishedView, problem } from "../../src/host/fake/connection_views";
import { scenario } from "../../src/host/fake/scenarios";
import { fileSize } from "../../src/messages";
import TransferSection from "../../src/pages/settings/TransferSection.svelte";
import { DataRetention } from "../../src/state/data_retention.svelte";
import { DiagnosticsBundle } from "../../src/state/diagnostics_bundle.svelte";
import { loadLicenses, matchingPackages } from "../../src/state/licenses";
import { opened, stubBrowser } from "./support";

// A busy machine may render late.
configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });
afterEach(cleanup);

beforeAll(stubBrowser);

describe("an import", () => {
  it("changes nothing before it was shown and confirmed, and marks every address as to be confirmed", async () => {
    const { app, fake } = await opened(scenario("settings_transfer"));
    render(TransferSection, { app });
    await fireEvent.click(screen.getByRole("button", { name: "Import connections" }));
    const dialog = await screen.findByRole("dialog", { name: "Import connections" });
    expect(fake.calls).not.toContain("importConnections");
    for (const address of ["acme-emea.okta-emea.com", "login.globex.example", "https://logs.globex.example/_msearch"]) {
      expect(within(dialog).getByText(address).parentElement?.textContent).toContain("To be confirmed");
    }
    expect(within(dialog).getByText("acme.okta.com").closest("ul")?.className).toContain("existing");
    await fireEvent.click(within(dialog).getByRole("button", { name: "Import 3 connections" }));
    await screen.findByText("3 connections were imported.");
    expect(app.views).toHaveLength(4);
    await fireEvent.click(screen.getByRole("button", { name: "Open the guide of acme-emea" }));
    expect(app.screen).toEqual({ name: "guide", id: "imported-1" });
  });

  it("that is canceled changes nothing", async () => {
    const { app, fake } = await opened(scenario("settings_transfer"));
    render(TransferSection, { app });
    await fireEvent.click(screen.getByRole("button", { name: "Import connections" }));
    await fireEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Cancel" }));
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(fake.calls).not.toContain("importConnections");
  });

  it("of an unusable file shows the reason", async () => {
    const { app } = await opened({ views: [finishedView("c1", "acme")], refuse: { lookAtImport: problem("import_foreign") } });
    render(TransferSection, { app });
    await fireEvent.click(screen.getByRole("button", { name: "Import connections" }));
    await screen.findByText("This file is not an export of this app.");
  });

  it("is not offered in a practice run", async () => {
    const { app } = await opened(scenario("settings_practice"));
    render(TransferSection, { app });
    expect(screen.queryAllByRole("button")).toEqual([]);
  });
});

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

describe("the licenses", () => {
  it("are those of the shipped packages, each with its texts or none", async () => {
    const { packages, texts } = await loadLicenses();
    const names = packages.map((one) => one.name);
    for (const name of ["tauri", "reqwest", "rusqlite", "clap", "svelte"]) expect(names).toContain(name);
    for (const tool of ["vite", "eslint", "proptest", "serde_derive"]) expect(names).not.toContain(tool);
    expect(packages.flatMap((one) => one.texts).every((at) => (texts[at] ?? "").length > 0)).toBe(true);
  });

  it("are searched by every word of name, version or license", () => {
    const packages = [
      { name: "tokio", version: "1.0.0", license: "MIT", from: "crate" as const, texts: [] },
      { name: "svelte", version: "5.0.0", license: "MIT", from: "npm" as const, texts: [] },
    ];
    expect(matchingPackages(packages, " mit SVELTE ").map((one) => one.name)).toEqual(["svelte"]);
    expect(matchingPackages(packages, "rust").map((one) => one.name)).toEqual(["tokio"]);
    expect(matchingPackages(packages, "")).toHaveLength(2);
  });
});

describe("sizes", () => {
  it("are rounded up to whole kilobytes and to a tenth of a megabyte", () => {
    expect([fileSize(1), fileSize(840), fileSize(1001), fileSize(412_000), fileSize(3_440_000)]).toEqual(["1 byte", "840 bytes", "2 kB", "412 kB", "3.4 MB"]);
  });
});
