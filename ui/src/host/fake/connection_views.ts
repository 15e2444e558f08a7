/** Example connections and reports for the fake app: fixed times, example names, no secret. */
import { type CapabilityRow, type CheckId, type CheckReport, type CheckRow, type Code, type ConnectionView, type Fact, type GuideStep, type LinkTarget, type MissingItem, OKTA_CHECKS, type Outcome, type PracticeToken, type Problem, RADIANT_CHECKS, type SecretName } from "../model";
import { changeStep, confirmedBefore, guideAt, rotationGuideAt } from "./guide_views";

/** The present time of every scenario. */
export const NOW = "2026-03-10T10:15:00Z";
const OPERATOR = "jo";

export const CHECKS = [...OKTA_CHECKS, ...RADIANT_CHECKS];

export function problem(code: Code, more: Partial<Problem> = {}): Problem {
  return { code, args: {}, detail: null, retry_at: null, request_id: null, ...more };
}

const ENDPOINTS: Partial<Record<CheckId, string>> = {
  domain: "GET /.well-known/okta-organization",
  token: "GET /api/v1/users/me",
  owner: "GET /api/v1/users/me",
  roles: "GET /api/v1/users/{id}/roles",
  token_entry: "GET /api/v1/api-tokens",
  system_log: "GET /api/v1/logs",
  users: "GET /api/v1/users",
  zones: "GET /api/v1/zones",
  radiant_tls: "HEAD /quickwit-api-proxy/_msearch",
  radiant_search: "POST /quickwit-api-proxy/_msearch",
  arrival: "POST /quickwit-api-proxy/_msearch",
};

const FACTS: Partial<Record<CheckId, Fact[]>> = {
  keychain: [{ key: "keychain", value: "Secret Service (GNOME Keyring)" }],
  domain: [
    { key: "org_id", value: "00o1ab2cd3EF4gh5i6j7" },
    { key: "pipeline", value: "idx" },
  ],
  tls: [{ key: "issuer", value: "DigiCert Global G2" }],
  radiant_tls: [{ key: "issuer", value: "Amazon RSA 2048 M02" }],
  clock: [{ key: "clock_offset", value: "1" }],
  owner: [
    { key: "owner", value: "svc-radiant@example.com" },
    { key: "owner_name", value: "Radiant Service" },
    { key: "owner_status", value: "ACTIVE" },
    { key: "owner_sign", value: "service_name" },
  ],
  roles: [{ key: "role", value: "Super Administrator" }],
  token_entry: [
    { key: "token_name", value: "Radiant Security API Token" },
    { key: "token_sureness", value: "probable" },
    { key: "created_at", value: "2026-02-18T09:02:00Z" },
    { key: "expires_at", value: "2026-04-09T10:14:00Z" },
    { key: "network", value: "ANYWHERE" },
  ],
  system_log: [
    { key: "newest_event", value: "2026-03-10T10:14:31Z" },
    { key: "event_count", value: "87" },
  ],
  users: [{ key: "user_count", value: "1" }],
  zones: [{ key: "zone_count", value: "3" }],
  rate_limit: [
    { key: "rate_limit", value: "120" },
    { key: "rate_remaining", value: "113" },
  ],
  radiant_search: [
    { key: "radiant_index", value: "raw-events" },
    { key: "connector_type", value: "okta_logs" },
    { key: "timestamp_field", value: "rs_timestamp" },
  ],
  arrival: [
    { key: "event_uuid", value: "5f3c9a10-1c7e-11f1-9d3a-0242ac120002" },
    { key: "lag", value: "42" },
  ],
};

/** Returns one answered check; by default passed with its usual facts. */
export function row(check: CheckId, outcome: Outcome = "passed", more: Partial<CheckRow> = {}): CheckRow {
  const endpoint = ENDPOINTS[check];
  const noRequest = outcome === "skipped" || !endpoint;
  return {
    check,
    outcome,
    skipped: null,
    code: check === "token_entry" && outcome === "passed" ? "entry_probable" : null,
    args: check === "token_entry" ? { name: "Radiant Security API Token" } : {},
    facts: outcome === "passed" || outcome === "attention" ? (FACTS[check] ?? []) : [],
    evidence: noRequest ? [] : [{ endpoint, status: outcome === "failed" ? 403 : 200, okta_code: outcome === "failed" ? "E0000006" : null, request_id: "aBcDeFgHiJkLmNoPqRsT-example", ms: 86 }],
    link: null,
    at: NOW,
    ms: 86,
    ...more,
  };
}

