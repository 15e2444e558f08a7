/** The data that is stored on this computer: what and where, and how many days history is kept. A refused change shows the stored value again. */
import { commands } from "../host/commands";
import type { DataLocation, DataRetention as StoredData } from "../host/model";
import { OperationRunner } from "./operation_runner.svelte";
import { SerialQueue } from "./optimistic_value";

/** The choices of how many days history is kept. */
export const HISTORY_DAYS = [7, 14, 30, 60, 90] as const;

/** The stored data and the days that history is kept. */
export class DataRetention extends OperationRunner {
  data = $state.raw<StoredData | null>(null);
  /** Days that were chosen and are not stored yet. */
  chosen = $state<number | null>(null);
  /** Whether a confirmation is open, because fewer days delete older history. */
  confirming = $state(false);
  saved = $state(false);
  copied = $state<DataLocation | null>(null);

  private readonly queue = new SerialQueue();

  load(): Promise<boolean> {
    return this.run("load", async () => {
      this.data = await commands.dataRetention();
    });
  }

  /** Chooses how many days history is kept; fewer than now need a confirmation. */
  async choose(days: number): Promise<void> {
    this.saved = false;
    this.chosen = days;
    if (this.data && days < this.data.history_days) this.confirming = true;
    else await this.confirm();
  }

  cancel(): void {
    this.confirming = false;
    this.chosen = null;
  }

  /** Stores the chosen number of days. */
  async confirm(): Promise<void> {
    const days = this.chosen;
    this.confirming = false;
    if (days === null) return;
    await this.queue.enqueue(() =>
      this.run("store", async () => {
        await commands.keepHistory(days);
        this.data = await commands.dataRetention();
        this.saved = true;
      }),
    );
    // A newer choice is still to be stored.
    if (this.chosen === days && !this.confirming) this.chosen = null;
  }

  copyPath(place: DataLocation): Promise<boolean> {
    return this.run("copy", async () => {
      await commands.copyPlace(place);
      this.copied = place;
    });
  }
}
