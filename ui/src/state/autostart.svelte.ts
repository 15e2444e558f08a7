/** Whether the app starts at sign-in to this computer: what the system reports, and what is chosen here. */
import { commands } from "../host/commands";
import type { AutostartSetting } from "../host/model";
import { OperationRunner } from "./operation_runner.svelte";

export class Autostart extends OperationRunner {
  /** The setting; unknown until it was loaded. */
  setting = $state.raw<AutostartSetting | null>(null);

  load(): Promise<boolean> {
    return this.run("load", async () => (this.setting = await commands.launchAtLogin()));
  }

  choose(on: boolean): Promise<boolean> {
    return this.run("choose", async () => (this.setting = await commands.setLaunchAtLogin(on)));
  }
}
