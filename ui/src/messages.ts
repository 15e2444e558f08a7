/**
 * All the words of the window: one catalogue per language, shared with the Rust side, with typed keys, so that a missing key is
 * a type error. Also the only place that writes numbers, times and durations. It never asks the host and never builds HTML.
 */
import { createSubscriber } from "svelte/reactivity";

import de from "../messages/de.json";
import en from "../messages/en.json";

/** The name of a message. */
export type Key = keyof typeof en;
/** A language the window speaks. */
export type Tongue = "en" | "de";
/** Values for a message's placeholders. */
export type Args = Readonly<Record<string, string | number>>;
/** Stems of the messages that come as `<stem>.one` and `<stem>.other`. */
export type PluralStem = Key extends infer K ? (K extends `${infer Stem}.other` ? Stem : never) : never;

/** The words of a state: the model's, and what is told beside it. */
export type StateWord = Key extends infer K ? (K extends `state.${infer Word}` ? Word : never) : never;

const catalogues: Record<Tongue, Record<Key, string>> = { en, de };
let tongue: Tongue = "en";
let changed = (): void => undefined;
const subscribe = createSubscriber((update) => {
  changed = update;
});

/** The language spoken now. Reading it inside a component follows a change. */
export function spoken(): Tongue {
  subscribe();
  return tongue;
}

/** Speaks another language from now on. */
export function speak(next: Tongue): void {
  tongue = next;
  changed();
}

/** The message `key`; `{name}` is replaced by the argument of that name, and stays as it is when there is none. */
export function t(key: Key, args: Args = {}): string {
  const text = catalogues[spoken()][key];
  return text.replace(/\{(\w+)\}/g, (all, name: string) => (name in args ? String(args[name]) : all));
}

/** The message for `count` things: `<stem>.one` or `<stem>.other`, with `{n}` filled. */
export function plural(stem: PluralStem, count: number, args: Args = {}): string {
  const form = new Intl.PluralRules(spoken()).select(count) === "one" ? "one" : "other";
  return t(`${stem}.${form}` as Key, { n: number(count), ...args });
}

/**
 * The word of a state, one set for the whole app. `receiving` and `okta_ready` say of a state that is well what was seen of Radiant;
 * `offline`, that nothing could be asked.
 */
export function stateWord(state: StateWord): string {
  return t(`state.${state}`);
}

/** A whole number as people write it. */
export function number(value: number): string {
  return new Intl.NumberFormat(spoken()).format(value);
}

/** So many bytes as people write them: "840 bytes", "412 kB", "3.4 MB". */
export function size(bytes: number): string {
  const unit = bytes < 1000 ? "byte" : bytes < 1_000_000 ? "kilobyte" : "megabyte";
  const value = unit === "byte" ? bytes : unit === "kilobyte" ? Math.ceil(bytes / 1000) : bytes / 1_000_000;
  return new Intl.NumberFormat(spoken(), { style: "unit", unit, unitDisplay: unit === "byte" ? "long" : "short", maximumFractionDigits: 1 }).format(value);
}

/** A time of day with seconds, local. */
export function clock(at: string): string {
  return new Intl.DateTimeFormat(spoken(), { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false }).format(new Date(at));
}

const writers = new Map<string, Intl.DateTimeFormat>();

/** Writes a time. A writer costs more to make than to use, and long lists write many times. */
function written(language: string, form: Intl.DateTimeFormatOptions, at: string): string {
  const key = `${language} ${JSON.stringify(form)}`;
  const writer = writers.get(key) ?? new Intl.DateTimeFormat(language, form);
  writers.set(key, writer);
  return writer.format(new Date(at));
}

/** A time of day without seconds, local. */
export function hourAndMinute(at: string): string {
  return written(spoken(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, at);
}

/** The language with days before months, as short dates are written here. */
function european(): string {
  return spoken() === "en" ? "en-GB" : spoken();
}

/** A day of the week and its date, local: "Tue 10". */
export function dayOfWeek(at: string): string {
  return written(european(), { weekday: "short", day: "numeric" }, at);
}

/** A day of the month, local: "10 Mar". */
export function dayOfMonth(at: string): string {
  return written(european(), { day: "numeric", month: "short" }, at);
}

/** A point in time as short as it stays clear from `now`: the time alone today, with the day of the week this week, with the day and month this year, else in full. */
export function shortly(at: string, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  if (then.toDateString() === today.toDateString()) return hourAndMinute(at);
  if (then.getFullYear() !== today.getFullYear()) return moment(at);
  if (Math.abs(now - then.getTime()) > 6 * 86_400_000) return `${dayOfMonth(at)}, ${hourAndMinute(at)}`;
  return `${written(spoken(), { weekday: "short" }, at)} ${hourAndMinute(at)}`;
}

/** A day and time, local. */
export function moment(at: string): string {
  return written(spoken(), { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" }, at);
}

/** A day and time with seconds and the zone's name, for the hover text. */
export function momentInFull(at: string): string {
  return new Intl.DateTimeFormat(spoken(), { dateStyle: "full", timeStyle: "long" }).format(new Date(at));
}

/** Values of a message with every day among them, `2026-03-10`, as people write it. */
export function dated(args: Args): Args {
  const form: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeZone: "UTC" };
  const write = (value: string | number): string | number => (/^\d{4}-\d\d-\d\d$/.test(String(value)) ? written(spoken(), form, String(value)) : value);
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, write(value)]));
}

/** Less than this is told in seconds. */
export const TOLD_IN_SECONDS = 120;

/** How long `seconds` are, in the largest fitting unit. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < TOLD_IN_SECONDS) return plural("ui.time.seconds", whole);
  if (whole < 7200) return plural("ui.time.minutes", Math.round(whole / 60));
  if (whole < 172_800) return plural("ui.time.hours", Math.round(whole / 3600));
  return plural("ui.time.days", Math.round(whole / 86_400));
}

/** A chosen length of time, exactly: "10 minutes", "1 hour", "24 hours", "7 days". */
export function exactly(seconds: number): string {
  if (seconds % 86_400 === 0 && seconds > 86_400) return plural("ui.time.days", seconds / 86_400);
  if (seconds % 3600 === 0) return plural("ui.time.hours", seconds / 3600);
  if (seconds % 60 === 0) return plural("ui.time.minutes", seconds / 60);
  return plural("ui.time.seconds", seconds);
}

/** A list in one sentence, "a, b and c". */
export function listed(items: readonly string[]): string {
  return new Intl.ListFormat(spoken(), { type: "conjunction" }).format(items);
}
