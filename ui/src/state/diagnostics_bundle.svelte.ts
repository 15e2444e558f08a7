/** The diagnostics bundle as it is reviewed: what is redacted, the text, and the search in it. The app keeps the same text and saves it. */
import { commands } from "../host/commands";
import type { Problem, RedactionOptions } from "../host/model";
import { problemOf } from "../host/problem";

const REDACTED_KINDS = ["people", "addresses", "orgs"] as const satisfies readonly (keyof RedactionOptions)[];

export class DiagnosticsBundle {
  redact = $state<RedactionOptions>({ people: true, addresses: true, orgs: true });
  text = $state.raw<string | null>(null);
  query = $state("");
  /** The index of the shown match. */
  matchIndex = $state(0);
  path = $state<string | null>(null);
  problem = $state.raw<Problem | null>(null);
  writing = $state(false);
  saving = $state(false);
  private outdated = false;

  readonly lines = $derived(this.text === null ? [] : this.text.replace(/\n$/, "").split("\n"));
  readonly bytes = $derived(this.text === null ? 0 : new TextEncoder().encode(this.text).length);
  readonly needle = $derived(this.query.trim().toLowerCase());
  /** The indexes of the lines that contain the query. */
  readonly matches = $derived(this.needle === "" ? [] : this.lines.flatMap((line, i) => (line.toLowerCase().includes(this.needle) ? [i] : [])));

  /** The kinds of data that are not redacted. */
  get unredacted(): (keyof RedactionOptions)[] {
    return REDACTED_KINDS.filter((kind) => !this.redact[kind]);
  }

  /** Writes the bundle. A change made meanwhile writes it once more, so that the shown text is always the one the app keeps. */
  async write(): Promise<void> {
    this.outdated = true;
    if (this.writing) return;
    this.writing = true;
    this.problem = null;
    try {
      while (this.outdated) {
        this.outdated = false;
        this.text = await commands.diagnostics({ ...this.redact });
        this.matchIndex = 0;
      }
    } catch (thrown) {
      this.problem = problemOf(thrown);
      this.text = null;
    } finally {
      this.writing = false;
    }
  }

  setRedacted(kind: keyof RedactionOptions, redacted: boolean): Promise<void> {
    this.redact = { ...this.redact, [kind]: redacted };
    this.path = null;
    return this.write();
  }

  search(query: string): void {
    this.query = query;
    this.matchIndex = 0;
  }

  /** Shows the next or the previous match; it wraps around at the ends. */
  moveToMatch(by: 1 | -1): void {
    const { length } = this.matches;
    if (length > 0) this.matchIndex = (this.matchIndex + by + length) % length;
  }

  async save(): Promise<void> {
    if (this.text === null || this.writing) return;
    this.saving = true;
    this.problem = null;
    try {
      this.path = (await commands.saveDiagnostics()) ?? this.path;
    } catch (thrown) {
      this.problem = problemOf(thrown);
    } finally {
      this.saving = false;
    }
  }
}
