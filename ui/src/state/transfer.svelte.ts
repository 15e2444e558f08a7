/** Export and import of connections. Nothing is imported before its preview was shown; the file's content stays with the app. */
import { commands } from "../host/commands";
import type { ImportOutcome, ImportPreview } from "../host/model";
import type { App } from "./app.svelte";
import { OperationRunner } from "./operation_runner.svelte";

export class Transfer extends OperationRunner {
  /** The path of the last export. */
  path = $state<string | null>(null);
  /** What the chosen file contains, while its dialog is open. */
  preview = $state.raw<ImportPreview | null>(null);
  outcome = $state.raw<ImportOutcome | null>(null);

  constructor(private readonly app: App) {
    super();
  }

  export(): Promise<boolean> {
    return this.run("export", async () => {
      this.path = (await commands.exportConnections()) ?? this.path;
    });
  }

  /** Asks for a file and shows what it contains. */
  chooseFile(): Promise<boolean> {
    return this.run("preview", async () => {
      this.preview = await commands.previewImport();
      if (this.preview) this.outcome = null;
    });
  }

  /** Imports what the preview showed. */
  async import(): Promise<void> {
    await this.run("import", async () => {
      const outcome = await commands.importConnections();
      // The result links to guides, which need the new connections in the list.
      await this.app.reloadAll();
      this.outcome = outcome;
    });
    this.preview = null;
  }

  cancel(): void {
    this.preview = null;
  }
}
