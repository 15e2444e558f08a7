/**
 * Re-authentication by the system before a token is copied: whether it is asked for, why not, and whether the system's dialog is
 * open. The app decides whether to ask; nothing here grants access.
 */
import { commands, events } from "../host/commands";
import type { ReauthenticationSetting, Problem } from "../host/model";
import { problemOf } from "../host/problem";

/** Re-authentication, for the whole window. */
export class Reauthentication {
  /** The setting; unknown until it was loaded. */
  setting = $state.raw<ReauthenticationSetting | null>(null);
  /** Whether the system's dialog is open. */
  open = $state(false);
  /** The problem of the last change of the setting. */
  problem = $state.raw<Problem | null>(null);

  /** Follows the dialog for the lifetime of the window. */
  async listen(): Promise<void> {
    await events.reauthenticationPrompt.listen(({ payload }) => (this.open = payload.open));
  }

  async load(): Promise<void> {
    await this.run(() => commands.reauthenticationSetting());
  }

  /** Turns it on, or off once the system has confirmed the person. */
  async choose(on: boolean): Promise<void> {
    await this.run(() => commands.setReauthentication(on));
  }

  cancel(): void {
    void commands.cancelReauthentication();
  }

  private async run(command: () => Promise<ReauthenticationSetting>): Promise<void> {
    this.problem = null;
    try {
      this.setting = await command();
    } catch (thrown) {
      this.problem = unlessCanceled(problemOf(thrown));
    }
  }
}

/** Returns the problem, unless the person canceled: they know. */
export function unlessCanceled(problem: Problem): Problem | null {
  return problem.code === "cancelled" ? null : problem;
}