const RIGHTS = ["read_system_log", "read_users", "read_zones", "suspend_user", "unsuspend_user", "clear_sessions", "edit_zones"] as const;

export function capabilities(standing: "all" | "reading" | "unknown"): CapabilityRow[] {
  return RIGHTS.map((capability, i) => {
    if (i < 3) return { capability, state: "proven", granted_by: null, needed: true };
    if (standing === "all") return { capability, state: "allowed", granted_by: "Super Administrator", needed: true };
    return { capability, state: standing === "reading" ? "refused" : "unknown", granted_by: null, needed: true };
  });
}

/** Returns a report of all checks, with the given rows instead of the usual ones. */
export function report(changed: CheckRow[] = [], rights: CapabilityRow[] = capabilities("all"), arrived = true): CheckReport {
  const late = new Set<CheckId>(arrived ? [] : RADIANT_CHECKS);
  const rows = CHECKS.map(
    (check) => changed.find((one) => one.check === check) ?? (late.has(check) ? row(check, "skipped", { skipped: "no_search_token" }) : row(check)),
  );
  return { started: NOW, finished: NOW, rows, capabilities: rights };
}

/** Returns the row of a failed `check`, and those of the checks that were skipped after it. */
export function rowsAfterFailure(check: CheckId, code: Code, args: Record<string, string> = {}, link: LinkTarget | null = null, outcome: Outcome = "failed"): CheckRow[] {
  const depends = CHECKS.slice(CHECKS.indexOf(check) + 1).filter((one) => !["keychain", "tls", "clock"].includes(one));
  /** Facts of the evening before. */
  const remembered = (one: CheckId): CheckRow["remembered"] => (FACTS[one] ? { facts: FACTS[one], at: "2026-03-09T19:40:00Z" } : null);
  const skipped = (one: CheckId): CheckRow["skipped"] => (RADIANT_CHECKS.some((check) => check === one) ? "no_search_token" : "depends");
  return [row(check, outcome, { code, args, link }), ...depends.map((one) => row(one, "skipped", { skipped: skipped(one), remembered: remembered(one), blocked_by: skipped(one) === "depends" ? check : null }))];
}

/** Returns the rows when the keychain is locked. */
export function lockedKeychainRows(): CheckRow[] {
  const needsToken = CHECKS.filter((one) => !["keychain", "domain", "tls", "clock"].includes(one));
  return [row("keychain", "failed", { code: "keychain_locked", evidence: [], facts: [] }), ...needsToken.map((one) => row(one, "skipped", { skipped: "keychain" }))];
}

/** Returns a connection whose guide is at `step`, with everything before it done. */
export function viewAtStep(step: GuideStep, change: (view: ConnectionView) => void = () => undefined): ConnectionView {
  const guide = guideAt(step);
  const n = guide.steps.findIndex((one) => one.step === step);
  const view: ConnectionView = {
    connection: {
      id: "c1",
      name: n > 1 ? "acme" : "New connection",
      origin: n > 1 ? { kind: "okta", at: "acme.okta.com" } : null,
      org_id: n > 1 ? "00o1ab2cd3EF4gh5i6j7" : null,
      profile: "response",
      keep: "token",
      radiant: { url: "https://plugin.radiantsecurity.ai/quickwit-api-proxy/_msearch", index: null, connector_type: null, timestamp_field: null, byob: false, confirmed_host: null },
      created: NOW,
    },
    okta_url: n > 1 ? "https://acme.okta.com" : null,
    practice: false,
    setup: {
      step,
      typed_domain: n > 1 ? "acme.okta.com" : "",
      token_name: "Radiant Security API Token",
      credential_name: "Okta-Credentials",
      confirmed: confirmedBefore(step).map((what) => ({ what, at: NOW, by: OPERATOR })),
      arrival: null,
      finished: null,
    },
    guide,
    secrets: [
      { name: "okta_token", since: n > 3 ? NOW : null, bound_to: n > 3 ? "https://acme.okta.com" : null, this_run_only: false },
      { name: "monitoring_token", since: null, bound_to: null, this_run_only: false },
      { name: "radiant_search_token", since: null, bound_to: null, this_run_only: false },
    ],
    report: n > 3 ? report([], capabilities("all"), false) : null,
    status: { state: "needs_setup", problem: null, row: null, since: null, arrival_verified: false, as_of: n > 3 ? NOW : null, valid_until: null },
    repair: null,
    monitor: { last: null, offline_since: null, paused_since: null, paused_until: null, newest_in_okta: null, delivery_proof: null, hold: null, unchanged_since: null, conditions: [] },
    rotation: null,
    rotation_guide: { ...rotationGuideAt("create"), may_begin: false },
    reminders: [],
  };
  change(view);
  return view;
}

