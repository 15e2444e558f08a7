/** What the organisation fixes, for the whole window. The app sees to it that it holds; here it is only shown. */
import type { Host } from "../host/problem";
import type { Policy, PolicyView } from "../host/model";

/** What is fixed where the window has a field for it. */
export const SHOWN = ["heartbeat_s", "freshness_s", "full_s", "allowed_lag_s", "rate_share", "notices", "ask_before_copying", "launch_at_login"] as const satisfies readonly (keyof Policy)[];

export class OrgPolicy {
  /** How it stands; unknown until it was asked for. */
  view = $state.raw<PolicyView | null>(null);

  constructor(private readonly host: Host) {}

  /** Reads it anew. What keeps it from being read keeps the page from working too, and is told there. */
  async look(): Promise<void> {
    try {
      this.view = await this.host.policy();
    } catch {
      this.view = null;
    }
  }

  /** Tells whether something is the organisation's to say. */
  fixes(name: keyof Policy): boolean {
    return (this.view?.fixed[name] ?? null) !== null;
  }
}
