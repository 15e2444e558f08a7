/** Texts about reminders. */
import type { ReminderKind } from "../../host/model";

/** Returns the message key of what a reminder is dismissed for. */
export function dismissalKey(kind: ReminderKind, paused: boolean): "ui.reminders.dismiss" | "ui.reminders.dismiss.pause" | "ui.reminders.dismiss.notices" {
  if (kind === "notices_off") return "ui.reminders.dismiss.notices";
  return kind === "checks_paused" || (kind === "token_idle" && paused) ? "ui.reminders.dismiss.pause" : "ui.reminders.dismiss";
}
