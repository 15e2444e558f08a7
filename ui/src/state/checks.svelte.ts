/**
 * The checks of a connection while they run and afterwards: each row waits, runs, or is answered. Rows are taken as the app sends
 * them; one run at a time.
 */
import { channel, commands } from "../host/commands";
import type { CapabilityRow, CheckId, CheckProgress, CheckReport, CheckRow, ConnectionView, Outcome, Problem } from "../host/model";
import { problemOf } from "../host/problem";
import type { App } from "./app.svelte";

/** Outcomes that need attention, most severe first. */
const ATTENTION_OUTCOMES: readonly Outcome[] = ["failed", "attention", "unknown"];

/** The stage of one check: never run, waiting in this run, running, or answered. */
export type Stage = "never" | "waiting" | "running" | "answered";

/** How many checks have which outcome. */
export type OutcomeCounts = { all: number; answered: number; passed: number; attention: number; failed: number; unknown: number; skipped: number };

/** Checks by how they are shown: in full, or folded because they passed or were skipped. */
export type CheckGroups = { open: readonly CheckId[]; passed: readonly CheckId[]; skipped: readonly CheckId[] };

/** Which checks are run, and which report is the newest one. */
export type CheckSource = {
  report: (view: ConnectionView) => CheckReport | null;
  run: (only: CheckId[], onProgress: (progress: CheckProgress) => void) => Promise<CheckReport>;
};

/** The checks of one connection: of its token in use, unless another source is given. */
export class Checks {
  running = $state(false);
  problem = $state.raw<Problem | null>(null);
  private requested = $state.raw<readonly CheckId[]>([]);
  private started = $state.raw<readonly CheckId[]>([]);
  private fresh = $state.raw<readonly CheckRow[]>([]);
  /** The end of the run under way. */
  private ended: Promise<void> = Promise.resolve();

  constructor(
    private readonly app: App,
    private readonly id: string,
    private readonly source: CheckSource = { report: (view) => view.report, run: (only, onProgress) => commands.runChecks(id, only, channel(onProgress)) },
  ) {}

  private get report(): CheckReport | null {
    const view = this.app.view(this.id);
    return view ? this.source.report(view) : null;
  }

  /** The newest answer to `check`, from this run or the stored report. */
  row(check: CheckId): CheckRow | null {
    const stored = this.report?.rows ?? [];
    return this.fresh.find((row) => row.check === check) ?? stored.find((row) => row.check === check) ?? null;
  }

  stage(check: CheckId): Stage {
    if (this.running && this.requested.includes(check) && !this.fresh.some((row) => row.check === check)) {
      return this.started.includes(check) ? "running" : "waiting";
    }
    return this.row(check) ? "answered" : "never";
  }

  /** The rows of `checks` that need attention, failed ones first. */
  needingAttention(checks: readonly CheckId[]): CheckRow[] {
    const rows = checks.flatMap((check) => (this.stage(check) === "answered" ? (this.row(check) ?? []) : []));
    return ATTENTION_OUTCOMES.flatMap((outcome) => rows.filter((row) => row.outcome === outcome));
  }

  /**
   * Sorts checks into those shown in full and those folded by outcome. While several run, and before the first run, all are shown in
   * their own order; a check that runs again by itself stays where its last outcome put it.
   */
  groups(checks: readonly CheckId[]): CheckGroups {
    const all = { open: checks, passed: [], skipped: [] };
    if ((this.running && this.requested.length > 1) || checks.every((check) => this.row(check) === null)) return all;
    const of = (outcome: Outcome | undefined): CheckId[] => checks.filter((check) => this.row(check)?.outcome === outcome);
    return { open: [...ATTENTION_OUTCOMES.flatMap(of), ...of(undefined)], passed: of("passed"), skipped: of("skipped") };
  }

  /** Whether `check` is not answered yet in the current run. */
  isPending(check: CheckId): boolean {
    return this.running && this.stage(check) !== "answered";
  }

  /** What the token may do; empty where the last run could not find out. */
  get capabilities(): readonly CapabilityRow[] {
    if (this.row("capabilities")?.outcome === "skipped") return [];
    return this.report?.capabilities ?? [];
  }

  /** Counts the answers to `checks` by outcome. */
  count(checks: readonly CheckId[]): OutcomeCounts {
    const rows = checks.filter((check) => this.stage(check) === "answered").map((check) => this.row(check));
    const of = (outcome: Outcome): number => rows.filter((row) => row?.outcome === outcome).length;
    return { all: checks.length, answered: rows.length, passed: of("passed"), attention: of("attention"), failed: of("failed"), unknown: of("unknown"), skipped: of("skipped") };
  }

  /** Runs checks. While a run is under way nothing is started, unless `restart` cancels that run first. */
  async run(only: readonly CheckId[], restart = false): Promise<void> {
    if (this.running && !restart) return;
    if (this.running) {
      await this.cancel();
      await this.ended;
    }
    this.ended = this.runOnce(only);
    await this.ended;
  }

  private async runOnce(only: readonly CheckId[]): Promise<void> {
    this.running = true;
    this.problem = null;
    this.requested = only;
    this.started = [];
    this.fresh = [];
    try {
      const report = await this.source.run([...only], (progress) => this.onProgress(progress));
      this.fresh = report.rows;
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (problem.code !== "cancelled") this.problem = problem;
    } finally {
      await this.app.reload(this.id);
      this.running = false;
      this.fresh = [];
    }
  }

  async cancel(): Promise<void> {
    await commands.cancelChecks(this.id);
  }

  private onProgress(progress: CheckProgress): void {
    if (progress.kind === "running") this.started = [...this.started, progress.row];
    else this.fresh = [...this.fresh.filter((row) => row.check !== progress.row.check), progress.row];
  }
}
