/** Connections carried to another computer and back. Nothing is taken in that was not shown before; the file stays with the app. */
import { problemOf } from "../host/problem";
import type { ImportOutcome, ImportPreview, Problem } from "../host/model";
import type { App } from "./app.svelte";

export class Carry {
  /** Where the export was saved. */
  path = $state<string | null>(null);
  /** What the chosen file would bring, while it is asked about. */
  preview = $state.raw<ImportPreview | null>(null);
  outcome = $state.raw<ImportOutcome | null>(null);
  problem = $state.raw<Problem | null>(null);
  busy = $state<"export" | "look" | "import" | null>(null);

  constructor(private readonly app: App) {}

  export(): Promise<void> {
    return this.doing("export", async () => {
      this.path = (await this.app.host.exportConnections()) ?? this.path;
    });
  }

  /** Has a file chosen and shows what it would bring. */
  look(): Promise<void> {
    return this.doing("look", async () => {
      this.preview = await this.app.host.lookAtImport();
      if (this.preview) this.outcome = null;
    });
  }

  /** Takes in what was shown. What went wrong is told where the button was. */
  async take(): Promise<void> {
    await this.doing("import", async () => {
      const outcome = await this.app.host.importConnections();
      // The guides are offered once their connections are known here.
      await this.app.list();
      this.outcome = outcome;
    });
    this.preview = null;
  }

  cancel(): void {
    this.preview = null;
  }

  private async doing(name: NonNullable<Carry["busy"]>, work: () => Promise<void>): Promise<void> {
    this.busy = name;
    this.problem = null;
    try {
      await work();
    } catch (thrown) {
      this.problem = problemOf(thrown);
    } finally {
      this.busy = null;
    }
  }
}