/** Marks a secret as stored. A new token is to be checked. */
export function keepSecret(view: ConnectionView, name: SecretName, thisRunOnly = false): void {
  const to = name === "radiant_search_token" ? "https://plugin.radiantsecurity.ai" : name === "events_webhook_token" ? "https://api.app.radiantsecurity.ai" : view.okta_url;
  const stored = { name, since: NOW, bound_to: to, this_run_only: thisRunOnly };
  view.secrets = [...view.secrets.filter((one) => one.name !== name), stored];
  if (name === "okta_token" && view.setup.step === "paste_token") changeStep(view.guide, "paste_token", { missing: ["checks"] });
  if (name === "next_okta_token") changeStep(view.rotation_guide, "paste", { missing: ["checks"] });
}

/** Stores the token of the guide's fourth step and its report, and what the step still lacks. */
export function keepCheckedToken(view: ConnectionView, result: CheckReport, ...missing: MissingItem[]): void {
  keepSecret(view, "okta_token");
  view.report = result;
  changeStep(view.guide, "paste_token", { missing });
}

export const ARRIVAL = {
  uuid: "5f3c9a10-1c7e-11f1-9d3a-0242ac120002",
  event_type: "user.session.start",
  published: "2026-03-10T10:14:31Z",
  found_at: "2026-03-10T10:15:13Z",
};

/** Stores that an event was found in Radiant. */
export function keepArrival(view: ConnectionView, found = ARRIVAL): void {
  view.setup.arrival = found;
  changeStep(view.guide, "arrival", { mark: "verified" });
}

/** Returns a finished connection that is receiving. */
export function finishedView(id: string, name: string, change: (view: ConnectionView) => void = () => undefined): ConnectionView {
  return viewAtStep("done", (view) => {
    view.connection.id = id;
    view.connection.name = name;
    view.connection.origin = { kind: "okta", at: `${name}.okta.com` };
    view.okta_url = `https://${name}.okta.com`;
    view.setup.finished = NOW;
    changeStep(view.guide, "done", { mark: "done" });
    view.rotation_guide.may_begin = true;
    keepArrival(view);
    view.report = report();
    keepSecret(view, "okta_token");
    keepSecret(view, "radiant_search_token");
    view.status = { state: "ok", problem: null, row: null, since: null, arrival_verified: true, as_of: NOW, valid_until: null };
    view.monitor = { ...view.monitor, last: NOW, newest_in_okta: "2026-03-10T10:14:31Z", unchanged_since: "2026-03-09T21:05:00Z" };
    change(view);
  });
}

/** Turns a view into one of a practice connection. */
export function practiceView(view: ConnectionView): ConnectionView {
  view.practice = true;
  view.connection.id = "practice-1";
  view.connection.name = "Practice";
  view.connection.origin = { kind: "practice", at: "http://127.0.0.1:40123" };
  view.connection.org_id = null;
  view.okta_url = "http://127.0.0.1:40123";
  view.setup.typed_domain = "";
  return view;
}

/** The tokens of the practice organization, as the guide offers them. */
export const PRACTICE_TOKENS: PracticeToken[] = [
  { principal: "super_admin", label: "Service account, Super Administrator" },
  { principal: "person_super_admin", label: "A person's token, Super Administrator" },
  { principal: "expired", label: "An expired token" },
];
