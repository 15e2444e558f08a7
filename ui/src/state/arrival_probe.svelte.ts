/**
 * The watch for the first Okta event in Radiant: each look at both sides, until a match or until it is stopped. Counts are a
 * trend; nothing is called received before a match was found.
 */
import { problemOf } from "../host/problem";
import type { Arrival, ArrivalTick, Problem } from "../host/model";
import type { App } from "./app.svelte";

/** How many looks the trend keeps. */
const KEPT = 40;

/** One connection's watch. */
export class ArrivalWatch {
  running = $state(false);
  ticks = $state.raw<readonly ArrivalTick[]>([]);
  problem = $state.raw<Problem | null>(null);
  begun = $state<number | null>(null);

  constructor(
    private readonly app: App,
    private readonly id: string,
    private readonly look: (tick: (tick: ArrivalTick) => void) => Promise<Arrival | null> = (tick) => app.host.watchArrival(id, tick),
  ) {}

  get last(): ArrivalTick | undefined {
    return this.ticks.at(-1);
  }

  async start(): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.begun = Date.now();
    this.problem = null;
    this.ticks = [];
    try {
      await this.look((tick) => (this.ticks = [...this.ticks, tick].slice(-KEPT)));
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (problem.code !== "cancelled") this.problem = problem;
    } finally {
      this.running = false;
      await this.app.refresh(this.id);
    }
  }

  async stop(): Promise<void> {
    if (this.running) await this.app.host.cancelArrival(this.id);
  }
}
