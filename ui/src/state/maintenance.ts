/** Times ahead, as pure functions of the present: planned work as it is typed, and the next morning. */
import type { Maintenance } from "../host/model";

/** What is wrong with planned work as typed; `null` when it can be kept. */
export type MaintenanceFault = "from" | "until" | "order" | "over" | "note";
/** Characters a note may have. */
export const NOTE_LENGTH = 120;

/** Reads planned work as typed in local time: the window to keep, or what is wrong with it. */
export function plan(from: string, until: string, note: string, now: number): { kept: Maintenance } | { fault: MaintenanceFault } {
  const [begins, ends] = [Date.parse(from), Date.parse(until)];
  if (Number.isNaN(begins)) return { fault: "from" };
  if (Number.isNaN(ends)) return { fault: "until" };
  if (ends <= begins) return { fault: "order" };
  if (ends <= now) return { fault: "over" };
  if (note.trim().length > NOTE_LENGTH) return { fault: "note" };
  return { kept: { from: new Date(begins).toISOString(), until: new Date(ends).toISOString(), note: note.trim() } };
}

/** A moment as a field for local time takes it, in whole minutes. */
export function localMinute(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** Eight o'clock of the next local morning. */
export function tomorrowMorning(now: number): string {
  const morning = new Date(now);
  morning.setDate(morning.getDate() + 1);
  morning.setHours(8, 0, 0, 0);
  return morning.toISOString();
}
