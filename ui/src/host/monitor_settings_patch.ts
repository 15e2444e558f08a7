/** A change to how connections are watched, as the app makes it to what it keeps: what is not said stays. */
import type { MonitorChange, MonitorSettings } from "./model";

/** What of a change is said. */
function said<T extends object>(change: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== null && value !== undefined)) as { [K in keyof T]?: NonNullable<T[K]> };
}

/** The settings with a change made to them. */
export function changed(kept: MonitorSettings, change: MonitorChange): MonitorSettings {
  const { plan, unplan, reminders, ...figures } = said(change);
  const alike = (one: MonitorSettings["maintenance"][number]): boolean => one.from === unplan?.from && one.until === unplan.until && one.note === unplan.note;
  const maintenance = [...kept.maintenance.filter((one) => !alike(one)), ...(plan ? [plan] : [])];
  return { ...kept, ...figures, maintenance, reminders: { ...kept.reminders, ...said(reminders ?? {}) } };
}
