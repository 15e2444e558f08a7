/** The notifications as the desktop's service received them, their expected texts, and clicking one. */
import { execFileSync } from "node:child_process";

import { log } from "./desktop_access.mjs";
import { raw } from "./messages.mjs";

/** Every notice, in the order they came. */
export const notifications = () => log("notifications.jsonl").filter((line) => line.event === "notice");

/** A whole text that a message may become: each of its placeholders stands for something. */
function filled(text, args = {}) {
  const parts = text.split(/(\{\w+\})/).map((part) => (/^\{\w+\}$/.test(part) ? (args[part.slice(1, -1)] ?? "[^{}]+") : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  return parts.join("");
}

const whole = (source) => new RegExp(`^${source}$`);
const titled = (code) => filled(raw(`code.${code}.title`));
const named = (name, isPractice) => filled(isPractice ? `PRACTICE \u00b7 ${name}` : name);

/** What is said when a code makes it worse: whose it is and its title, then what it means. */
export const worse = (name, code, isPractice = true) => ({ summary: whole(`${named(name, isPractice)}: ${titled(code)}`), body: whole(filled(raw(`code.${code}.meaning`))) });

/** What is said when it is well again: whose it is, and what no longer holds. */
export const recovered = (name, code) => ({
  summary: whole(filled(raw("notice.recovered"), { name: named(name, true) })),
  body: whole(filled(raw("notice.recovered_body"), { what: titled(code) })),
});

/** Clicks a notification as a person would. */
export function press(notice) {
  const where = ["--dest", "org.freedesktop.Notifications", "--object-path", "/org/freedesktop/Notifications"];
  execFileSync("gdbus", ["call", "--session", ...where, "--method", "org.freedesktop.Notifications.TestInvoke", String(notice.id), "default"], { stdio: "pipe" });
}
