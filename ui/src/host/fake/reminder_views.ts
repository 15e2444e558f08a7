/** Example reminders, one of each kind, and removing them from a view. */
import type { ConnectionView, Reminder, ReminderKind } from "../model";
import { finishedView, NOW } from "./connection_views";

/** Removes reminders from a view. */
export function removeReminders(view: ConnectionView, ...kinds: ReminderKind[]): void {
  view.reminders = view.reminders.filter((one) => !kinds.includes(one.kind));
}

/** Confirms the owner and its roles: removes their reminders and the condition that roles can no longer be read. */
export function confirmOwner(view: ConnectionView): void {
  removeReminders(view, "owner_service", "owner_person", "roles_changed", "roles_untold");
  const standing = view.monitor.conditions.filter((one) => one.problem.code !== "roles_no_longer_told");
  if (standing.length < view.monitor.conditions.length) {
    view.status = { ...view.status, state: "ok", problem: null, row: null, since: null };
    view.repair = null;
  }
  view.monitor.conditions = standing;
}

const LONG_AGO = "2025-08-20T09:00:00Z";
const about = (kind: ReminderKind, change: Partial<Reminder>): Reminder => ({ kind, of: LONG_AGO, since: "2026-03-01T09:00:00Z", observed_at: null, args: {}, act: null, link: null, ...change });

/** One reminder of each kind. */
export const REMINDERS: Record<ReminderKind, Reminder> = {
  roles_changed: about("roles_changed", {
    observed_at: NOW,
    args: { owner: "svc-radiant@example.com", before: "Super Administrator", now: "Organization Administrator, Report Administrator", time: "2025-08-20" },
    act: "confirm",
    link: { to: "okta_user_roles", id: "00u1" },
  }),
  roles_untold: about("roles_untold", {
    observed_at: NOW,
    args: { owner: "svc-radiant@example.com", before: "Super Administrator", time: "2025-08-20" },
    act: "confirm",
    link: { to: "okta_user_roles", id: "00u1" },
  }),
  token_expires: about("token_expires", { observed_at: NOW, args: { name: "Radiant Security API Token", time: "2026-03-21" }, link: { to: "okta_tokens" } }),
  token_idle: about("token_idle", { observed_at: "2026-02-12T08:00:00Z", args: { time: "2026-02-12", until: "2026-03-14" }, act: "resume" }),
  network_restricted: about("network_restricted", { observed_at: NOW, args: { name: "Radiant Security API Token" }, link: { to: "okta_tokens" } }),
  owner_person: about("owner_person", { observed_at: NOW, args: { owner: "jo.doe@example.com", time: "2025-11-02" }, act: "confirm", link: { to: "okta_user", id: "00u1" } }),
  owner_service: about("owner_service", { observed_at: NOW, args: { owner: "svc-radiant@example.com", time: "2025-11-02" }, act: "confirm", link: { to: "okta_user", id: "00u1" } }),
  token_age: about("token_age", { args: { days: "180", time: "2025-08-20" }, act: "rotate" }),
  action_ends: about("action_ends", { of: "2026-03-01T05:45:00Z", args: { target: "jo.doe@example.com", time: "2026-03-02", entry: "12" } }),
  checks_paused: about("checks_paused", { of: "2026-02-20T05:45:00Z", args: { time: "2026-02-20" }, act: "resume" }),
  notices_off: about("notices_off", { of: "2026-02-24T05:45:00Z", args: { time: "2026-02-24" }, act: "notices" }),
};

/** Returns a finished connection without a problem, with these reminders due. */
export function viewWithReminders(...kinds: ReminderKind[]): ConnectionView {
  return finishedView("c1", "acme", (view) => (view.reminders = kinds.map((kind) => REMINDERS[kind])));
}
