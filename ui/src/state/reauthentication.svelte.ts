/**
 * The system's question who sits there, as the window sees it: whether it is asked, why not, and whether it is open now. The
 * app decides whether to ask; nothing here lets anything through.
 */
import { problemOf, type Host } from "../host/problem";
import type { PresenceSetting, Problem } from "../host/model";

/** The question, for the whole window. */
export class Presence {
  /** How it stands; unknown until it was asked for. */
  setting = $state.raw<PresenceSetting | null>(null);
  /** Whether the system's question is open. */
  open = $state(false);
  /** What went wrong with the last change of the setting. */
  problem = $state.raw<Problem | null>(null);

  constructor(private readonly host: Host) {}

  /** Follows the question for as long as the window lives. */
  async listen(): Promise<void> {
    await this.host.onPresenceNews((open) => (this.open = open));
  }

  async look(): Promise<void> {
    await this.settle(() => this.host.presenceSetting());
  }

  /** Switches it on, or off once the system has confirmed the person. */
  async choose(on: boolean): Promise<void> {
    await this.settle(() => this.host.setPresence(on));
  }

  cancel(): void {
    void this.host.cancelPresence();
  }

  private async settle(asked: () => Promise<PresenceSetting>): Promise<void> {
    this.problem = null;
    try {
      this.setting = await asked();
    } catch (thrown) {
      this.problem = unlessCancelled(problemOf(thrown));
    }
  }
}

/** The problem, unless it is that the person took the question back: they know. */
export function unlessCancelled(problem: Problem): Problem | null {
  return problem.code === "cancelled" ? null : problem;
}
