/** The diagnostics bundle as it is looked at: what is replaced, the text, the search in it. The app keeps the same text and saves it. */
import { problemOf, type Host } from "../host/problem";
import type { Problem, Redact } from "../host/model";

export class Diagnostics {
  redact = $state<Redact>({ people: true, addresses: true, orgs: true });
  text = $state.raw<string | null>(null);
  typed = $state("");
  /** Which of the lines found is looked at. */
  at = $state(0);
  path = $state<string | null>(null);
  problem = $state.raw<Problem | null>(null);
  writing = $state(false);
  saving = $state(false);
  private again = false;

  readonly lines = $derived(this.text === null ? [] : this.text.replace(/\n$/, "").split("\n"));
  readonly bytes = $derived(this.text === null ? 0 : new TextEncoder().encode(this.text).length);
  readonly needle = $derived(this.typed.trim().toLowerCase());
  /** The numbers of the lines that hold what is searched. */
  readonly hits = $derived(this.needle === "" ? [] : this.lines.flatMap((line, i) => (line.toLowerCase().includes(this.needle) ? [i] : [])));

  constructor(private readonly host: Host) {}

  /** What is not replaced. */
  get keeps(): (keyof Redact)[] {
    return (["people", "addresses", "orgs"] as const).filter((what) => !this.redact[what]);
  }

  /** Writes the bundle anew. A change made meanwhile is written after it, so that what is shown is always what the app keeps. */
  async write(): Promise<void> {
    this.again = true;
    if (this.writing) return;
    this.writing = true;
    this.problem = null;
    try {
      while (this.again) {
        this.again = false;
        this.text = await this.host.diagnostics({ ...this.redact });
        this.at = 0;
      }
    } catch (thrown) {
      this.problem = problemOf(thrown);
      this.text = null;
    } finally {
      this.writing = false;
    }
  }

  choose(what: keyof Redact, yes: boolean): Promise<void> {
    this.redact = { ...this.redact, [what]: yes };
    this.path = null;
    return this.write();
  }

  find(typed: string): void {
    this.typed = typed;
    this.at = 0;
  }

  /** Goes to the next line found, or back; round at the ends. */
  step(by: 1 | -1): void {
    const { length } = this.hits;
    if (length > 0) this.at = (this.at + by + length) % length;
  }

  async save(): Promise<void> {
    if (this.text === null || this.writing) return;
    this.saving = true;
    this.problem = null;
    try {
      this.path = (await this.host.saveDiagnostics()) ?? this.path;
    } catch (thrown) {
      this.problem = problemOf(thrown);
    } finally {
      this.saving = false;
    }
  }
}
