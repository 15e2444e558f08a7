/** Applies a change of the monitor settings as the app applies it to the stored ones: a field that is not named stays. */
import type { MonitorSettingsPatch, MonitorSettings } from "./model";

/** The fields of a change that have a value. */
function namedFields<T extends object>(change: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== null && value !== undefined)) as { [K in keyof T]?: NonNullable<T[K]> };
}

/** Returns the settings with `change` applied. */
export function applyMonitorSettingsPatch(settings: MonitorSettings, change: MonitorSettingsPatch): MonitorSettings {
  const { plan, unplan, reminders, ...values } = namedFields(change);
  const removed = (one: MonitorSettings["maintenance"][number]): boolean => one.from === unplan?.from && one.until === unplan.until && one.note === unplan.note;
  const maintenance = [...settings.maintenance.filter((one) => !removed(one)), ...(plan ? [plan] : [])];
  return { ...settings, ...values, maintenance, reminders: { ...settings.reminders, ...namedFields(reminders ?? {}) } };
}
