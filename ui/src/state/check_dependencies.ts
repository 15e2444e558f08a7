/** Which answer keeps a check from being asked. Pure functions. */
import { DEPENDS } from "../host/check_dependencies";
import type { CheckId, CheckRow } from "../host/model";

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
