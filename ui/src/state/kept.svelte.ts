/** What is kept on this computer: read, copied by place, and history for fewer days. A refused change leaves what was. */
import { problemOf, type Host } from "../host/host";
import type { DataKept, KeptWhere, Problem } from "../host/model";

/** Days history can be kept for. */
export const HISTORY_DAYS = [7, 14, 30, 60, 90] as const;

export class Kept {
  data = $state.raw<DataKept | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** Fewer days that were chosen and are asked about: what is older would be deleted. */
  asking = $state<number | null>(null);
  saved = $state(false);
  copied = $state<KeptWhere | null>(null);

  constructor(private readonly host: Host) {}

  load(): Promise<void> {
    return this.doing(async () => {
      this.data = await this.host.dataKept();
    });
  }

  /** Chooses for how many days; fewer than now are asked about first. */
  async choose(days: number): Promise<void> {
    this.saved = false;
    if (this.data && days < this.data.history_days) this.asking = days;
    else await this.keep(days);
  }

  /** Keeps the days that were asked about. */
  async sure(): Promise<void> {
    const days = this.asking;
    this.asking = null;
    if (days !== null) await this.keep(days);
  }

  copy(place: KeptWhere): Promise<void> {
    return this.doing(async () => {
      await this.host.copyPlace(place);
      this.copied = place;
    });
  }

  private keep(days: number): Promise<void> {
    return this.doing(async () => {
      await this.host.keepHistory(days);
      this.data = await this.host.dataKept();
      this.saved = true;
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
