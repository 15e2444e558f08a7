/** Example users, previews, results and audit entries of response actions. The people and addresses are invented. */
import type { ActionKind, ActionOutcome, ActionPreview, ActionTarget, AuditEntry, BlockedNow, PartResult, TargetPreview, TargetResult, TargetState, UserFacts } from "../model";
import { NOW, problem } from "./connection_views";

/** The users of the fake org. */
export const USERS: UserFacts[] = [
  user("00u1jo", "jo.doe@example.com", "Jo Doe", { groups: ["Everyone", "Finance", "Payroll approvers"] }),
  user("00u2sam", "sam.lee@example.com", "Sam Lee", { roles: ["Super Administrator", "Report Administrator"] }),
  user("00u3ann", "ann@example.com", "Ann-Kathrin Freifrau von und zu Hohenlohe-Waldenburg-Schillingsfürst", { directory: { provider: "ACTIVE_DIRECTORY", name: "corp.example.com" }, groups: Array.from({ length: 24 }, (_, i) => `Regional sales and distribution ${i + 1}`) }),
  user("00u4old", "old.account@example.com", "Old Account", { status: "deprovisioned" }),
  user("00u5jo", "jo.baker@example.com", "Jo Baker", { status: "suspended" }),
  user("00u6svc", "svc-radiant@example.com", "Radiant Service", { is_token_owner: true, roles: ["Super Administrator"] }),
];

function user(id: string, login: string, name: string, more: Partial<UserFacts> = {}): UserFacts {
  return { id, login, email: login, name, status: "active", status_changed: "2026-01-12T08:00:00Z", last_sign_in: "2026-03-10T09:41:00Z", groups: ["Everyone"], roles: [], directory: null, is_token_owner: false, matched_by: "login", ...more };
}

const PARTS: Record<ActionKind, PartResult["part"][]> = {
  lock_down: ["suspend", "end_sessions"],
  lift_lockdown: ["unsuspend"],
  end_sessions: ["end_sessions"],
  expire_password: ["expire_password"],
  reset_factors: ["reset_factors"],
  block_address: ["add_to_zone"],
  unblock_address: ["remove_from_zone"],
};
const REVERSIBILITY: Record<ActionKind, ActionPreview["reversibility"]> = {
  lock_down: "suspension_only",
  lift_lockdown: "run_again",
  end_sessions: "sign_in_again",
  expire_password: "new_password",
  reset_factors: "enroll_again",
  block_address: "undoable",
  unblock_address: "run_again",
};
const EVENTS: Partial<Record<PartResult["part"], string>> = { suspend: "user.lifecycle.suspend", unsuspend: "user.lifecycle.unsuspend", end_sessions: "user.session.clear", add_to_zone: "zone.update", remove_from_zone: "zone.update" };

const userState = (status: UserFacts["status"]): TargetState => ({ type: "user", status, status_changed: NOW });
const addressState = (blocked: boolean): TargetState => ({ type: "address", is_blocked: blocked, zone_id: "nzo1", has_entry: blocked });

/** Returns the state that an action leads to. */
function expectedState(kind: ActionKind, before: TargetState): TargetState {
  if (kind === "block_address" || kind === "unblock_address") return addressState(kind === "block_address");
  if (kind === "lock_down") return userState("suspended");
  if (kind === "lift_lockdown") return userState("active");
  return kind === "expire_password" ? userState("password_expired") : before;
}

const EMPTY: TargetPreview = { typed: "", target: null, user: null, address: null, candidates: [], undo_of: null, before: { type: "unknown" }, parts: [], expected: { type: "unknown" }, refusals: [], overrides: [], warnings: [] };

