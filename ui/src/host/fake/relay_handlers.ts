/** The fake app's relay: one view per scenario, which its handlers change in memory. */
import type { GapAudit, RelaySettings, RelayView, UndeliverableEvent } from "../model";
import { NOW, problem } from "./connection_views";
import type { Handlers } from "./handler_types";

/** What a scenario fixes of the relay. */
export type RelayScenario = {
  relay?: Partial<Omit<RelayView, "settings" | "state">> & { settings?: Partial<RelaySettings>; state?: Partial<RelayView["state"]> };
  deadLetters?: UndeliverableEvent[];
  audit?: GapAudit;
  /** Whether the search finds the test event. */
  testEventFound?: boolean;
};

const SETTINGS: RelaySettings = {
  webhook: { url: "", confirmed_host: null, header: { name: "Authorization", prefix: "" }, format: "json_array", gzip: true },
  since: null,
  rate_share: 50,
  poll_seconds: 30,
  batch_events: 1_000,
  batch_kilobytes: 1_024,
  dedup_days: 7,
  max_backlog_megabytes: 2_048,
  dead_letter_days: 30,
  heartbeat_minutes: null,
  is_only_reader: false,
};
const STATE: RelayView["state"] = {
  is_on: false,
  is_paused: false,
  started: null,
  polled: null,
  checkpoint: null,
  caught_up: null,
  delivered: null,
  delay_ms: null,
  counters: { received: 0, duplicates: 0, unreadable: 0, delivered: 0, set_aside: 0, okta_requests: 0, radiant_requests: 0 },
  recent_requests: 0,
  backlog_events: 0,
  backlog_bytes: 0,
  poll_hold: null,
  delivery_hold: null,
};
const WEBHOOK = { url: "https://api.app.radiantsecurity.ai/events/okta", confirmed_host: null, header: { name: "Authorization", prefix: "" }, format: "json_array" as const, gzip: true };

/** A relay that is on and up to date. */
export const RUNNING: NonNullable<RelayScenario["relay"]> = {
  phase: "caught_up",
  has_token: true,
  settings: { webhook: WEBHOOK, is_only_reader: true },
  state: {
    is_on: true,
    started: "2026-03-08T08:00:00Z",
    polled: "2026-03-10T10:14:52Z",
    caught_up: "2026-03-10T10:14:52Z",
    delivered: "2026-03-10T10:14:53Z",
    delay_ms: 31_400,
    counters: { received: 128_412, duplicates: 14, unreadable: 0, delivered: 128_412, set_aside: 0, okta_requests: 6_180, radiant_requests: 5_904 },
  },
};

export const DEAD_LETTERS: UndeliverableEvent[] = [
  { number: 1, uuid: "5f3c9a10-1c7e-11f1-9d3a-0242ac120002", published: "2026-03-09T17:20:11.412Z", at: "2026-03-09T17:20:40Z", reason: "rejected", status: 422, bytes: 2_412 },
  { number: 2, uuid: "8a1b77de-1c81-11f1-9d3a-0242ac120002", published: "2026-03-09T18:02:55.001Z", at: "2026-03-09T18:03:20Z", reason: "too_large", status: 413, bytes: 6_204_118 },
  { number: 3, uuid: null, published: null, at: "2026-03-10T07:11:02Z", reason: "not_json", status: null, bytes: 318 },
];

/** `keepToken` is called when the token of a connection's webhook is kept. */
export function relayHandlers(scenario: RelayScenario, keepToken: (id: string) => void) {
  const { settings, state, ...rest } = scenario.relay ?? {};
  const view: RelayView = { phase: "off", problems: [], backfill: null, oldest_waiting: null, dead_letters: scenario.deadLetters?.length ?? 0, gaps: [], has_token: false, ...rest, settings: { ...SETTINGS, ...settings }, state: { ...STATE, ...state } };
  let letters = scenario.deadLetters ?? [];
  const changeTo = (phase: RelayView["phase"], change: Partial<RelayView["state"]>): RelayView => {
    view.phase = phase;
    view.state = { ...view.state, ...change };
    return view;
  };
  return {
    relay: () => view,
    relayDiskUse: () => ({
      backlog_bytes: view.state.backlog_bytes ?? 0,
      dead_letter_bytes: letters.reduce((sum, one) => sum + one.bytes, 0),
      remembered: view.state.is_on ? 41_000 : 0,
      remembered_bytes: view.state.is_on ? 1_025_000 : 0,
      bound_bytes: (view.settings.max_backlog_megabytes ?? 0) * 1_048_576,
    }),
    configureRelay: (_id, settings) => {
      if (settings.webhook?.url && !URL.canParse(settings.webhook.url)) throw problem("radiant_address_invalid", { args: { typed: settings.webhook.url } });
      view.settings = settings;
      return view;
    },
    practiceWebhook: (id) => {
      keepToken(id);
      view.settings = { ...view.settings, webhook: { ...WEBHOOK, url: "http://127.0.0.1:40321/events" } };
      view.has_token = true;
      return { ...view };
    },
    startRelay: () => changeTo("starting", { is_on: true, started: NOW }),
    stopRelay: () => changeTo("off", { is_on: false }),
    pauseRelay: () => changeTo("paused", { is_paused: true }),
    resumeRelay: () => changeTo("catching_up", { is_paused: false }),
    undeliverableEventText: (_id, number) => (letters.some((one) => one.number === number) ? `{"uuid":"example-${number}","eventType":"user.session.start"}` : null),
    undeliverableEvents: () => ({ letters, total: letters.length }),
    requeueUndeliverableEvents: (_id, numbers) => {
      const kept = letters.filter((one) => !numbers.includes(one.number));
      const sent = letters.length - kept.length;
      letters = kept;
      view.dead_letters = letters.length;
      return sent;
    },
    sendTestEvent: () => ({ uuid: "0c5d2a7e-6f0b-4a2f-9f0a-3d1f4b8f9a11", accepted: NOW, status: 202 }),
    findTestEvent: () => scenario.testEventFound ?? false,
    auditRelay: () => scenario.audit ?? { hours: [], repaired: 0, is_complete: true },
  } satisfies Partial<Handlers>;
}
