/** The organization's policy, for the whole window. The app enforces it; the window only shows it. */
import { commands } from "../host/commands";
import type { Policy, PolicyView } from "../host/model";

/** The policy's settings that have a field in the window. */
export const SETTINGS_WITH_FIELD = ["heartbeat_s", "freshness_s", "full_s", "allowed_lag_s", "rate_share", "notices", "ask_before_copying", "launch_at_login", "alerts", "alert_names"] as const satisfies readonly (keyof Policy)[];

export class OrgPolicy {
  /** The policy; unknown until it was loaded. */
  view = $state.raw<PolicyView | null>(null);

  /** Loads the policy. What makes loading fail makes the rest of the page fail too, and is shown there. */
  async load(): Promise<void> {
    try {
      this.view = await commands.policy();
    } catch {
      this.view = null;
    }
  }

  /** Whether the policy fixes this setting. */
  isFixed(name: keyof Policy): boolean {
    return (this.view?.fixed[name] ?? null) !== null;
  }
}
