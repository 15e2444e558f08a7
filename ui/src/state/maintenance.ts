/** Planned maintenance as it is typed, and the end of a pause. Pure functions of the present time. */
import type { Maintenance } from "../host/model";

/** What is wrong with a maintenance window as typed. */
export type MaintenanceFault = "from" | "until" | "order" | "over" | "note";
/** The milliseconds of an hour. */
export const HOUR_MS = 3_600_000;
/** The most characters a note may have. */
export const NOTE_LENGTH = 120;

/** Parses a maintenance window typed in local time: the window to store, or what is wrong with it. */
export function parseMaintenance(from: string, until: string, note: string, now: number): { window: Maintenance } | { fault: MaintenanceFault } {
  const [start, end] = [Date.parse(from), Date.parse(until)];
  if (Number.isNaN(start)) return { fault: "from" };
  if (Number.isNaN(end)) return { fault: "until" };
  if (end <= start) return { fault: "order" };
  if (end <= now) return { fault: "over" };
  if (note.trim().length > NOTE_LENGTH) return { fault: "note" };
  return { window: { from: new Date(start).toISOString(), until: new Date(end).toISOString(), note: note.trim() } };
}

/** Formats a time for a `datetime-local` field, in whole minutes. */
export function localMinute(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** Returns the time that a `datetime-local` field holds, or `null` where it is empty. */
export function timeTyped(local: string): string | null {
  return local === "" ? null : new Date(local).toISOString();
}

/** Returns eight o'clock of the next local morning. */
export function tomorrowMorning(now: number): string {
  const morning = new Date(now);
  morning.setDate(morning.getDate() + 1);
  morning.setHours(8, 0, 0, 0);
  return morning.toISOString();
}
