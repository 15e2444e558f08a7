/** The licences of the packages that are part of the app: a large list, fetched only when its page is opened, and searched. */

/** One package, and the places of its texts in the list of texts. */
export type Package = { name: string; version: string; license: string; from: "crate" | "npm"; texts: number[] };
/** All of them. Equal texts stand once. */
export type Licences = { packages: Package[]; texts: string[] };

export async function load(): Promise<Licences> {
  return (await import("../../licenses.json")).default as Licences;
}

/** The packages whose name or licence holds every word typed. */
export function matching(packages: readonly Package[], typed: string): Package[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return packages.filter((one) => {
    const said = `${one.name} ${one.version} ${one.license} ${one.from === "crate" ? "rust" : "npm"}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
}
