/** Whether the app starts at sign-in to this computer: what the system reports, and what is chosen here. */
import { commands } from "../host/commands";
import type { AutostartSetting, Problem } from "../host/model";
import { problemOf } from "../host/problem";

export class Autostart {
  /** The setting; unknown until it was loaded. */
  setting = $state.raw<AutostartSetting | null>(null);
  problem = $state.raw<Problem | null>(null);

  load(): Promise<void> {
    return this.run(() => commands.launchAtLogin());
  }

  choose(on: boolean): Promise<void> {
    return this.run(() => commands.setLaunchAtLogin(on));
  }

  private async run(command: () => Promise<AutostartSetting>): Promise<void> {
    this.problem = null;
    try {
      this.setting = await command();
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }
}
