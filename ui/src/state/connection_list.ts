/** The list of connections: sorted, searched and filtered. Pure functions. */
import type { ConnectionView, State } from "../host/model";

/** The state of a connection in the list: its status, or that this computer has no network. */
export type ListState = State | "offline";

/** Every list state, worst first. */
export const LIST_STATES: readonly ListState[] = ["stopped", "attention", "unknown", "paused", "needs_setup", "offline", "working", "ok", "unwatched"];
/** From this many connections on, the list has a search and a filter. */
export const FILTER_FROM = 10;

export function listStateOf(view: ConnectionView): ListState {
  return view.status.state === "working" && view.monitor.offline_since ? "offline" : view.status.state;
}

export function worstFirst(views: readonly ConnectionView[]): ConnectionView[] {
  const rank = new Map(LIST_STATES.map((state, i) => [state, i]));
  return [...views].sort((a, b) => (rank.get(listStateOf(a)) ?? 0) - (rank.get(listStateOf(b)) ?? 0));
}

/** Counts the connections in each state, worst first; states without a connection are left out. */
export function countByState(views: readonly ConnectionView[]): { state: ListState; n: number }[] {
  const counts = new Map<ListState, number>();
  for (const view of views) counts.set(listStateOf(view), (counts.get(listStateOf(view)) ?? 0) + 1);
  return LIST_STATES.flatMap((state) => (counts.has(state) ? [{ state, n: counts.get(state) ?? 0 }] : []));
}

/** Returns the connections in `state` whose name or address contains every word of `query`. */
export function matchingConnections(views: readonly ConnectionView[], query: string, state: ListState | null): ConnectionView[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return views.filter((view) => {
    const text = `${view.connection.name} ${view.okta_url ?? ""}`.toLowerCase();
    return (state === null || listStateOf(view) === state) && words.every((word) => text.includes(word));
  });
}

/** Returns each connection's name in the list, by id: practice connections of one name are numbered from the second on. */
export function listNames(views: readonly ConnectionView[]): Map<string, string> {
  const counts = new Map<string, number>();
  return new Map(
    views.map(({ connection, practice }) => {
      const earlier = practice ? (counts.get(connection.name) ?? 0) : 0;
      if (practice) counts.set(connection.name, earlier + 1);
      return [connection.id, earlier > 0 ? `${connection.name} ${earlier + 1}` : connection.name];
    }),
  );
}
