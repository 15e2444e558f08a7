/** The history of one connection over a chosen span: loaded and saved. A late answer to an older request is dropped. */
import { commands } from "../host/commands";
import type { History, Problem, Span } from "../host/model";
import { problemOf } from "../host/problem";

/** What is saved as a file: the hours, or the changes of status. */
export type SavedPart = "hours" | "changes";

export class ConnectionHistory {
  span = $state<Span>("day");
  history = $state.raw<History | null>(null);
  /** The span of `history`, which is still the previous one while another span loads. */
  loadedSpan = $state<Span>("day");
  problem = $state.raw<Problem | null>(null);
  loading = $state(false);
  saving = $state<SavedPart | null>(null);
  /** The path of the last saved file, and why the last save failed. */
  savedPath = $state<string | null>(null);
  saveProblem = $state.raw<Problem | null>(null);
  private requests = 0;

  constructor(private readonly id: string) {}

  async load(span: Span = this.span): Promise<void> {
    const request = ++this.requests;
    this.span = span;
    this.loading = true;
    try {
      const history = await commands.history(this.id, span);
      if (request !== this.requests) return;
      this.history = history;
      this.loadedSpan = span;
      this.problem = null;
    } catch (thrown) {
      if (request === this.requests) this.problem = problemOf(thrown);
    } finally {
      if (request === this.requests) this.loading = false;
    }
  }

  async save(part: SavedPart): Promise<void> {
    this.saving = part;
    this.saveProblem = null;
    try {
      const path = await (part === "hours" ? commands.saveHistory(this.id, this.span) : commands.saveChanges(this.id, this.span));
      this.savedPath = path ?? this.savedPath;
    } catch (thrown) {
      this.saveProblem = problemOf(thrown);
    } finally {
      this.saving = null;
    }
  }
}
