/**
 * Watches both sides until the first Okta event is found in Radiant or the watch is stopped. The counts are a trend; nothing is
 * called received before a match was found.
 */
import { channel, commands } from "../host/commands";
import type { Arrival, ArrivalTick, Problem } from "../host/model";
import { problemOf } from "../host/problem";
import type { App } from "./app.svelte";

/** Comparisons that the trend keeps. */
const TREND_LENGTH = 40;

/** The arrival watch of one connection. */
export class ArrivalProbe {
  running = $state(false);
  ticks = $state.raw<readonly ArrivalTick[]>([]);
  problem = $state.raw<Problem | null>(null);

  constructor(
    private readonly app: App,
    private readonly id: string,
    private readonly watch: (onTick: (tick: ArrivalTick) => void) => Promise<Arrival | null> = (onTick) => commands.watchArrival(id, channel(onTick)),
  ) {}

  get last(): ArrivalTick | undefined {
    return this.ticks.at(-1);
  }

  async start(): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.problem = null;
    this.ticks = [];
    try {
      await this.watch((tick) => (this.ticks = [...this.ticks, tick].slice(-TREND_LENGTH)));
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (problem.code !== "cancelled") this.problem = problem;
    } finally {
      this.running = false;
      await this.app.reload(this.id);
    }
  }

  async stop(): Promise<void> {
    if (this.running) await commands.cancelArrival(this.id);
  }
}
