/**
 * The texts of the window: one catalog per language, shared with the Rust side, with typed keys, so that a missing key is a type
 * error. Also the only place that formats numbers, times and durations. It never calls the app and never builds HTML.
 */
import { createSubscriber } from "svelte/reactivity";

import en from "../messages/en.json";

/** The name of a message. */
export type MessageKey = keyof typeof en;
/** A language with a catalog. */
export type CatalogLanguage = "en" | "de";
/** Values for a message's placeholders. */
export type MessageArgs = Readonly<Record<string, string | number>>;
/** The stem of messages that exist as `<stem>.one` and `<stem>.other`. */
export type PluralStem = MessageKey extends infer K ? (K extends `${infer Stem}.other` ? Stem : never) : never;

/** A status that has a label: the statuses of the model and their variants. */
export type LabeledStatus = MessageKey extends infer K ? (K extends `state.${infer Status}` ? Status : never) : never;

type Catalog = Record<MessageKey, string>;

/** The catalogs that are loaded. English is always there; another one is loaded with its language, to start faster. */
const catalogs: Partial<Record<CatalogLanguage, Catalog>> = { en };
const loaders: Record<CatalogLanguage, () => Promise<Catalog>> = {
  en: async () => en,
  de: async () => (await import("../messages/de.json")).default,
};
let current: CatalogLanguage = "en";
let wanted: CatalogLanguage = "en";
let changed = (): void => undefined;
const subscribe = createSubscriber((update) => {
  changed = update;
});

/** Returns the language in use. A component that reads it is updated when it changes. */
export function language(): CatalogLanguage {
  subscribe();
  return current;
}

/** Switches to another language once its catalog is loaded. The language that was asked for last is used. */
export async function setLanguage(next: CatalogLanguage): Promise<void> {
  wanted = next;
  catalogs[next] ??= await loaders[next]();
  if (wanted !== next) return;
  current = next;
  changed();
}

/** Returns the message `key`; `{name}` is replaced by the argument of that name, and stays as it is without one. */
export function t(key: MessageKey, args: MessageArgs = {}): string {
  const text = (catalogs[language()] ?? en)[key];
  return text.replace(/\{(\w+)\}/g, (all, name: string) => (name in args ? String(args[name]) : all));
}

/** Returns the message for `count` things: `<stem>.one` or `<stem>.other`, with `{n}` filled in. */
export function plural(stem: PluralStem, count: number, args: MessageArgs = {}): string {
  const form = new Intl.PluralRules(language()).select(count) === "one" ? "one" : "other";
  return t(`${stem}.${form}` as MessageKey, { n: formatNumber(count), ...args });
}

/**
 * Returns the label of a status, the same in the whole app. `receiving` and `okta_ready` are variants of `ok` that say what was
 * verified in Radiant; `offline` is the variant of `working` in which nothing could be reached.
 */
export function statusLabel(status: LabeledStatus): string {
  return t(`state.${status}`);
}

/** Formats a number. */
export function formatNumber(value: number): string {
  return new Intl.NumberFormat(language()).format(value);
}

/** Formats a size: "840 bytes", "412 kB", "3.4 MB". */
export function fileSize(bytes: number): string {
  const unit = bytes < 1000 ? "byte" : bytes < 1_000_000 ? "kilobyte" : "megabyte";
  const value = unit === "byte" ? bytes : unit === "kilobyte" ? Math.ceil(bytes / 1000) : bytes / 1_000_000;
  return new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: unit === "byte" ? "long" : "short", maximumFractionDigits: 1 }).format(value);
}

/** Formats a limit that is set in megabytes: "256 MB", "2 GB". */
export function megabytes(value: number): string {
  const isLarge = value >= 1_024;
  const unit = isLarge ? "gigabyte" : "megabyte";
  return new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 }).format(isLarge ? value / 1_024 : value);
}

/** Formats a local time of day with seconds. */
export function timeOfDay(at: string): string {
  return new Intl.DateTimeFormat(language(), { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false }).format(new Date(at));
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Formats a time. Formatters are cached, because long lists format many times and creating one is slow. */
function format(locale: string, options: Intl.DateTimeFormatOptions, at: string): string {
  const key = `${locale} ${JSON.stringify(options)}`;
  const formatter = formatters.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formatters.set(key, formatter);
  return formatter.format(new Date(at));
}

/** Formats a local time of day without seconds. */
export function hourAndMinute(at: string): string {
  return format(language(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, at);
}

/** Returns the locale of short dates, in which the day comes before the month. */
function shortDateLocale(): string {
  return language() === "en" ? "en-GB" : language();
}

/** Formats a local weekday and day: "Tue 10". */
export function dayOfWeek(at: string): string {
  return format(shortDateLocale(), { weekday: "short", day: "numeric" }, at);
}

/** Formats a local day and month: "10 Mar". */
export function dayOfMonth(at: string): string {
  return format(shortDateLocale(), { day: "numeric", month: "short" }, at);
}

/** Formats a time as short as it is clear from `now`: the time alone today, with the weekday this week, with day and month this year, else in full. */
export function shortTime(at: string, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  if (then.toDateString() === today.toDateString()) return hourAndMinute(at);
  if (then.getFullYear() !== today.getFullYear()) return dateAndTime(at);
  if (Math.abs(now - then.getTime()) > 6 * 86_400_000) return `${dayOfMonth(at)}, ${hourAndMinute(at)}`;
  return `${format(language(), { weekday: "short" }, at)} ${hourAndMinute(at)}`;
}

/** Formats a local date and time. */
export function dateAndTime(at: string): string {
  return format(language(), { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" }, at);
}

/** Formats a local date. */
export function dateOnly(at: string): string {
  return format(language(), { dateStyle: "medium" }, at);
}

/** Formats a local date and time with seconds and time zone, for the tooltip. */
export function fullDateAndTime(at: string): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: "full", timeStyle: "long" }).format(new Date(at));
}

/** Returns the arguments of a message with every date among them (`2026-03-10`) formatted. */
export function withDates(args: MessageArgs): MessageArgs {
  const options: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeZone: "UTC" };
  const formatDate = (value: string | number): string | number => (/^\d{4}-\d\d-\d\d$/.test(String(value)) ? format(language(), options, String(value)) : value);
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, formatDate(value)]));
}

/** Durations below this many seconds are shown in seconds. */
export const SECONDS_SHOWN_BELOW = 120;

/** Formats a duration in the largest fitting unit, rounded. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < SECONDS_SHOWN_BELOW) return plural("ui.time.seconds", whole);
  if (whole < 7200) return plural("ui.time.minutes", Math.round(whole / 60));
  if (whole < 172_800) return plural("ui.time.hours", Math.round(whole / 3600));
  return plural("ui.time.days", Math.round(whole / 86_400));
}

/** Formats a chosen duration without rounding: "10 minutes", "1 hour", "24 hours", "7 days". */
export function exactDuration(seconds: number): string {
  if (seconds % 86_400 === 0 && seconds > 86_400) return plural("ui.time.days", seconds / 86_400);
  if (seconds % 3600 === 0) return plural("ui.time.hours", seconds / 3600);
  if (seconds % 60 === 0) return plural("ui.time.minutes", seconds / 60);
  return plural("ui.time.seconds", seconds);
}

/** Joins items into "a, b and c". */
export function joinList(items: readonly string[]): string {
  return new Intl.ListFormat(language(), { type: "conjunction" }).format(items);
}
