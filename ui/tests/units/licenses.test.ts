import { describe, expect, it } from "vitest";

import { loadLicenses, matchingPackages } from "../../src/state/licenses";

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
