/** Every state the window can be in, by name: what `fake.html?fake=<name>` shows and what the page tests walk through. */
import type { ArrivalTick, CheckRow, Code, ImportPreview } from "../model";
import type { Scenario } from "./fake_app";
import { garbled, policyOf, untrusted } from "./policy_views";
import { REMINDERS, reminded } from "./reminder_views";
import { checked, keeping, replaced, rotating } from "./rotation_views";
import { held, hundred, justFinished, lagging, locked, offline, older, paused, pastOf, unsteady, unwatched } from "./monitoring_views";
import { ARRIVAL, at, capabilities, finished, halted, keepSecret, NOW, practising, problem, report, row, shut } from "./connection_views";

const tick = (attempt: number, inRadiant: number, more: Partial<ArrivalTick> = {}): ArrivalTick => ({
  at: NOW,
  attempt,
  in_okta: 87,
  in_radiant: inRadiant,
  newest_in_okta: "2026-03-10T10:14:31Z",
  newest_in_radiant: inRadiant > 0 ? "2026-03-10T10:12:05Z" : null,
  found: null,
  problem: null,
  ...more,
});
const waiting = [tick(0, 0), tick(1, 0), tick(2, 0), tick(3, 0)];
const arriving = [...waiting, tick(4, 12), tick(5, 38, { found: ARRIVAL })];

const pasted = (rows: CheckRow[], rights = capabilities("all")): Scenario => ({
  report: report(rows, rights, false),
  views: [
    at("paste_token", (view) => {
      keepSecret(view, "okta_token");
      view.report = report(rows, rights, false);
    }),
  ],
});
const person = row("owner", "attention", {
  code: "owner_is_person",
  args: { owner: "jo.doe@example.com" },
  link: { to: "okta_user", id: "00u1" },
  facts: [
    { key: "owner", value: "jo.doe@example.com" },
    { key: "owner_name", value: "Jo Doe" },
    { key: "owner_status", value: "ACTIVE" },
    { key: "owner_sign", value: "personal_name" },
    { key: "owner_sign", value: "mobile_phone" },
  ],
});
const inspected = row("tls", "attention", { code: "tls_inspected", args: { issuer: "Example Corp Web Gateway" }, facts: [{ key: "issuer", value: "Example Corp Web Gateway" }] });
const readOnly: CheckRow[] = [
  row("roles", "unknown", { code: "roles_not_told", facts: [{ key: "least_role", value: "Org Administrator" }], link: { to: "okta_administrators" } }),
  row("rate_limit", "attention", { code: "rate_other_consumers", args: { count: "2" }, facts: [{ key: "other_consumer", value: "2" }], link: { to: "okta_rate_limits" } }),
  row("capabilities", "failed", { code: "capability_refused", args: { capability: "Suspend a user", roles: "Read-only Administrator", needed: "Org Administrator" }, link: { to: "okta_administrators" } }),
];
const blocked = (code: Code): Scenario => ({ info: { problem: problem(code, { detail: "database disk image is malformed", args: { path: "connector.db" } }) } });
const searching = (change: Partial<Scenario>): Scenario => ({ views: [at("arrival", (view) => keepSecret(view, "radiant_search_token"))], ...change });
const broken = finished("c2", "acme-emea", (view) => {
  const rows = halted("token", "token_refused", {}, { to: "okta_tokens" });
  view.report = report(rows, []);
  view.status = { state: "stopped", problem: problem("token_refused"), row: "token", since: "2026-03-10T07:12:00Z", arrival_verified: true, as_of: NOW };
  view.watch.standing = [{ row: "token", problem: problem("token_refused"), since: "2026-03-10T07:12:00Z", looks: 18, weighs: "root" }];
});
const soon = finished("c3", "acme-dev", (view) => {
  view.connection.profile = "ingestion";
  view.setup.arrival = null;
  view.report = report([person], capabilities("reading"), false);
  view.status = { state: "attention", problem: problem("owner_is_person", { args: { owner: "jo.doe@example.com" } }), row: "owner", since: "2026-03-09T15:40:00Z", arrival_verified: false, as_of: NOW };
});
const rolesLost = finished("c1", "acme", (view) => {
  const lost = row("roles", "attention", { code: "roles_no_longer_told", args: { roles: "Super Administrator", needed: "Organization Administrator" }, link: { to: "okta_user_roles", id: "00u1" } });
  const said = problem("roles_no_longer_told", { args: lost.args });
  view.report = report([lost], capabilities("reading"));
  view.status = { state: "attention", problem: said, row: "roles", since: "2026-03-10T07:12:00Z", arrival_verified: true, as_of: NOW };
  view.watch.standing = [{ row: "roles", problem: said, since: "2026-03-10T07:12:00Z", looks: 1, weighs: "root" }];
});
const IMPORTING: ImportPreview = {
  connections: [
    { name: "acme", domain: "acme.okta.com", profile: "response", radiant: "https://plugin.radiantsecurity.ai/log-management/search/_msearch", unusual: false, here: true },
    { name: "acme-emea", domain: "acme-emea.okta-emea.com", profile: "response", radiant: "https://plugin.radiantsecurity.ai/log-management/search/_msearch", unusual: false, here: false },
    { name: "Globex, production", domain: "login.globex.example", profile: "ingestion", radiant: "https://logs.globex.example/_msearch", unusual: true, here: false },
    { name: "", domain: "", profile: "ingestion", radiant: "https://plugin.radiantsecurity.ai/log-management/search/_msearch", unusual: false, here: false },
  ],
  settings: "applied",
};
const open = at("credential", (view) => (view.connection.id = "c4"));

