/** Runs the operations of one part of the window, and keeps which one is under way and why the last one failed. */
import type { Problem } from "../host/model";
import { problemOf } from "../host/problem";

export abstract class OperationRunner {
  /** The name of the operation under way, so that its button can show it. */
  busy = $state<string | null>(null);
  /** The problem of the last operation, until another one starts; and the name of that operation. */
  problem = $state.raw<Problem | null>(null);
  failed = $state<string | null>(null);

  /** Removes the shown problem. */
  dismiss(): void {
    this.problem = null;
    this.failed = null;
  }

  /** Runs one operation. Returns whether it succeeded. */
  async run(name: string, operation: () => Promise<unknown>): Promise<boolean> {
    this.busy = name;
    this.dismiss();
    try {
      await operation();
      return true;
    } catch (thrown) {
      this.failed = name;
      this.problem = problemOf(thrown);
      return false;
    } finally {
      this.busy = null;
    }
  }
}