function addressPreview(kind: ActionKind, typed: string): TargetPreview {
  const before = addressState(kind === "unblock_address");
  const refused = /^10\.|^192\.168\.|^127\./.test(typed);
  if (!/^[\da-f.:/]+$/i.test(typed)) return { ...EMPTY, typed, refusals: [{ code: "not_an_address", args: { typed } }] };
  const target: ActionTarget = { type: "address", range: typed };
  const address = { range: typed, addresses: typed.includes("/28") ? "16" : "1", zone: "Okta Connector blocklist", is_shared_zone: false, entries: 12, limit: 1000, covered_by: [], exempt_by: [] };
  if (refused) return { ...EMPTY, typed, target, address, before, expected: before, refusals: [{ code: "reserved_address", args: { address: typed } }] };
  const overrides: TargetPreview["overrides"] = typed.startsWith("198.51.100.9") ? [{ reason: "administrator_address", args: { who: "sam.lee@example.com", at: "2026-03-09T16:12:00Z" }, text: typed }] : [];
  return { ...EMPTY, typed, target, address, before, parts: PARTS[kind], expected: expectedState(kind, before), overrides, warnings: [{ code: "takes_minutes", args: {} }] };
}

function userPreview(kind: ActionKind, typed: string): TargetPreview {
  const wanted = typed.toLowerCase();
  const exact = USERS.filter((one) => one.id === typed || one.login === wanted);
  const found = exact.length > 0 ? exact : USERS.filter((one) => one.login.startsWith(wanted) || one.name.toLowerCase().includes(wanted));
  const [only] = found;
  if (!only) return { ...EMPTY, typed, refusals: [{ code: "user_not_found", args: { typed } }] };
  if (found.length > 1) return { ...EMPTY, typed, candidates: found, refusals: [{ code: "several_users", args: { typed } }] };
  // Only a suspended user can be unsuspended.
  const status = kind === "lift_lockdown" && only.status === "active" ? "suspended" : only.status;
  const before = userState(status);
  const shown: TargetPreview = { ...EMPTY, typed, target: { type: "user", id: only.id, login: only.login, name: only.name }, user: { ...only, status }, before, expected: before };
  if (only.is_token_owner) return { ...shown, refusals: [{ code: "token_owner", args: {} }] };
  if (only.status === "deprovisioned") return { ...shown, refusals: [{ code: "status_forbids", args: { status: only.status } }] };
  const overrides: TargetPreview["overrides"] = [];
  if ((only.roles ?? []).length > 0) overrides.push({ reason: "administrator", args: { roles: (only.roles ?? []).join(", ") }, text: only.login });
  if (kind === "expire_password" || kind === "reset_factors") overrides.push({ reason: "irreversible", args: {}, text: only.login });
  const warnings: TargetPreview["warnings"] = only.directory ? [{ code: "directory_sourced", args: { directory: only.directory.name ?? "" } }] : [];
  return { ...shown, parts: PARTS[kind], expected: expectedState(kind, before), overrides, warnings };
}

/** Returns the preview of an action, valid for two minutes after `now`. */
export function previewOf(kind: ActionKind, targets: readonly string[], undoOf: number | null = null, expires = "2026-03-10T10:17:00Z"): ActionPreview {
  const about = kind === "block_address" || kind === "unblock_address";
  return {
    id: `preview ${kind} ${targets.join(" ")}`,
    connection: "c1",
    kind,
    expires_at: expires,
    token_owner: "svc-radiant@example.com",
    targets: targets.map((typed) => ({ ...(about ? addressPreview : userPreview)(kind, typed), undo_of: undoOf })),
    reversibility: REVERSIBILITY[kind],
    keeps_running: kind === "lock_down" || kind === "end_sessions" ? ["app_sessions", "native_apps", "provisioned_accounts"] : about && kind === "block_address" ? ["okta_sessions", "until_it_spreads"] : [],
    warnings: [...(kind === "lock_down" || kind === "block_address" ? [{ code: "sign_on_to_radiant" as const, args: {} }] : []), ...(kind === "block_address" ? [{ code: "directory_agents_unknown" as const, args: {} }] : [])],
    is_practice: false,
  };
}

