/** Finds the check whose answer keeps another check from being run. Pure functions. */
import { CHECK_DEPENDENCIES } from "../host/check_dependencies";
import type { CheckId, CheckRow } from "../host/model";

/** Whether `row` blocks the checks that depend on it. A proxy that waits for a decision does; other decisions do not. */
function isBlocking(row: CheckRow): boolean {
  return row.outcome === "failed" || row.outcome === "unknown" || row.code === "tls_inspected";
}

/** Returns the check whose answer keeps `check` from being run, or `null` where none is known. */
export function blockingCheck(check: CheckId, rowOf: (check: CheckId) => CheckRow | null): CheckId | null {
  for (const dependency of CHECK_DEPENDENCIES[check]) {
    const row = rowOf(dependency);
    const deeper = row?.outcome === "skipped" || !row ? blockingCheck(dependency, rowOf) : null;
    if (deeper) return deeper;
    if (row && isBlocking(row)) return dependency;
  }
  return null;
}
