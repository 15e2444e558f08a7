/**
 * A run of the checks as it is seen: each row waiting, running or answered, told one by one. It keeps what the host said and adds
 * nothing of its own; one run at a time.
 */
import { problemOf } from "../host/problem";
import type { CapabilityRow, CheckId, CheckNews, CheckReport, CheckRow, ConnectionView, Outcome, Problem } from "../host/model";
import type { App } from "./app.svelte";
import { blockerOf } from "./check_dependencies";

/** Outcomes that ask for something, gravest first. */
const WANTING: readonly Outcome[] = ["failed", "attention", "unknown"];

/** Where one check is: never asked, waiting in this run, being asked, or answered. */
export type Stage = "never" | "waiting" | "running" | "answered";

/** How many checks came out how. */
export type Count = { all: number; answered: number; passed: number; attention: number; failed: number; unknown: number; skipped: number };

/** Who is asked, and where the newest report is kept. */
export type Source = {
  kept: (view: ConnectionView) => CheckReport | null;
  run: (only: CheckId[], news: (news: CheckNews) => void) => Promise<CheckReport>;
};

/** The checks of one connection; of its token in use, unless another source is given. */
export class Checks {
  running = $state(false);
  problem = $state.raw<Problem | null>(null);
  private asked = $state.raw<readonly CheckId[]>([]);
  private begun = $state.raw<readonly CheckId[]>([]);
  private fresh = $state.raw<readonly CheckRow[]>([]);

  constructor(
    private readonly app: App,
    private readonly id: string,
    private readonly source: Source = { kept: (view) => view.report, run: (only, news) => app.host.runChecks(id, only, news) },
  ) {}

  private get kept(): CheckReport | null {
    const view = this.app.view(this.id);
    return view ? this.source.kept(view) : null;
  }

  /** The newest answer to `check`, from this run or the kept report. */
  row(check: CheckId): CheckRow | null {
    const kept = this.kept?.rows ?? [];
    return this.fresh.find((row) => row.check === check) ?? kept.find((row) => row.check === check) ?? null;
  }

  stage(check: CheckId): Stage {
    if (this.running && this.asked.includes(check) && !this.fresh.some((row) => row.check === check)) {
      return this.begun.includes(check) ? "running" : "waiting";
    }
    return this.row(check) ? "answered" : "never";
  }

  /** Those of `checks` whose newest answer asks for something, the failed ones first. */
  wanting(checks: readonly CheckId[]): CheckRow[] {
    const rows = checks.flatMap((check) => (this.stage(check) === "answered" ? (this.row(check) ?? []) : []));
    return WANTING.flatMap((outcome) => rows.filter((row) => row.outcome === outcome));
  }

  /** Which check keeps `check` from being asked, where that is known. */
  blocker(check: CheckId): CheckId | null {
    return blockerOf(check, (one) => this.row(one));
  }

  /** Whether `check` is not answered yet in the run under way. */
  pending(check: CheckId): boolean {
    return this.running && this.stage(check) !== "answered";
  }

  /** What the token may do; nothing where the last run could not ask. */
  get capabilities(): readonly CapabilityRow[] {
    if (this.row("capabilities")?.outcome === "skipped") return [];
    return this.kept?.capabilities ?? [];
  }

  /** How many of `checks` are answered, and how many came out how. */
  count(checks: readonly CheckId[]): Count {
    const rows = checks.filter((check) => this.stage(check) === "answered").map((check) => this.row(check));
    const having = (outcome: Outcome): number => rows.filter((row) => row?.outcome === outcome).length;
    const [passed, attention, failed] = [having("passed"), having("attention"), having("failed")];
    return { all: checks.length, answered: rows.length, passed, attention, failed, unknown: having("unknown"), skipped: having("skipped") };
  }

  async run(only: readonly CheckId[]): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.problem = null;
    this.asked = only;
    this.begun = [];
    this.fresh = [];
    try {
      const report = await this.source.run([...only], (news) => this.hear(news));
      this.fresh = report.rows;
      await this.app.refresh(this.id);
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (problem.code !== "cancelled") this.problem = problem;
      await this.app.refresh(this.id);
    } finally {
      this.running = false;
      this.fresh = [];
    }
  }

  async cancel(): Promise<void> {
    await this.app.host.cancelChecks(this.id);
  }

  private hear(news: CheckNews): void {
    if (news.kind === "running") this.begun = [...this.begun, news.row];
    else this.fresh = [...this.fresh.filter((row) => row.check !== news.row.check), news.row];
  }
}