/** Returns the result for one target of a preview, with this outcome. */
export function resultOf(shown: TargetPreview, entry: number, outcome: ActionOutcome = "done"): TargetResult {
  const target = shown.target ?? { type: "address", range: shown.typed };
  const partOutcome = (i: number): ActionOutcome => (outcome === "partly" ? (i === 0 ? "done" : "unknown") : outcome);
  const parts = shown.parts.map((part, i): PartResult => {
    const its = partOutcome(i);
    return { part, outcome: its, problem: its === "failed" ? problem("permission_refused") : its === "unknown" ? problem("timed_out") : null, request_id: its === "failed" ? null : "aBcDeFgHiJkLmNoPqRsT-example" };
  });
  const done = outcome === "done" || outcome === "partly";
  const events = done ? shown.parts.flatMap((part, i) => (EVENTS[part] && partOutcome(i) === "done" ? [{ uuid: `5f3c9a10-${entry}-${i}`, event_type: EVENTS[part], at: NOW }] : [])) : [];
  return { target, entry, outcome, refusals: [], parts, before: shown.before, after: done ? shown.expected : outcome === "failed" ? shown.before : { type: "unknown" }, events, warnings: [] };
}

/** Returns an entry of the audit, as many minutes ago. */
export function entryOf(number: number, kind: ActionKind, typed: string, ago: number, outcome: ActionOutcome | null, more: Partial<AuditEntry> = {}): AuditEntry {
  const shown = previewOf(kind, [typed]).targets[0] ?? EMPTY;
  const at = new Date(Date.parse(NOW) - ago * 60_000).toISOString();
  const result = resultOf({ ...shown, parts: PARTS[kind], refusals: [] }, number, outcome ?? "done");
  return {
    number,
    opening: {
      run: `run-${number}`,
      at,
      org: "https://acme.okta.com",
      connection_name: "acme",
      operator: "jo",
      token_owner_id: "00u6svc",
      token_owner: "svc-radiant@example.com",
      kind,
      target: result.target,
      reason: number % 3 === 0 ? "Impossible travel reported by Radiant; the user does not answer the phone" : "Phishing report",
      ticket: number % 2 === 0 ? `INC-${4200 + number}` : null,
      ends_at: null,
      undo_of: null,
      parts: PARTS[kind],
      before: shown.before,
      chain: "intact",
    },
    closing: outcome === null ? null : { at, outcome, parts: result.parts, after: result.after, is_recovered: false },
    events: outcome === null ? [] : result.events,
    undone_by: null,
    is_undoable: false,
    ...more,
  };
}

/** An audit with every outcome, an undone entry and an open one. */
export function auditEntries(): AuditEntry[] {
  const undo = entryOf(7, "lift_lockdown", "jo.baker@example.com", 60, "done");
  return [
    entryOf(11, "lock_down", "jo.doe@example.com", 3, null),
    entryOf(9, "block_address", "198.51.100.7", 30, "done", { is_undoable: true }),
    { ...undo, opening: { ...undo.opening, undo_of: 5 } },
    entryOf(5, "lock_down", "jo.baker@example.com", 190, "done", { undone_by: 7 }),
    entryOf(4, "lock_down", "sam.lee@example.com", 300, "partly", { is_undoable: true }),
    entryOf(3, "reset_factors", "ann@example.com", 1500, "unknown"),
    entryOf(2, "end_sessions", "ann@example.com", 3000, "failed"),
    entryOf(1, "block_address", "198.51.100.0/28", 9000, "nothing_to_do"),
  ];
}

/** What is blocked now: by this app and by others, and one entry that somebody removed. */
export const BLOCKED: BlockedNow = {
  at: NOW,
  ours: [{ range: "198.51.100.7", zone_id: "nzo1", zone: "Okta Connector blocklist", is_active: true, entry: 9, since: "2026-03-10T09:45:00Z", operator: "jo", reason: "Phishing report", ends_at: "2026-03-11T09:45:00Z" }],
  others: [
    { range: "203.0.113.0/24", zone_id: "nzo2", zone: "BlockedIpZone", is_active: true, entry: null, since: null, operator: null, reason: null, ends_at: null },
    { range: "192.0.2.15", zone_id: "nzo3", zone: "Old firewall list", is_active: false, entry: null, since: null, operator: null, reason: null, ends_at: null },
  ],
  gone: [3],
  unreadable: 0,
};
