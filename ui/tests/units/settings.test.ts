import { cleanup, configure, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { FakeHost, type Scenario } from "../../src/host/fake/fake";
import { scenario } from "../../src/host/fake/scenarios";
import { finished, problem } from "../../src/host/fake/views";
import LongText from "../../src/parts/LongText.svelte";
import CarryConnections from "../../src/pages/settings/CarryConnections.svelte";
import { App } from "../../src/state/app.svelte";
import { Diagnostics } from "../../src/state/diagnostics.svelte";
import { Kept } from "../../src/state/kept.svelte";
import { load, matching } from "../../src/state/licences";
import { size } from "../../src/words";

// A busy machine may draw late.
configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });
afterEach(cleanup);

// jsdom draws nothing: a dialog is open when it has the attribute, and nothing changes its size.
beforeAll(() => {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
    this.dispatchEvent(new Event("close"));
  };
  vi.stubGlobal("ResizeObserver", class {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  });
});

async function opened(play: Scenario): Promise<{ app: App; host: FakeHost }> {
  const host = new FakeHost(play);
  const app = new App(host);
  await app.start();
  return { app, host };
}

describe("an import", () => {
  it("makes nothing before it was shown and confirmed, and marks every address as still to be confirmed", async () => {
    const { app, host } = await opened(scenario("settings_carry"));
    render(CarryConnections, { app });
    await fireEvent.click(screen.getByRole("button", { name: "Import connections" }));
    const dialog = await screen.findByRole("dialog", { name: "Import connections" });
    expect(host.asked).not.toContain("importConnections");
    for (const address of ["acme-emea.okta-emea.com", "login.globex.example", "https://logs.globex.example/_msearch"]) {
      expect(within(dialog).getByText(address).parentElement?.textContent).toContain("To be confirmed");
    }
    expect(within(dialog).getByText("acme.okta.com").closest("ul")?.className).toContain("here");
    await fireEvent.click(within(dialog).getByRole("button", { name: "Import 3 connections" }));
    await screen.findByText("3 connections were imported.");
    expect(app.views).toHaveLength(4);
    await fireEvent.click(screen.getByRole("button", { name: "Open the guide of acme-emea" }));
    expect(app.screen).toEqual({ name: "guide", id: "imported-1" });
  });

  it("that is cancelled makes nothing", async () => {
    const { app, host } = await opened(scenario("settings_carry"));
    render(CarryConnections, { app });
    await fireEvent.click(screen.getByRole("button", { name: "Import connections" }));
    await fireEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Cancel" }));
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(host.asked).not.toContain("importConnections");
  });

  it("of a file that cannot be used says why", async () => {
    const { app } = await opened({ views: [finished("c1", "acme")], refuse: { lookAtImport: problem("import_foreign") } });
    render(CarryConnections, { app });
    await fireEvent.click(screen.getByRole("button", { name: "Import connections" }));
    await screen.findByText("The file is no export of this app.");
  });

  it("is not offered in a run for practice alone", async () => {
    const { app } = await opened(scenario("settings_practice"));
    render(CarryConnections, { app });
    expect(screen.queryAllByRole("button")).toEqual([]);
  });
});

describe("the diagnostics bundle", () => {
  it("is written anew with every choice, and a choice made meanwhile is not lost", async () => {
    const { host } = await opened({});
    const bundle = new Diagnostics(host);
    await Promise.all([bundle.write(), bundle.choose("people", false), bundle.choose("addresses", false)]);
    expect(bundle.text).toContain("svc-radiant@example.com");
    expect(bundle.text).toContain("203.0.113.7");
    expect(bundle.text).not.toContain("acme.okta.com");
    expect(bundle.keeps).toEqual(["people", "addresses"]);
  });

  it("is searched line by line, round at the ends", async () => {
    const { host } = await opened({ bundleLines: 3 });
    const bundle = new Diagnostics(host);
    await bundle.write();
    bundle.find("HeartBeat ");
    expect(bundle.hits).toHaveLength(3);
    bundle.step(-1);
    expect(bundle.at).toBe(2);
    bundle.step(1);
    expect(bundle.lines[bundle.hits[bundle.at] ?? -1]).toContain("heartbeat");
    bundle.find("nowhere");
    expect(bundle.hits).toEqual([]);
  });

  it("is not saved while it is not there", async () => {
    const { host } = await opened({ refuse: { diagnostics: problem("store_busy") } });
    const bundle = new Diagnostics(host);
    await bundle.write();
    await bundle.save();
    expect(bundle.problem?.code).toBe("store_busy");
    expect(host.asked).not.toContain("saveDiagnostics");
  });

  it("draws only the lines in sight and marks what is found", () => {
    const lines = Array.from({ length: 50_000 }, (_, n) => `line ${n}`);
    const { container } = render(LongText, { label: "Bundle", lines, needle: "line", current: 0 });
    const drawn = container.querySelectorAll(".drawn .line");
    expect(drawn.length).toBeGreaterThan(10);
    expect(drawn.length).toBeLessThan(500);
    expect(drawn[3]?.textContent?.trim()).toBe("4line 3");
    expect(drawn[3]?.querySelector("mark")?.textContent).toBe("line");
  });
});

describe("history kept for fewer days", () => {
  it("is asked about first; for more it is not", async () => {
    const { host } = await opened({ kept: { history_days: 30 } });
    const kept = new Kept(host);
    await kept.load();
    await kept.choose(7);
    expect(kept.asking).toBe(true);
    expect(host.asked).not.toContain("keepHistory");
    await kept.sure();
    expect(kept.data?.history_days).toBe(7);
    await kept.choose(90);
    expect(kept.asking).toBe(false);
    expect(kept.data?.history_days).toBe(90);
  });

  it("that was refused or taken back shows the days that are kept", async () => {
    const { host } = await opened({ kept: { history_days: 30 }, refuse: { keepHistory: problem("store_busy") } });
    const kept = new Kept(host);
    await kept.load();
    await kept.choose(90);
    expect([kept.wanted, kept.problem?.code, kept.data?.history_days]).toEqual([null, "store_busy", 30]);
    await kept.choose(7);
    kept.cancel();
    expect([kept.wanted, kept.asking]).toEqual([null, false]);
  });
});

describe("the licences", () => {
  it("are those of what ships, each with its texts or none", async () => {
    const { packages, texts } = await load();
    const names = packages.map((one) => one.name);
    for (const name of ["tauri", "reqwest", "rusqlite", "clap", "svelte"]) expect(names).toContain(name);
    for (const tool of ["vite", "eslint", "proptest", "serde_derive"]) expect(names).not.toContain(tool);
    expect(packages.flatMap((one) => one.texts).every((at) => (texts[at] ?? "").length > 0)).toBe(true);
  });

  it("are found by every word of name, version or licence", () => {
    const packages = [
      { name: "tokio", version: "1.0.0", license: "MIT", from: "crate" as const, texts: [] },
      { name: "svelte", version: "5.0.0", license: "MIT", from: "npm" as const, texts: [] },
    ];
    expect(matching(packages, " mit SVELTE ").map((one) => one.name)).toEqual(["svelte"]);
    expect(matching(packages, "rust").map((one) => one.name)).toEqual(["tokio"]);
    expect(matching(packages, "")).toHaveLength(2);
  });
});

describe("sizes", () => {
  it("are rounded up to whole kilobytes and to a tenth of a megabyte", () => {
    expect([size(1), size(840), size(1001), size(412_000), size(3_440_000)]).toEqual(["1 byte", "840 bytes", "2 kB", "412 kB", "3.4 MB"]);
  });
});
