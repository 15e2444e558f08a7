/** The list of connections, as pure functions: worst first, found by words, filtered by what they are. */
import type { ConnectionView, State } from "../host/model";

/** What a connection is in the list: its state, or that this computer has no network. */
export type Sort = State | "offline";

/** Every sort, worst first. */
export const SORTS: readonly Sort[] = ["stopped", "attention", "paused", "needs_setup", "offline", "working", "ok", "unwatched"];
/** From so many on, connections are a compact list with a search and a filter. */
export const MANY = 6;

export function sortOf(view: ConnectionView): Sort {
  return view.status.state === "working" && view.watch.offline_since ? "offline" : view.status.state;
}

export function worstFirst(views: readonly ConnectionView[]): ConnectionView[] {
  const rank = new Map(SORTS.map((sort, i) => [sort, i]));
  return [...views].sort((a, b) => (rank.get(sortOf(a)) ?? 0) - (rank.get(sortOf(b)) ?? 0));
}

/** How many there are of each sort, worst first; what there is none of is left out. */
export function tally(views: readonly ConnectionView[]): { sort: Sort; n: number }[] {
  const counted = new Map<Sort, number>();
  for (const view of views) counted.set(sortOf(view), (counted.get(sortOf(view)) ?? 0) + 1);
  return SORTS.flatMap((sort) => (counted.has(sort) ? [{ sort, n: counted.get(sort) ?? 0 }] : []));
}

/** The connections of `sort` whose name or address holds every word of `typed`. */
export function found(views: readonly ConnectionView[], typed: string, sort: Sort | null): ConnectionView[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return views.filter((view) => {
    const text = `${view.connection.name} ${view.okta_url ?? ""}`.toLowerCase();
    return (sort === null || sortOf(view) === sort) && words.every((word) => text.includes(word));
  });
}

/** The name of each connection as the list writes it, by id: of several practice connections of one name, all but the first are numbered. */
export function listNames(views: readonly ConnectionView[]): Map<string, string> {
  const seen = new Map<string, number>();
  return new Map(
    views.map(({ connection, practice }) => {
      const before = practice ? (seen.get(connection.name) ?? 0) : 0;
      if (practice) seen.set(connection.name, before + 1);
      return [connection.id, before > 0 ? `${connection.name} ${before + 1}` : connection.name];
    }),
  );
}
