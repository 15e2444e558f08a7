/** The texts of response actions: states, reasons and outcomes, from the catalog that the command line and the audit report use. */
import type { IconName } from "../../components/icon_paths";
import type { ActionKind, ActionOutcome, ActionPreview, ActionRun, TargetPreview, TargetState } from "../../host/model";
import { dateAndTime, joinList, type MessageArgs, plural, t } from "../../messages";
import { labelOf } from "../../state/response_actions.svelte";

export const OUTCOME_ICONS: Record<ActionOutcome, IconName> = { done: "check", failed: "cross", partly: "warning", unknown: "question", nothing_to_do: "minus" };

/** The actions in the order in which they are offered. */
export const USER_ACTIONS = ["lock_down", "end_sessions", "lift_lockdown", "expire_password", "reset_factors"] as const satisfies readonly ActionKind[];
export const ADDRESS_ACTIONS = ["block_address", "unblock_address"] as const satisfies readonly ActionKind[];

/** Returns the text of a state. */
export function stateText(state: TargetState): string {
  if (state.type === "unknown") return t("action.status.unknown");
  if (state.type === "user") return t(`action.status.${state.status}`);
  return t(state.is_blocked ? "action.status.blocked" : "action.status.not_blocked");
}

const STATUSES = ["active", "blocked", "deprovisioned", "locked_out", "not_blocked", "password_expired", "provisioned", "recovery", "staged", "suspended", "unknown"] as const;

/** Returns a value of a reason as it is shown: a status by its label, a time in local time. */
function shownArg(name: string, value: string): string {
  const status = name === "status" ? STATUSES.find((one) => one === value) : undefined;
  if (status) return t(`action.status.${status}`);
  return /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(value) ? dateAndTime(value) : value;
}

/** Returns the values of a reason as they are shown. */
export function shownArgs(args: Partial<Record<string, string>>): MessageArgs {
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, shownArg(name, value ?? "")]));
}

/** Returns the label of the button that runs a preview: it says the effect and on whom. */
export function runLabel(preview: ActionPreview, runnable: readonly TargetPreview[]): string {
  const [first] = runnable;
  const target = runnable.length === 1 && first?.target ? labelOf(first.target) : plural(preview.kind === "block_address" || preview.kind === "unblock_address" ? "ui.actions.addresses" : "ui.actions.users", runnable.length);
  return t(`ui.actions.do.${preview.kind}`, { target });
}

/** Returns a text for the help desk about what was done to users, or `null` where nothing was. */
export function helpDeskText(run: ActionRun): string | null {
  const users = run.targets.flatMap((one) => (one.target.type === "user" && (one.outcome === "done" || one.outcome === "partly") ? [one.target.login] : []));
  if (users.length === 0 || run.kind === "block_address" || run.kind === "unblock_address") return null;
  return t(`ui.actions.helpdesk.${run.kind}`, { users: joinList(users), time: dateAndTime(run.finished) });
}
