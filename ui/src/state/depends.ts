/**
 * Which checks must be answered before another can be, as the host asks them, and from that which answer keeps a check from being
 * asked. Pure functions.
 */
import type { CheckId, CheckRow } from "../host/model";

const TOKEN: readonly CheckId[] = ["token"];
const DEPENDS: Readonly<Record<CheckId, readonly CheckId[]>> = {
  keychain: [],
  domain: [],
  tls: ["domain"],
  clock: ["domain"],
  token: ["domain", "tls"],
  owner: TOKEN,
  roles: TOKEN,
  token_entry: TOKEN,
  system_log: TOKEN,
  users: TOKEN,
  zones: TOKEN,
  rate_limit: ["system_log"],
  capabilities: ["roles", "system_log", "users", "zones"],
  radiant_search: [],
  arrival: ["system_log", "radiant_search"],
};

/** Whether `row` keeps others from being asked. A proxy that waits for a decision does; other decisions do not. */
function blocks(row: CheckRow): boolean {
  return row.outcome === "failed" || row.outcome === "unknown" || row.code === "tls_inspected";
}

/** The check whose answer keeps `check` from being asked; nothing where none is known to. */
export function blockerOf(check: CheckId, rowOf: (check: CheckId) => CheckRow | null): CheckId | null {
  for (const before of DEPENDS[check]) {
    const row = rowOf(before);
    const deeper = row?.outcome === "skipped" || !row ? blockerOf(before, rowOf) : null;
    if (deeper) return deeper;
    if (row && blocks(row)) return before;
  }
  return null;
}
