/** Folds lines that say the same. Pure functions. */
import type { StatusChange } from "../host/model";

/** Consecutive changes that say the same: the newest one, how many there are, and when the oldest one was. */
export type ChangeRun = { newest: StatusChange; times: number; since: string };

/** Folds consecutive changes with the same text. `changes` begin with the newest. */
export function foldRepeats(changes: readonly StatusChange[], textOf: (change: StatusChange) => string): ChangeRun[] {
  const runs: ChangeRun[] = [];
  for (const change of changes) {
    const last = runs.at(-1);
    if (last && textOf(last.newest) === textOf(change)) {
      last.times += 1;
      last.since = change.at;
    } else {
      runs.push({ newest: change, times: 1, since: change.at });
    }
  }
  return runs;
}

/** Folds findings with the same text into the first of them, and names the checks that found it. */
export function foldFindings<Finding extends { row: string }>(findings: readonly Finding[], textOf: (finding: Finding) => string): (Finding & { rows: Finding["row"][] })[] {
  const folded = new Map<string, Finding & { rows: Finding["row"][] }>();
  for (const finding of findings) {
    const first = folded.get(textOf(finding));
    if (first) first.rows.push(finding.row);
    else folded.set(textOf(finding), { ...finding, rows: [finding.row] });
  }
  return [...folded.values()];
}
