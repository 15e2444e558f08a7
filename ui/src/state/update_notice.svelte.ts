/** What is known about a newer version. The app shows its link and downloads nothing. */
import { commands, events, type Unlisten } from "../host/commands";
import type { UpdateView } from "../host/model";
import { OperationRunner } from "./operation_runner.svelte";

export class UpdateNotices extends OperationRunner {
  view = $state.raw<UpdateView | null>(null);

  load(): Promise<boolean> {
    return this.run("load", async () => {
      this.view = await commands.updateNotice();
    });
  }

  /** Follows what the daily check finds. */
  follow(): Promise<Unlisten> {
    return events.settingsChanged.listen(() => {
      if (!this.busy) void this.load();
    });
  }

  check(): Promise<boolean> {
    return this.run("check", async () => {
      this.view = await commands.checkForUpdate();
    });
  }
}
