/** The licenses of the packages that are part of the app: a large list, loaded only when its page opens, and searched. */

/** One package, and the indexes of its texts in the list of texts. */
export type Package = { name: string; version: string; license: string; from: "crate" | "npm"; texts: number[] };
/** All packages. Equal texts are stored once. */
export type Licenses = { packages: Package[]; texts: string[] };

export async function loadLicenses(): Promise<Licenses> {
  return (await import("../../licenses.json")).default as Licenses;
}

/** Returns the packages whose name or license contains every word of `query`. */
export function matchingPackages(packages: readonly Package[], query: string): Package[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return packages.filter((one) => {
    const text = `${one.name} ${one.version} ${one.license} ${one.from === "crate" ? "rust" : "npm"}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
