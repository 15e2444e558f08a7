import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import de from "../../messages/de.json";
import en from "../../messages/en.json";
import { duration, fileSize, plural, setLanguage, t } from "../../src/messages";

const root = join(__dirname, "../../src");

/** Returns every source of the window, without the fake app. */
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "fake" ? [] : sources(path);
    return /\.(svelte|ts)$/.test(entry.name) ? [readFileSync(path, "utf8")] : [];
  });
}

/** Returns the `ui.` keys in the sources: whole ones, and patterns of composed ones. */
function named(): { whole: Set<string>; patterns: RegExp[] } {
  const whole = new Set<string>();
  const patterns: RegExp[] = [];
  for (const source of sources(root)) {
    for (const [, key] of source.matchAll(/["`](ui\.[A-Za-z0-9_.]+)["`]/g)) whole.add(key ?? "");
    for (const [, key] of source.matchAll(/`(ui\.[A-Za-z0-9_.]*\$\{[^`]*)`/g)) {
      const parts = (key ?? "").split(/\$\{[^}]*\}/).map((part) => part.replaceAll(".", "\\."));
      patterns.push(new RegExp(`^${parts.join("[a-z_]+")}$`));
    }
  }
  return { whole, patterns };
}

afterEach(() => setLanguage("en"));

describe("the message catalogs", () => {
  const keys = Object.keys(en).filter((key) => key.startsWith("ui."));
  const { whole, patterns } = named();

  it("have the same keys in both languages", () => {
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
  });

  it("have no unused key", () => {
    const stem = (key: string): string => key.replace(/\.(one|other)$/, "");
    const unused = keys.filter((key) => !whole.has(key) && !whole.has(stem(key)) && !patterns.some((pattern) => pattern.test(key)));
    expect(unused).toEqual([]);
  });

  it("lack no used key", () => {
    const missing = [...whole].filter((key) => !(key in en) && !(`${key}.other` in en));
    expect(missing).toEqual([]);
  });

  it("have the same placeholders in both languages", () => {
    const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((one) => one[1] ?? "").sort();
    const catalog: Record<string, string> = de;
    const differing = Object.entries(en).filter(([key, text]) => key.startsWith("ui.") && holes(text).join() !== holes(catalog[key] ?? "").join());
    expect(differing.map(([key]) => key)).toEqual([]);
  });

  it("fill a placeholder and keep one without a value visible", () => {
    expect(t("ui.link.where", { path: "Security > API" })).toBe("By hand: Security > API");
    expect(t("ui.link.where")).toBe("By hand: {path}");
  });

  it("follow the language and the count", async () => {
    expect(plural("ui.time.seconds", 1)).toBe("1 second");
    await setLanguage("de");
    expect(plural("ui.time.seconds", 42)).toBe("42 Sekunden");
    expect(duration(600)).toBe("10 Minuten");
  });

  it("are in the language that was asked for last, whichever catalog is loaded first", async () => {
    await Promise.all([setLanguage("de"), setLanguage("en")]);
    expect(duration(600)).toBe("10 minutes");
  });
});

describe("sizes", () => {
  it("are rounded up to whole kilobytes and to a tenth of a megabyte", () => {
    expect([fileSize(1), fileSize(840), fileSize(1001), fileSize(412_000), fileSize(3_440_000)]).toEqual(["1 byte", "840 bytes", "2 kB", "412 kB", "3.4 MB"]);
  });
});
