/** The fake app's part of response actions: a token that is stored, held or missing, previews of the example users, an audit in memory. */
import { channel } from "../commands";
import type { ActionKind, ActionOutcome, ActionPreview, ActionProgress, AuditEntry, AuditVerification, BlockedNow, DueEnd, TokenForActions } from "../model";
import { auditEntries, BLOCKED, entryOf, previewOf, resultOf, USERS } from "./action_views";
import { NOW, problem } from "./connection_views";
import type { Handlers } from "./handler_types";

/** What a scenario fixes of response actions. */
export type ActionScenario = {
  token?: TokenForActions;
  /** The outcome of every target that is run. */
  outcome?: ActionOutcome;
  /** The audit; by default empty. */
  audit?: AuditEntry[];
  verification?: Partial<AuditVerification>;
  blocked?: BlockedNow;
  due?: DueEnd[];
  /** When previews expire. */
  expires?: string;
  /** Whether a run never ends, after this many targets. */
  hangsAfter?: number;
  /** Whether the run was stopped before its last target. */
  stopped?: boolean;
  sealed?: boolean;
};

type Channel = ReturnType<typeof channel<ActionProgress>>;

export function actionHandlers(scenario: ActionScenario = {}) {
  let token: TokenForActions = scenario.token ?? { state: "stored" };
  let audit = scenario.audit ?? [];
  let ipv6 = false;
  const previews = new Map<string, ActionPreview>();
  const keep = (preview: ActionPreview): ActionPreview => {
    previews.set(preview.id, preview);
    return preview;
  };
  const needToken = (): void => {
    if (token.state === "needed") throw problem("action_token_needed");
  };
  const nextNumber = (): number => Math.max(0, ...audit.map((one) => one.number)) + 1;

  return {
    actionToken: () => token,
    useActionToken: (_id, value) => {
      if (!/^00[\w-]{40}$/.test(value.trim())) throw problem("token_refused");
      token = { state: "held", owner: "svc-radiant@example.com", until: "2026-03-10T10:30:00Z" };
      return token;
    },
    forgetActionToken: () => {
      token = { state: "needed" };
    },
    findUsers: (_id, typed) => USERS.filter((one) => one.login.includes(typed)),
    previewAction: ({ kind, targets }) => {
      needToken();
      return keep(previewOf(kind, targets, null, scenario.expires));
    },
    previewUndo: (_id, number) => {
      needToken();
      const entry = audit.find((one) => one.number === number);
      if (!entry) throw problem("audit_entry_unknown");
      const kind: ActionKind = entry.opening.kind === "block_address" ? "unblock_address" : "lift_lockdown";
      const { target } = entry.opening;
      return keep(previewOf(kind, [target.type === "user" ? target.id : target.range], number, scenario.expires));
    },
    runAction: async (_id, approval, news: Channel) => {
      const preview = previews.get(approval.preview);
      if (!preview) throw problem("action_preview_expired");
      const shown = preview.targets.filter((one) => one.refusals.length === 0 && one.target);
      const kept = scenario.stopped ? shown.slice(0, -1) : shown;
      const targets = [];
      for (const [index, one] of kept.entries()) {
        if (!one.target) continue;
        news.onmessage({ type: "began", index, total: shown.length, target: one.target });
        if (scenario.hangsAfter === index) {
          news.onmessage({ type: "waiting", until: "2026-03-10T10:15:40Z" });
          await new Promise(() => undefined);
        }
        const result = resultOf(one, nextNumber(), scenario.outcome);
        for (const part of result.parts) news.onmessage({ type: "part", index, result: part });
        news.onmessage({ type: "finished", index, total: shown.length, result });
        const hasUndo = preview.kind === "lock_down" || preview.kind === "block_address";
        const entry = entryOf(nextNumber(), preview.kind, one.typed, 0, result.outcome, { is_undoable: hasUndo && result.outcome === "done" });
        audit = [{ ...entry, opening: { ...entry.opening, reason: approval.reason, ticket: approval.ticket, undo_of: one.undo_of } }, ...audit.map((old) => (old.number === one.undo_of ? { ...old, undone_by: entry.number, is_undoable: false } : old))];
        targets.push(result);
      }
      const finished = new Date(Date.parse(NOW) + 2000).toISOString();
      const notBegun = shown.slice(kept.length).flatMap((one) => (one.target ? [one.target] : []));
      return { id: "run", connection: "c1", kind: preview.kind, started: NOW, finished, targets, not_begun: notBegun, problem: null, outcome: scenario.stopped ? "partly" : (targets[0]?.outcome ?? "nothing_to_do"), is_sealed: scenario.sealed ?? true };
    },
    stopAction: () => undefined,
    actionAudit: ({ filter, limit }) => {
      const text = (filter.text ?? "").toLowerCase();
      const holds = (one: AuditEntry): boolean =>
        (!filter.kind || one.opening.kind === filter.kind) && (!filter.only_open || one.closing === null) && (text === "" || JSON.stringify([one.opening.target, one.opening.operator, one.opening.reason, one.opening.ticket]).toLowerCase().includes(text));
      const entries = audit.filter(holds);
      return { entries: entries.slice(0, limit), total: entries.length, next: null };
    },
    auditedConnections: () => [{ id: "c1", name: "acme", org: "https://acme.okta.com", entries: audit.length, exists: true }],
    verifyAudit: () => ({ connection: "c1", at: NOW, state: "intact" as const, rows: 19, sealed: 19, changed_row: null, open: 0, acknowledged: [], ...scenario.verification }),
    acknowledgeAudit: (_id, reason) => ({ connection: "c1", at: NOW, state: "acknowledged" as const, rows: 20, sealed: 20, changed_row: null, open: 0, acknowledged: [{ number: 20, at: NOW, operator: "jo", reason, changed_row: 12, rows: 19, sealed: 19 }] }),
    saveAudit: (_id, format) => `Documents/okta-connector-acme-audit.${format === "report" ? "md" : format}`,
    resolveOpenActions: () => {
      const open = audit.filter((one) => one.closing === null);
      audit = audit.map((one) => (one.closing ? one : { ...entryOf(one.number, one.opening.kind, one.opening.target.type === "user" ? one.opening.target.login : one.opening.target.range, 3, "done"), opening: one.opening }));
      return open;
    },
    blockedNow: () => {
      needToken();
      return scenario.blocked ?? { at: NOW, ours: [], others: [], gone: [], unreadable: 0 };
    },
    dueActionEnds: () => scenario.due ?? [],
    rehearseActions: async ({ user, address }, news: Channel) => {
      needToken();
      const kinds: [ActionKind, string | null][] = [["lock_down", user], ["lift_lockdown", user], ["end_sessions", user], ["block_address", address], ["unblock_address", address]];
      const steps = kinds.map(([kind, typed]) => {
        if (typed === null) return { kind, outcome: null, result: null, problem: null };
        const shown = previewOf(kind, [typed]).targets[0];
        const result = shown ? resultOf(shown, nextNumber()) : null;
        if (result) news.onmessage({ type: "finished", index: 0, total: kinds.length, result });
        return { kind, outcome: result?.outcome ?? null, result, problem: null };
      });
      return { connection: "c1", started: NOW, finished: NOW, steps, proven: ["suspend_user" as const, "unsuspend_user" as const], is_practice: false };
    },
    mayBlockIpv6: () => ipv6,
    setMayBlockIpv6: (_id, on) => {
      ipv6 = on;
    },
  } satisfies Partial<Handlers>;
}

/** The scenarios of the actions screen. */
export const ACTION_SCENARIOS = {
  actions: { audit: auditEntries(), blocked: BLOCKED },
  actions_empty: {},
  actions_token: { token: { state: "needed" }, audit: auditEntries() },
  actions_held: { token: { state: "held", owner: "svc-radiant@example.com", until: "2026-03-10T10:30:00Z" } },
  actions_forbidden: { token: { state: "forbidden" }, audit: auditEntries() },
  actions_partly: { outcome: "partly" },
  actions_unknown: { outcome: "unknown", sealed: false },
  actions_failed: { outcome: "failed" },
  actions_running: { hangsAfter: 1 },
  actions_stopped: { stopped: true },
  actions_expired: { expires: "2026-03-10T10:14:00Z" },
  actions_changed: { audit: auditEntries(), verification: { state: "changed", sealed: 0, changed_row: 12, open: 1 } },
  actions_due: { audit: auditEntries(), due: [{ entry: 9, kind: "block_address", target: { type: "address", range: "198.51.100.7" }, ends_at: "2026-03-10T10:00:00Z", is_due: true }] },
} as const satisfies Record<string, ActionScenario>;