const WORK = { from: "2026-03-14T20:00:00Z", until: "2026-03-15T02:00:00Z", note: "Proxy moves" };

const scenarios: Record<string, Scenario> = {
  first: {},
  loading: { hang: ["appInfo"] },
  first_problem: { refuse: { beginPractice: problem("practice_failed", { detail: "address already in use" }) } },
  notices: { info: { tray: false, preferences_problem: problem("preferences_damaged") } },
  store_corrupt: blocked("store_corrupt"),
  store_newer: blocked("store_newer"),
  store_read_only: blocked("store_read_only"),
  disk_full: blocked("disk_full"),
  store_busy: blocked("store_busy"),
  before: { views: [at("before")] },
  domain: { views: [at("domain")] },
  domain_slow: { views: [at("domain")], hang: ["discoverDomain"] },
  domain_unknown: { views: [at("domain")], refuse: { discoverDomain: problem("org_unknown", { args: { host: "acme.okta.com" } }) } },
  domain_captive: { views: [at("domain")], refuse: { discoverDomain: problem("captive_portal", { args: { host: "acme.okta.com" } }) } },
  domain_kept: { views: [at("create_token", (view) => (view.setup.step = "domain"))] },
  create: { views: [at("create_token")] },
  paste: { views: [at("paste_token")], holdsSecret: true, pace: 40 },
  paste_slow: { views: [at("paste_token")], pace: 60_000 },
  keychain_missing: { views: [at("paste_token")], refuse: { keychainProbe: problem("keychain_missing") } },
  keychain_locked: { views: [at("paste_token")], refuse: { keychainProbe: problem("keychain_locked") } },
  checks_passed: pasted([]),
  checks_person: pasted([person]),
  checks_tls: pasted([inspected, ...halted("token", "token_missing", {}, null, "skipped").map((one) => ({ ...one, code: null, skipped: "depends" as const }))], []),
  checks_token_refused: pasted(halted("token", "token_refused", {}, { to: "okta_tokens" }), []),
  checks_keychain_locked: pasted(shut(), []),
  checks_entry: pasted([row("token_entry", "unknown", { code: "entry_uncertain", facts: [], link: { to: "okta_tokens" } })]),
  checks_read_only: pasted(readOnly, capabilities("reading")),
  checks_okta_down: pasted(halted("domain", "okta_unavailable", { status: "503", host: "acme.okta.com" }, { to: "okta_status" }), []),
  credential: { views: [at("credential")] },
  credential_sticky: {
    views: [at("credential")],
    copied: { clears_in_s: null, history_excluded: false, can_clear: false },
    clipboard: [{ state: "not_clearable", seconds_left: 0 }],
  },
  credential_asking: { views: [at("credential")], hang: ["copyValue"] },
  credential_refused: { views: [at("credential")], refuse: { copyValue: problem("reauthentication_failed") } },
  credential_dismissed: { views: [at("credential")], refuse: { copyValue: problem("reauthentication_dismissed") } },
  credential_no_agent: { views: [at("credential")], refuse: { copyValue: problem("reauthentication_no_agent", { args: { pid: "4711" } }) } },
  credential_cleared: { views: [at("credential")], clipboard: [{ state: "cleared", seconds_left: 0 }] },
  data: { views: [at("data_connector")] },
  action: { views: [at("action_connector")] },
  action_skipped: { views: [at("action_connector", (view) => (view.connection.profile = "ingestion"))] },
  arrival: { views: [at("arrival")], ticks: arriving, pace: 20 },
  arrival_waiting: searching({ ticks: waiting, pace: 10 }),
  arrival_found: searching({ ticks: arriving, pace: 10 }),
  arrival_problem: searching({ ticks: [tick(0, 0, { problem: problem("radiant_index_wrong", { args: { index: "raw-events" } }) })], pace: 10 }),
  done: {
    views: [
      at("done", (view) => {
        view.setup.arrival = ARRIVAL;
        view.report = report();
      }),
    ],
  },
  done_unverified: { views: [at("done", (view) => (view.report = report([person], capabilities("all"), false)))] },
  overview: { views: [finished("c1", "acme"), broken, soon, open], history: pastOf({ c2: "refused", c3: "attention" }) },
  watch_healthy: { views: [finished("c1", "acme")], history: pastOf({}) },
  watch_new: { views: [justFinished], history: pastOf({ c1: "none" }) },
  watch_refused: { views: [broken], history: pastOf({ c2: "refused" }) },
  watch_keychain: { views: [locked], history: pastOf({ c1: "attention" }) },
  watch_landing: { views: [finished("c1", "acme"), broken], history: pastOf({ c2: "refused" }), landing: { id: "c2", row: "token" } },
  watch_lagging: { views: [lagging], history: pastOf({ c1: "lagging" }) },
  watch_unsteady: { views: [unsteady], history: pastOf({ c1: "unsteady" }) },
  watch_held: { views: [held] },
  watch_offline: { views: [offline], history: pastOf({ c1: "offline" }) },
  work_twice: { views: [finished("c1", "acme")], monitor: { maintenance: [WORK, WORK] } },
  watch_older: { views: [older] },
  watch_unwatched: { views: [unwatched], history: pastOf({ c1: "unwatched" }) },
  watch_paused: { views: [paused], history: pastOf({ c1: "paused" }) },
  watch_hundred: { views: hundred(broken), history: pastOf({ c2: "refused" }) },
  watch_failing: { views: [finished("c1", "acme")], refuse: { history: problem("store_busy"), changeMonitorSettings: problem("store_busy"), pauseNotices: problem("store_busy"), pauseChecks: problem("store_busy") } },
  watch_quiet: {
    views: [finished("c1", "acme")],
    history: pastOf({}),
    monitor: {
      quiet_until: "2026-03-11T07:00:00Z",
      maintenance: [
        { from: "2026-03-14T20:00:00Z", until: "2026-03-15T02:00:00Z", note: "Upgrade of the proxy" },
        { from: "2026-03-07T20:00:00Z", until: "2026-03-08T02:00:00Z", note: "" },
      ],
    },
  },
  settings_unwatched: { views: [finished("c1", "acme")], refuse: { monitorSettings: problem("store_busy") } },
  settings_empty: {},
  settings_practice: { info: { practice: true }, views: [practising(at("before"))] },
  settings_not_begun: { info: { practice: true }, refuse: { dataKept: problem("practice_ended") } },
  settings_carry: { views: [finished("c1", "acme")], importing: IMPORTING },
  settings_carry_here: { views: [finished("c1", "acme")], importing: { connections: IMPORTING.connections.filter((one) => one.here), settings: "kept" } },
  settings_carry_failed: { views: [finished("c1", "acme")], refuse: { lookAtImport: problem("import_newer"), exportConnections: problem("file_not_written", { args: { path: "/media/usb" }, detail: "No space left on device" }) } },
  settings_kept: { views: [finished("c1", "acme")], kept: { history_days: 60, set_aside: 1, set_aside_kb: 380, database_kb: 18_400 } },
  settings_unread: { views: [finished("c1", "acme")], refuse: { dataKept: problem("store_busy"), diagnostics: problem("store_busy") } },
  diagnostics: { views: [finished("c1", "acme")], bundleLines: 40 },
  diagnostics_long: { views: [finished("c1", "acme")], bundleLines: 60_000 },
  settings_asking: { views: [finished("c1", "acme")], hang: ["setPresence"] },
  settings_dismissed: { views: [finished("c1", "acme")], refuse: { setPresence: problem("reauthentication_dismissed") } },
  settings_cannot: { views: [finished("c1", "acme")], presence: { on: false, cannot: problem("reauthentication_not_installed") } },
  policy: {
    views: [finished("c1", "acme")],
    policy: policyOf(
      { heartbeat_s: 300, full_s: 43_200, rate_share: 5, notices: true, ask_before_copying: true, launch_at_login: true, response_actions: false, relay: false, contact: "IT Security, extension 4711, or it-security@example.com" },
      [
        { what: "out_of_bounds", args: { key: "full_s", written: "43200000", taken: "43200" }, line: 4 },
        { what: "unknown_keys", args: { keys: "colour" }, line: 9 },
      ],
    ),
  },
  policy_few: { views: [finished("c1", "acme")], policy: policyOf({ relay: false, contact: "IT Security" }) },
  policy_garbled: { views: [finished("c1", "acme")], policy: garbled },
  policy_untrusted: { views: [finished("c1", "acme")], policy: untrusted },
  policy_done: { views: [at("done", (view) => (view.setup.arrival = ARRIVAL))], policy: policyOf({ launch_at_login: true }) },
  overview_error: { refuse: { connections: problem("store_busy") } },
  connection: { views: [broken, finished("c1", "acme")] },
  roles_lost: { views: [rolesLost] },
  care: { views: [reminded("roles_changed", "network_restricted", "owner_service", "token_age")] },
  care_one: { views: [reminded("token_age")] },
  care_others: { views: [reminded("roles_untold", "token_expires", "owner_person", "notices_off")] },
  care_paused: { views: [{ ...paused, reminders: [REMINDERS.token_idle] }], history: pastOf({ c1: "paused" }) },
  care_failing: {
    views: [reminded("owner_service")],
    refuse: { confirmOwner: problem("store_busy"), renameConnection: problem("store_busy"), setProfile: problem("store_busy"), removeConnection: problem("keychain_locked") },
  },
  remove_nothing: {
    views: [
      finished("c1", "acme", (view) => {
        view.connection.keep = "nothing";
        view.secrets = [];
        view.report = null;
      }),
    ],
  },
  remove_monitoring: {
    views: [
      finished("c1", "acme", (view) => {
        view.connection.keep = "monitoring_token";
        view.report = report([row("token_entry", "passed", { facts: [{ key: "token_name", value: "Radiant Monitoring" }, { key: "token_sureness", value: "probable" }] })]);
        view.secrets = view.secrets.filter((one) => one.name !== "okta_token");
        keepSecret(view, "monitoring_token");
      }),
    ],
  },
  edit_bare: {
    views: [
      finished("c1", "acme", (view) => {
        view.connection.profile = "ingestion";
        view.secrets = view.secrets.filter((one) => one.name !== "radiant_search_token");
      }),
    ],
  },
  edit_practice: { info: { practice: true }, views: [practising(finished("practice-1", "acme"))] },
  rotation: { views: [finished("c1", "acme")], pace: 5, ticks: arriving },
  rotation_create: { views: [rotating("create")] },
  rotation_paste: { views: [rotating("paste")], pace: 5 },
  rotation_same: { views: [rotating("paste")], refuse: { storeSecret: problem("token_same_as_old") } },
  rotation_checked: {
    views: [
      rotating("paste", (view, rotation) => {
        keepSecret(view, "next_okta_token");
        checked(rotation);
      }),
    ],
  },
  rotation_owner: {
    views: [
      rotating("paste", (view, rotation) => {
        keepSecret(view, "next_okta_token");
        checked(rotation);
        rotation.owners = { new: "jo.doe@example.com", old: "svc-radiant@example.com", same: false };
      }),
    ],
  },
  rotation_less: {
    views: [
      rotating("paste", (view, rotation) => {
        keepSecret(view, "next_okta_token");
        checked(rotation);
        rotation.report = report([row("users", "failed", { code: "users_refused", link: { to: "okta_administrators" } })]);
      }),
    ],
  },
  rotation_locked: { views: [rotating("paste")], refuse: { storeSecret: problem("keychain_locked") } },
  rotation_update: { views: [rotating("update")] },
  rotation_watch: { views: [rotating("watch")], ticks: arriving, pace: 10 },
  rotation_watch_problem: { views: [rotating("watch")], ticks: [tick(0, 0, { problem: problem("radiant_token_refused") })], pace: 10 },
  rotation_watch_without: { views: [rotating("watch", (view) => (view.secrets = view.secrets.filter((one) => one.name !== "radiant_search_token")))] },
  rotation_revoke: { views: [rotating("revoke")] },
  rotation_refused: { views: [rotating("revoke")], refuse: { revokeOldToken: problem("revocation_refused", { request_id: "aBcDeFgHiJkLmNoPqRsT-example" }) } },
  rotation_unknown: { views: [rotating("revoke", (_, rotation) => Object.assign(rotation, { asked: NOW }))], refuse: { revokeOldToken: problem("revocation_unknown") } },
  rotation_still: {
    views: [rotating("revoke", (_, rotation) => Object.assign(rotation, { asked: NOW }))],
    refuse: { oldTokenRevoked: problem("old_token_still_valid", { args: { name: "Radiant Security API Token" } }) },
  },
  rotation_lost: { views: [rotating("revoke", (_, rotation) => Object.assign(rotation, { asked: NOW, found: null }))] },
  rotation_console: { views: [rotating("revoke", (view) => (view.secrets = view.secrets.filter((one) => one.name !== "previous_okta_token")))] },
  rotation_left: { views: [replaced("not_yet")] },
  rotation_said: { views: [replaced("by_word")] },
  rotation_seen: { views: [replaced("seen_refused")] },
  rotation_earlier: { views: [replaced("in_console")] },
  rotation_nothing: { views: [keeping("nothing")], pace: 5 },
  rotation_own_create: { views: [rotating("create", undefined, "monitoring_token")] },
  rotation_nothing_checked: {
    views: [
      rotating(
        "paste",
        (view, rotation) => {
          keepSecret(view, "next_okta_token");
          checked(rotation);
        },
        "nothing",
      ),
    ],
  },
  rotation_nothing_watch: { views: [rotating("watch", undefined, "nothing")] },
  rotation_nothing_revoke: { views: [rotating("revoke", undefined, "nothing")] },
  rotation_own_revoke: { views: [rotating("revoke", undefined, "monitoring_token")] },
  rotation_own_lost: { views: [rotating("revoke", (_, rotation) => Object.assign(rotation, { asked: NOW }), "monitoring_token")] },
  rotation_new_as_old: { views: [rotating("revoke", undefined, "nothing")], refuse: { storeSecret: problem("token_same_as_new") } },
  rotation_pasted_other: {
    views: [
      rotating(
        "revoke",
        (view, rotation) => {
          keepSecret(view, "previous_okta_token", true);
          rotation.pasted = { new: "svc-radiant@example.com", old: "jo.doe@example.com", same: false };
        },
        "nothing",
      ),
    ],
  },
  practice_rotation_revoke: { info: { practice: true }, views: [practising(rotating("revoke", undefined, "nothing"))] },
  practice_first: { info: { practice: true } },
  practice_finished: { info: { practice: true }, views: [practising(finished("practice-1", "Practice"))] },
  practice_empty: { info: { practice: true }, landing: { id: null, row: null } },
  practice_before: { info: { practice: true }, views: [practising(at("before"))] },
  practice_domain: { info: { practice: true }, views: [practising(at("domain"))] },
  practice_paste: { info: { practice: true }, views: [practising(at("paste_token"))] },
  practice_credential: { info: { practice: true }, views: [practising(at("credential"))] },
  practice_arrival: { info: { practice: true }, views: [practising(at("arrival"))], ticks: arriving, pace: 10 },
  practice_rotation: { info: { practice: true }, views: [practising(rotating("paste"))], pace: 5 },
  practice_done: { info: { practice: true }, views: [practising(at("done", (view) => (view.setup.arrival = ARRIVAL)))] },
  walk: { pace: 5, ticks: arriving },
};

/** The scenario of that name; an unknown name is the first screen. */
export function scenario(name: string): Scenario {
  return scenarios[name] ?? {};
}

/** All names. */
export const scenarioNames = Object.keys(scenarios);
