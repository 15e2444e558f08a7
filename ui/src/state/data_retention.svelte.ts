/** What is kept on this computer: read, copied by place, and history for fewer days. A refused change leaves what was. */
import { problemOf, type Host } from "../host/problem";
import type { DataKept, KeptWhere, Problem } from "../host/model";
import { Turns } from "./serial_queue";

/** Days history can be kept for. */
export const HISTORY_DAYS = [7, 14, 30, 60, 90] as const;

export class Kept {
  data = $state.raw<DataKept | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** Days that were chosen and are not kept yet. */
  wanted = $state<number | null>(null);
  /** Whether fewer days are asked about: what is older would be deleted. */
  asking = $state(false);
  saved = $state(false);
  copied = $state<KeptWhere | null>(null);

  private readonly turns = new Turns();

  constructor(private readonly host: Host) {}

  load(): Promise<void> {
    return this.doing(async () => {
      this.data = await this.host.dataKept();
    });
  }

  /** Chooses for how many days; fewer than now are asked about first. */
  async choose(days: number): Promise<void> {
    this.saved = false;
    this.wanted = days;
    if (this.data && days < this.data.history_days) this.asking = true;
    else await this.sure();
  }

  /** Takes a choice back. */
  cancel(): void {
    this.asking = false;
    this.wanted = null;
  }

  /** Keeps history for the days that were chosen. */
  async sure(): Promise<void> {
    const days = this.wanted;
    this.asking = false;
    if (days === null) return;
    await this.turns.take(() =>
      this.doing(async () => {
        await this.host.keepHistory(days);
        this.data = await this.host.dataKept();
        this.saved = true;
      }),
    );
    // What was chosen since is still to come.
    if (this.wanted === days && !this.asking) this.wanted = null;
  }

  copy(place: KeptWhere): Promise<void> {
    return this.doing(async () => {
      await this.host.copyPlace(place);
      this.copied = place;
    });
  }

  private async doing(work: () => Promise<void>): Promise<void> {
    this.problem = null;
    try {
      await work();
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }
}
