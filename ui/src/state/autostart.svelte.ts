/** Whether the app starts with this computer, as the system says and as it is chosen here. */
import { problemOf, type Host } from "../host/problem";
import type { LaunchSetting, Problem } from "../host/model";

export class Launch {
  /** How it stands; unknown until it was asked for. */
  setting = $state.raw<LaunchSetting | null>(null);
  problem = $state.raw<Problem | null>(null);

  constructor(private readonly host: Host) {}

  look(): Promise<void> {
    return this.settle(() => this.host.launchAtLogin());
  }

  choose(on: boolean): Promise<void> {
    return this.settle(() => this.host.setLaunchAtLogin(on));
  }

  private async settle(asked: () => Promise<LaunchSetting>): Promise<void> {
    this.problem = null;
    try {
      this.setting = await asked();
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }
}
