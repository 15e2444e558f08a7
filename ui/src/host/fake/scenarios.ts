/** Every state of the window, by name: `fake.html?fake=<name>` shows it, and the page tests visit it. */
import { ACTION_SCENARIOS } from "./action_handlers";
import type { ArrivalTick, CheckRow, Code, ConnectionView, GuideStep, GuideView, ImportPreview, MissingItem } from "../model";
import { ARRIVAL, capabilities, finishedView, keepArrival, keepCheckedToken, keepSecret, lockedKeychainRows, NOW, practiceView, problem, report, row, rowsAfterFailure, viewAtStep } from "./connection_views";
import type { Scenario } from "./fake_app";
import { beginReplacement, changeStep } from "./guide_views";
import { changedView, historiesBy, hundredViews, justFinishedView, laggingView, lockedKeychainView, offlineView, olderView, pausedView, rateLimitedView, staleView, stoppedView, unwatchedView, youngView } from "./monitoring_views";
import { alertScenarios } from "./alert_scenarios";
import { policyFixing, unparsablePolicy, untrustedPolicy } from "./policy_views";
import { RELAY_SCENARIOS } from "./relay_scenarios";
import { REMINDERS, viewWithReminders } from "./reminder_views";
import { storeCheckResult, viewAfterRotation, viewInRotation, viewKeeping } from "./rotation_views";

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

