/** The states of the relay, by name: part of every state of the window. */
import { finishedView, keepSecret, practiceView, problem } from "./connection_views";
import type { Scenario } from "./fake_app";
import { historiesBy } from "./monitoring_views";
import { policyFixing } from "./policy_views";
import { DEAD_LETTERS, RUNNING } from "./relay_handlers";

/** A finished connection that keeps the webhook's token. */
const relayedView = finishedView("c1", "acme", (view) => keepSecret(view, "events_webhook_token"));
const HELD = problem("relay_held", { args: { status: "401", host: "api.app.radiantsecurity.ai" } });
const BEHIND = problem("relay_behind", { args: { minutes: "35", count: "1204" } });
const LETTERS = problem("relay_dead_letters", { args: { count: "3" } });
const HELD_SINCE = "2026-03-10T09:40:20Z";
/** Its relay waits for Radiant, which the status of the connection says. */
const heldView = finishedView("c1", "acme", (view) => {
  keepSecret(view, "events_webhook_token");
  view.status = { ...view.status, state: "attention", problem: HELD, row: "arrival", since: HELD_SINCE };
  view.repair = { action: "open_relay" };
  const beside = (one: typeof HELD) => ({ row: "arrival" as const, problem: one, since: HELD_SINCE, probes: 3, role: "beside" as const });
  view.monitor.conditions = [{ row: "arrival", problem: HELD, since: HELD_SINCE, probes: 3, role: "root" }, beside(BEHIND), beside(LETTERS)];
});
const AUDITED = Array.from({ length: 24 }, (_, i) => ({ from: new Date(Date.parse("2026-03-09T10:00:00Z") + i * 3_600_000).toISOString(), okta: 180 + ((i * 37) % 60), relayed: 180 + ((i * 37) % 60) }));

export const RELAY_SCENARIOS: Record<string, Scenario> = {
  relay_off: { views: [finishedView("c1", "acme")], history: historiesBy({}) },
  relay_practice: { info: { practice: true }, views: [practiceView(finishedView("c1", "acme"))], history: historiesBy({}) },
  relay_ready: { views: [relayedView], history: historiesBy({}), relay: { ...RUNNING, phase: "off", state: {} } },
  relay_on: { views: [relayedView], history: historiesBy({}), relay: RUNNING, testEventFound: true, audit: { hours: AUDITED, repaired: 0, is_complete: true } },
  relay_backfill: {
    views: [relayedView],
    history: historiesBy({}),
    relay: {
      ...RUNNING,
      phase: "catching_up",
      state: { ...RUNNING.state, caught_up: null, backlog_events: 3_210, backlog_bytes: 1_804_000, delay_ms: 2_592_000_000 },
      oldest_waiting: "2026-02-12T03:11:00Z",
      backfill: { from: "2026-02-08T00:00:00Z", reached: "2026-02-12T03:12:00Z", percent: 13, events_per_minute: 29_400, seconds_left: 2_460 },
    },
  },
  relay_held: {
    views: [heldView],
    history: historiesBy({}),
    relay: {
      ...RUNNING,
      phase: "held_by_radiant",
      state: { ...RUNNING.state, backlog_events: 1_204, backlog_bytes: 1_190_000, delivery_hold: { problem: HELD, since: HELD_SINCE, attempts: 9 } },
      oldest_waiting: "2026-03-10T09:40:00Z",
      problems: [HELD, BEHIND, LETTERS],
      gaps: [{ found: "2026-03-09T06:12:00Z", from: "2026-03-09T05:55:00Z", until: "2026-03-09T06:10:00Z", reason: "cursor_refused", missing: null }],
    },
    deadLetters: DEAD_LETTERS,
    audit: { hours: AUDITED.map((hour, i) => (i === 3 ? { ...hour, relayed: hour.okta - 2 } : hour)), repaired: 2, is_complete: false },
  },
  relay_forbidden: { views: [finishedView("c1", "acme")], history: historiesBy({}), policy: policyFixing({ relay: false }) },
  relay_failing: { views: [finishedView("c1", "acme")], history: historiesBy({}), refuse: { relay: problem("store_busy") } },
};
