/** The history of one connection over a chosen span: asked for, kept as it came, and saved. A late answer to an older question is dropped. */
import { problemOf } from "../host/problem";
import type { History as Past, Problem, Span } from "../host/model";
import type { App } from "./app.svelte";

/** What is saved as a file: the hours, or the changes of status. */
export type Saved = "hours" | "changes";

export class History {
  span = $state<Span>("day");
  past = $state.raw<Past | null>(null);
  problem = $state.raw<Problem | null>(null);
  loading = $state(false);
  saving = $state<Saved | null>(null);
  /** Where it was saved, and why not. */
  saved = $state<string | null>(null);
  saveProblem = $state.raw<Problem | null>(null);
  private asked = 0;

  constructor(
    private readonly app: App,
    private readonly id: string,
  ) {}

  async load(span: Span = this.span): Promise<void> {
    const mine = ++this.asked;
    this.span = span;
    this.loading = true;
    try {
      const past = await this.app.host.history(this.id, span);
      if (mine !== this.asked) return;
      this.past = past;
      this.problem = null;
    } catch (thrown) {
      if (mine === this.asked) this.problem = problemOf(thrown);
    } finally {
      if (mine === this.asked) this.loading = false;
    }
  }

  async save(what: Saved): Promise<void> {
    this.saving = what;
    this.saveProblem = null;
    try {
      const { host } = this.app;
      this.saved = (await (what === "hours" ? host.saveHistory(this.id, this.span) : host.saveChanges(this.id, this.span))) ?? this.saved;
    } catch (thrown) {
      this.saveProblem = problemOf(thrown);
    } finally {
      this.saving = null;
    }
  }
}