const pasted = (rows: CheckRow[], rights = capabilities("all"), missing: MissingItem[] = []): Scenario => {
  const result = report(rows, rights, false);
  return { report: result, views: [viewAtStep("paste_token", (view) => keepCheckedToken(view, result, ...missing))] };
};
const undecided = (guide: Partial<GuideView>, missing: MissingItem, rows: CheckRow[], rights = capabilities("all")): Scenario => {
  const scenario = pasted(rows, rights, [missing]);
  for (const view of scenario.views ?? []) Object.assign(view.guide, guide);
  return scenario;
};
/** Returns a pasted token that can only read, under response actions. */
const lackingRole = (rows: CheckRow[]): Scenario => {
  const scenario = pasted(rows, capabilities("reading"));
  for (const view of scenario.views ?? []) {
    view.guide.lacks_response_role = true;
    changeStep(view.guide, "paste_token", { mark: "attention" });
  }
  return scenario;
};
const refused = (rows: CheckRow[]): Scenario => pasted(rows, [], ["token_not_accepted"]);
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
const proxy = { host: "acme.okta.com", issuer: "Example Corp Web Gateway", key: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" };
const inspected = row("tls", "attention", { code: "tls_inspected", args: { host: proxy.host, issuer: proxy.issuer, issuer_key: proxy.key }, facts: [{ key: "issuer", value: "Example Corp Web Gateway" }] });
const readOnly: CheckRow[] = [
  row("roles", "unknown", { code: "roles_not_told", facts: [{ key: "least_role", value: "Organization Administrator" }], link: { to: "okta_administrators" } }),
  row("rate_limit", "attention", { code: "rate_other_consumers", args: { count: "2" }, facts: [{ key: "other_consumer", value: "2" }], link: { to: "okta_rate_limits" } }),
  row("capabilities", "failed", { code: "capability_refused", args: { capability: "Suspend a user", roles: "Read-only Administrator", needed: "Organization Administrator" }, link: { to: "okta_administrators" } }),
];
const blocked = (code: Code): Scenario => ({ info: { problem: problem(code, { detail: "database disk image is malformed", args: { path: "connector.db" } }) } });
const searching = (change: Partial<Scenario>): Scenario => ({ views: [viewAtStep("arrival", (view) => keepSecret(view, "radiant_search_token"))], ...change });
const broken = finishedView("c2", "acme-emea", (view) => {
  const rows = rowsAfterFailure("token", "token_refused", {}, { to: "okta_tokens" });
  view.report = report(rows, []);
  view.status = { state: "stopped", problem: problem("token_refused"), row: "token", since: "2026-03-10T07:12:00Z", arrival_verified: true, as_of: NOW, valid_until: null };
  view.repair = { action: "replace_token" };
  view.monitor.conditions = [{ row: "token", problem: problem("token_refused"), since: "2026-03-10T07:12:00Z", probes: 18, role: "root" }];
});
const replacing = (step: GuideStep): ConnectionView =>
  finishedView("c1", "acme", (view) => {
    Object.assign(view, { report: broken.report, status: broken.status, repair: broken.repair });
    beginReplacement(view, NOW);
    view.setup.step = step;
  });
const soon = finishedView("c3", "acme-dev", (view) => {
  view.connection.profile = "ingestion";
  view.setup.arrival = null;
  view.report = report([person], capabilities("reading"), false);
  view.status = { state: "attention", problem: problem("owner_is_person", { args: { owner: "jo.doe@example.com" } }), row: "owner", since: "2026-03-09T15:40:00Z", arrival_verified: false, as_of: NOW, valid_until: null };
  view.repair = { action: "decide_owner" };
});
const rolesLost = finishedView("c1", "acme", (view) => {
  const lostRow = row("roles", "attention", { code: "roles_no_longer_told", args: { roles: "Super Administrator", needed: "Organization Administrator" }, link: { to: "okta_user_roles", id: "00u1" } });
  const lost = problem("roles_no_longer_told", { args: lostRow.args });
  view.report = report([lostRow], capabilities("reading"));
  view.status = { state: "attention", problem: lost, row: "roles", since: "2026-03-10T07:12:00Z", arrival_verified: true, as_of: NOW, valid_until: null };
  view.repair = { action: "confirm_roles" };
  view.monitor.conditions = [{ row: "roles", problem: lost, since: "2026-03-10T07:12:00Z", probes: 1, role: "root" }];
});
const IMPORTING: ImportPreview = {
  connections: [
    { name: "acme", domain: "acme.okta.com", profile: "response", radiant: "https://plugin.radiantsecurity.ai/log-management/search/_msearch", unusual: false, here: true },
    { name: "acme-emea", domain: "acme-emea.okta-emea.com", profile: "response", radiant: "https://plugin.radiantsecurity.ai/log-management/search/_msearch", unusual: false, here: false },
    { name: "Globex, production", domain: "login.globex.example", profile: "ingestion", radiant: "https://logs.globex.example/_msearch", unusual: true, here: false },
    { name: "", domain: "", profile: "ingestion", radiant: "https://plugin.radiantsecurity.ai/log-management/search/_msearch", unusual: false, here: false },
  ],
  settings: "applied",
  remarks: [{ what: "radiant_address", position: 5, name: "initech", value: "http://plugin.radiantsecurity.ai/", code: "radiant_host_plain_http" }],
};
const open = viewAtStep("credential", (view) => (view.connection.id = "c4"));

const WORK = { from: "2026-03-14T20:00:00Z", until: "2026-03-15T02:00:00Z", note: "Proxy moves" };

const scenarios: Record<string, Scenario> = {
  welcome: {},
  loading: { hang: ["appInfo"] },
  welcome_problem: { refuse: { beginPractice: problem("practice_failed", { detail: "address already in use" }) } },
  notifications: { info: { tray: false, preferences_problem: problem("preferences_damaged") } },
  start_again: { info: { start_again: true }, views: [finishedView("c1", "acme")] },
  agent_not_responding: { info: { background_problem: problem("agent_not_responding", { args: { pid: "4711" } }) }, views: [finishedView("c1", "acme")] },
  agent_not_started: { info: { background_problem: problem("agent_not_started"), tray: false }, views: [finishedView("c1", "acme")] },
  tray_missing: { info: { tray: false }, views: [finishedView("c1", "acme")] },
  every_notice: { info: { tray: false, start_again: true, preferences_problem: problem("preferences_damaged") }, views: [finishedView("c1", "acme")] },
  store_corrupt: blocked("store_corrupt"),
  store_newer: blocked("store_newer"),
  store_read_only: blocked("store_read_only"),
  disk_full: blocked("disk_full"),
  store_busy: blocked("store_busy"),
  before: { views: [viewAtStep("before")] },
  domain: { views: [viewAtStep("domain")] },
  domain_slow: { views: [viewAtStep("domain")], hang: ["discoverDomain"] },
  domain_unknown: { views: [viewAtStep("domain")], refuse: { discoverDomain: problem("org_unknown", { args: { host: "acme.okta.com" } }) } },
  domain_captive: { views: [viewAtStep("domain")], refuse: { discoverDomain: problem("captive_portal", { args: { host: "acme.okta.com" } }) } },
  domain_stored: { views: [viewAtStep("create_token", (view) => (view.setup.step = "domain"))] },
  create: { views: [viewAtStep("create_token")] },
  paste: { views: [viewAtStep("paste_token")], holdsSecret: true, pace: 40 },
  paste_slow: { views: [viewAtStep("paste_token")], pace: 60_000 },
  keychain_missing: { views: [viewAtStep("paste_token")], refuse: { keychainProbe: problem("keychain_missing") } },
  keychain_locked: { views: [viewAtStep("paste_token")], refuse: { keychainProbe: problem("keychain_locked") } },
  checks_passed: pasted([]),
  checks_person: undecided({ owner_decision: "open" }, "owner", [person]),
  checks_tls: undecided({ inspection: { ...proxy, is_asked_again: false } }, "tls", [inspected, ...rowsAfterFailure("token", "token_missing", {}, null, "skipped").map((one) => ({ ...one, code: null, skipped: "depends" as const, blocked_by: "tls" as const }))], []),
  checks_tls_again: undecided({ inspection: { ...proxy, is_asked_again: true } }, "tls", [inspected], []),
  checks_token_refused: refused(rowsAfterFailure("token", "token_refused", {}, { to: "okta_tokens" })),
  checks_keychain_locked: refused(lockedKeychainRows()),
  checks_entry: pasted([row("token_entry", "unknown", { code: "entry_uncertain", facts: [], link: { to: "okta_tokens" } })]),
  checks_read_only: lackingRole(readOnly),
  checks_okta_down: refused(rowsAfterFailure("domain", "okta_unavailable", { status: "503", host: "acme.okta.com" }, { to: "okta_status" })),
  replace_open: { views: [finishedView("c1", "acme", (view) => {
    beginReplacement(view, NOW);
    view.status.arrival_verified = false;
  })] },
  replace_create: { views: [replacing("create_token")] },
  replace_credential: { views: [replacing("credential")] },
  credential: { views: [viewAtStep("credential")] },
  credential_sticky: {
    views: [viewAtStep("credential")],
    copied: { clears_in_s: null, history_excluded: false, can_clear: false },
    clipboard: [{ state: "not_clearable", seconds_left: 0 }],
  },
  credential_asking: { views: [viewAtStep("credential")], hang: ["copyValue"] },
  credential_refused: { views: [viewAtStep("credential")], refuse: { copyValue: problem("reauthentication_failed") } },
  credential_dismissed: { views: [viewAtStep("credential")], refuse: { copyValue: problem("reauthentication_dismissed") } },
  credential_no_agent: { views: [viewAtStep("credential")], refuse: { copyValue: problem("reauthentication_no_agent", { args: { pid: "4711" } }) } },
  credential_cleared: { views: [viewAtStep("credential")], clipboard: [{ state: "cleared", seconds_left: 0 }] },
  data: { views: [viewAtStep("data_connector")] },
  action: { views: [viewAtStep("action_connector")] },
  action_skipped: {
    views: [
      viewAtStep("action_connector", (view) => {
        view.connection.profile = "ingestion";
        changeStep(view.guide, "action_connector", { missing: [] });
      }),
    ],
  },
  arrival: { views: [viewAtStep("arrival")], ticks: arriving, pace: 20 },
  arrival_waiting: searching({ ticks: waiting, pace: 10 }),
  arrival_found: searching({ ticks: arriving, pace: 10 }),
  arrival_proxy: searching({ ticks: [tick(0, 0, { problem: problem("radiant_tls_inspected", { args: { host: "plugin.radiantsecurity.ai", issuer: proxy.issuer, issuer_key: proxy.key } }) })], pace: 10 }),
  arrival_problem: searching({ ticks: [tick(0, 0, { problem: problem("radiant_index_wrong", { args: { index: "raw-events" } }) })], pace: 10 }),
  done: {
    views: [
      viewAtStep("done", (view) => {
        keepArrival(view);
        view.report = report();
      }),
    ],
  },
  done_unverified: {
    views: [
      viewAtStep("done", (view) => {
        view.report = report([person], capabilities("all"), false);
        changeStep(view.guide, "paste_token", { mark: "attention" });
      }),
    ],
  },
  done_failing: { views: [viewAtStep("done", (view) => keepArrival(view))], refuse: { monitorSettings: problem("store_busy"), launchAtLogin: problem("store_busy") } },
  overview: { views: [finishedView("c1", "acme"), broken, soon, open], history: historiesBy({ c2: "refused", c3: "attention" }) },
  monitoring_healthy: { views: [finishedView("c1", "acme")], history: historiesBy({}) },
  ...RELAY_SCENARIOS,
  monitoring_new: { views: [justFinishedView], history: historiesBy({ c1: "none" }) },
  monitoring_refused: { views: [broken], history: historiesBy({ c2: "refused" }) },
  monitoring_keychain: { views: [lockedKeychainView], history: historiesBy({ c1: "attention" }) },
  monitoring_landing: { views: [finishedView("c1", "acme"), broken], history: historiesBy({ c2: "refused" }), landing: { id: "c2", row: "token" } },
  monitoring_lagging: { views: [laggingView], history: historiesBy({ c1: "lagging" }) },
  monitoring_unsteady: { views: [stoppedView], history: historiesBy({ c1: "unsteady" }) },
  monitoring_rate_limited: { views: [rateLimitedView] },
  monitoring_offline: { views: [offlineView], history: historiesBy({ c1: "offline" }) },
  monitoring_stale: { views: [staleView], history: historiesBy({ c1: "offline" }) },
  maintenance_twice: { views: [finishedView("c1", "acme")], monitor: { maintenance: [WORK, WORK] } },
  monitoring_young: { views: [youngView], history: historiesBy({ c1: "young" }) },
  monitoring_older: { views: [olderView] },
  monitoring_off: { views: [unwatchedView], history: historiesBy({ c1: "unwatched" }) },
  monitoring_paused: { views: [pausedView], history: historiesBy({ c1: "paused" }) },
  monitoring_hundred: { views: hundredViews(broken), history: historiesBy({ c2: "refused" }) },
  monitoring_changed: { views: [changedView()], history: historiesBy({ c1: "lagging" }), monitor: { probes_changed: "2026-03-10T09:30:00Z" } },
  test_refused: { views: [finishedView("c1", "acme")], testNotification: "refused" },
  monitoring_failing: { views: [finishedView("c1", "acme")], refuse: { history: problem("store_busy"), changeMonitorSettings: problem("store_busy"), pauseNotices: problem("store_busy"), pauseChecks: problem("store_busy") } },
  monitoring_quiet: {
    views: [finishedView("c1", "acme")],
    history: historiesBy({}),
    monitor: {
      quiet_until: "2026-03-11T07:00:00Z",
      maintenance: [
        { from: "2026-03-14T20:00:00Z", until: "2026-03-15T02:00:00Z", note: "Upgrade of the proxy" },
        { from: "2026-03-07T20:00:00Z", until: "2026-03-08T02:00:00Z", note: "" },
      ],
    },
  },
  settings_monitoring_failed: { views: [finishedView("c1", "acme")], refuse: { monitorSettings: problem("store_busy") } },
  settings_empty: {},
  settings_practice: { info: { practice: true }, views: [practiceView(viewAtStep("before"))] },
  settings_not_begun: { info: { practice: true }, refuse: { dataRetention: problem("practice_ended") } },
  settings_transfer: { views: [finishedView("c1", "acme")], importing: IMPORTING },
  settings_transfer_existing: { views: [finishedView("c1", "acme")], importing: { connections: IMPORTING.connections.filter((one) => one.here), settings: "kept", remarks: [] } },
  settings_transfer_failed: { views: [finishedView("c1", "acme")], refuse: { previewImport: problem("import_newer"), exportConnections: problem("file_not_written", { args: { path: "/media/usb" }, detail: "No space left on device" }) } },
  settings_retention: { views: [finishedView("c1", "acme")], storedData: { history_days: 60, set_aside: 1, set_aside_kb: 380, database_kb: 18_400 } },
  settings_unread: { views: [finishedView("c1", "acme")], refuse: { dataRetention: problem("store_busy"), diagnostics: problem("store_busy") } },
  diagnostics: { views: [finishedView("c1", "acme")], bundleLines: 40 },
  diagnostics_long: { views: [finishedView("c1", "acme")], bundleLines: 60_000 },
  settings_asking: { views: [finishedView("c1", "acme")], hang: ["setReauthentication"] },
  settings_dismissed: { views: [finishedView("c1", "acme")], refuse: { setReauthentication: problem("reauthentication_dismissed") } },
  settings_unavailable: { views: [finishedView("c1", "acme")], reauthentication: { on: false, cannot: problem("reauthentication_not_installed") } },
  policy: {
    views: [finishedView("c1", "acme")],
    policy: policyFixing(
      { heartbeat_s: 300, full_s: 43_200, rate_share: 5, notices: true, ask_before_copying: true, launch_at_login: true, response_actions: false, relay: false, contact: "IT Security, extension 4711, or it-security@example.com" },
      [
        { what: "out_of_bounds", args: { key: "full_s", written: "43200000", taken: "43200" }, line: 4 },
        { what: "unknown_keys", args: { keys: "colour" }, line: 9 },
      ],
    ),
  },
  policy_few: { views: [finishedView("c1", "acme")], policy: policyFixing({ relay: false, contact: "IT Security" }) },
  policy_garbled: { views: [finishedView("c1", "acme")], policy: unparsablePolicy },
  policy_untrusted: { views: [finishedView("c1", "acme")], policy: untrustedPolicy },
  policy_done: { views: [viewAtStep("done", (view) => keepArrival(view))], policy: policyFixing({ launch_at_login: true }) },
  ...alertScenarios,
  overview_error: { refuse: { connections: problem("store_busy") } },
  connection: { views: [broken, finishedView("c1", "acme")] },
  roles_lost: { views: [rolesLost] },
  reminders: { views: [viewWithReminders("roles_changed", "network_restricted", "owner_service", "token_age")] },
  reminders_one: { views: [viewWithReminders("token_age")] },
  reminders_others: { views: [viewWithReminders("roles_untold", "token_expires", "owner_person", "notices_off")] },
  reminders_paused: { views: [{ ...pausedView, reminders: [REMINDERS.token_idle] }], history: historiesBy({ c1: "paused" }) },
  reminders_failing: {
    views: [viewWithReminders("owner_service")],
    refuse: { confirmOwner: problem("store_busy"), renameConnection: problem("store_busy"), setProfile: problem("store_busy"), removeConnection: problem("keychain_locked") },
  },
  remove_nothing: {
    views: [
      finishedView("c1", "acme", (view) => {
        view.connection.keep = "nothing";
        view.secrets = [];
        view.report = null;
      }),
    ],
  },
  remove_monitoring: {
    views: [
      finishedView("c1", "acme", (view) => {
        view.connection.keep = "monitoring_token";
        view.report = report([row("token_entry", "passed", { facts: [{ key: "token_name", value: "Radiant Monitoring" }, { key: "token_sureness", value: "probable" }] })]);
        view.secrets = view.secrets.filter((one) => one.name !== "okta_token");
        keepSecret(view, "monitoring_token");
      }),
    ],
  },
  edit_bare: {
    views: [
      finishedView("c1", "acme", (view) => {
        view.connection.profile = "ingestion";
        view.secrets = view.secrets.filter((one) => one.name !== "radiant_search_token");
      }),
    ],
  },
  edit_practice: { info: { practice: true }, views: [practiceView(finishedView("practice-1", "acme"))] },
  rotation: { views: [finishedView("c1", "acme")], pace: 5, ticks: arriving },
  rotation_create: { views: [viewInRotation("create")] },
  rotation_paste: { views: [viewInRotation("paste")], pace: 5 },
  rotation_same: { views: [viewInRotation("paste")], refuse: { storeSecret: problem("token_same_as_old") } },
  rotation_checked: {
    views: [
      viewInRotation("paste", (view) => {
        keepSecret(view, "next_okta_token");
        storeCheckResult(view);
      }),
    ],
  },
  rotation_owner: {
    views: [
      viewInRotation("paste", (view, rotation) => {
        keepSecret(view, "next_okta_token");
        storeCheckResult(view, "owner");
        rotation.owners = { new: "jo.doe@example.com", old: "svc-radiant@example.com", same: false };
      }),
    ],
  },
  rotation_less: {
    views: [
      viewInRotation("paste", (view, rotation) => {
        keepSecret(view, "next_okta_token");
        storeCheckResult(view, "token_lesser");
        rotation.report = report([row("users", "failed", { code: "users_refused", link: { to: "okta_administrators" } })]);
      }),
    ],
  },
  rotation_locked: { views: [viewInRotation("paste")], refuse: { storeSecret: problem("keychain_locked") } },
  rotation_update: { views: [viewInRotation("update")] },
  rotation_watch: { views: [viewInRotation("watch")], ticks: arriving, pace: 10 },
  rotation_watch_problem: { views: [viewInRotation("watch")], ticks: [tick(0, 0, { problem: problem("radiant_token_refused") })], pace: 10 },
  rotation_watch_without: { views: [viewInRotation("watch", (view) => (view.secrets = view.secrets.filter((one) => one.name !== "radiant_search_token")))] },
  rotation_revoke: { views: [viewInRotation("revoke")] },
  rotation_refused: { views: [viewInRotation("revoke")], refuse: { revokeOldToken: problem("revocation_refused", { request_id: "aBcDeFgHiJkLmNoPqRsT-example" }) } },
  rotation_unknown: { views: [viewInRotation("revoke", (_, rotation) => Object.assign(rotation, { revocation_sent: NOW }))], refuse: { revokeOldToken: problem("revocation_unknown") } },
  rotation_still: {
    views: [viewInRotation("revoke", (_, rotation) => Object.assign(rotation, { revocation_sent: NOW }))],
    refuse: { oldTokenRevoked: problem("old_token_still_valid", { args: { name: "Radiant Security API Token" } }) },
  },
  rotation_lost: { views: [viewInRotation("revoke", (_, rotation) => Object.assign(rotation, { revocation_sent: NOW, found: null }))] },
  rotation_console: { views: [viewInRotation("revoke", (view) => (view.secrets = view.secrets.filter((one) => one.name !== "previous_okta_token")))] },
  rotation_left: { views: [viewAfterRotation("not_yet", null)] },
  rotation_confirmed: { views: [viewAfterRotation("by_word", "confirmed")] },
  rotation_verified: { views: [viewAfterRotation("seen_refused", "verified")] },
  rotation_earlier: { views: [viewAfterRotation("in_console", null)] },
  rotation_nothing: { views: [viewKeeping("nothing")], pace: 5 },
  rotation_own_create: { views: [viewInRotation("create", undefined, "monitoring_token")] },
  rotation_nothing_checked: {
    views: [
      viewInRotation(
        "paste",
        (view) => {
          keepSecret(view, "next_okta_token");
          storeCheckResult(view);
        },
        "nothing",
      ),
    ],
  },
  rotation_nothing_watch: { views: [viewInRotation("watch", undefined, "nothing")] },
  rotation_nothing_revoke: { views: [viewInRotation("revoke", undefined, "nothing")] },
  rotation_own_revoke: { views: [viewInRotation("revoke", undefined, "monitoring_token")] },
  rotation_own_lost: { views: [viewInRotation("revoke", (_, rotation) => Object.assign(rotation, { revocation_sent: NOW }), "monitoring_token")] },
  rotation_new_as_old: { views: [viewInRotation("revoke", undefined, "nothing")], refuse: { storeSecret: problem("token_same_as_new") } },
  rotation_pasted_other: {
    views: [
      viewInRotation(
        "revoke",
        (view, rotation) => {
          keepSecret(view, "previous_okta_token", true);
          rotation.pasted = { new: "svc-radiant@example.com", old: "jo.doe@example.com", same: false };
        },
        "nothing",
      ),
    ],
  },
  practice_rotation_revoke: { info: { practice: true }, views: [practiceView(viewInRotation("revoke", undefined, "nothing"))] },
  practice_welcome: { info: { practice: true } },
  practice_finished: { info: { practice: true }, views: [practiceView(finishedView("practice-1", "Practice"))] },
  practice_empty: { info: { practice: true }, landing: { id: null, row: null } },
  practice_before: { info: { practice: true }, views: [practiceView(viewAtStep("before"))] },
  practice_domain: { info: { practice: true }, views: [practiceView(viewAtStep("domain"))] },
  practice_create: { info: { practice: true }, views: [practiceView(viewAtStep("create_token"))] },
  practice_paste: { info: { practice: true }, views: [practiceView(viewAtStep("paste_token"))] },
  practice_credential: { info: { practice: true }, views: [practiceView(viewAtStep("credential"))] },
  practice_arrival: { info: { practice: true }, views: [practiceView(viewAtStep("arrival"))], ticks: arriving, pace: 10 },
  practice_rotation: { info: { practice: true }, views: [practiceView(viewInRotation("paste"))], pace: 5 },
  practice_done: { info: { practice: true }, views: [practiceView(viewAtStep("done", (view) => keepArrival(view)))] },
  ...Object.fromEntries(Object.entries(ACTION_SCENARIOS).map(([name, actions]) => [name, { views: [finishedView("c1", "acme")], actions }])),
  actions_refused: { views: [finishedView("c1", "acme")], refuse: { previewAction: problem("okta_unavailable"), actionAudit: problem("store_busy"), blockedNow: problem("zones_refused") } },
  actions_asking: { views: [finishedView("c1", "acme")], hang: ["runAction"], actions: {} },
  actions_loading: { views: [finishedView("c1", "acme")], hang: ["actionToken"], actions: {} },
  actions_practice: { info: { practice: true }, views: [practiceView(finishedView("c1", "Practice"))], actions: { token: { state: "needed" } } },
  walk: { pace: 5, ticks: arriving },
};

/** Returns the scenario of that name; an unknown name shows the welcome screen. */
export function scenario(name: string): Scenario {
  return scenarios[name] ?? {};
}

/** The names of all scenarios. */
export const scenarioNames = Object.keys(scenarios);
