/** The desktop's services, started and ended by a test: tray host, notification service, session bus. */
import { execFileSync, spawn } from "node:child_process";
import { openSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { log, PRIVATE_DESKTOP } from "./desktop_access.mjs";
import { until } from "./driver.mjs";
import { keychain } from "./keychain.mjs";

const file = (name) => fileURLToPath(new URL(`../../desktop/${name}`, import.meta.url));
const BUS = "org.freedesktop.DBus";
const call = (method, ...args) =>
  execFileSync("gdbus", ["call", "--session", "--dest", BUS, "--object-path", "/org/freedesktop/DBus", "--method", `${BUS}.${method}`, ...args], { encoding: "utf8", stdio: "pipe" });

/** Starts a service whose log begins anew, and waits until it is on the bus. */
async function serve(script, journal, ...words) {
  const child = spawn("/usr/bin/python3", [file(script), ...words], { stdio: ["ignore", openSync(`${PRIVATE_DESKTOP}/${journal}`, "w"), "inherit"] });
  await until(script, () => log(journal).some((line) => line.event === "ready"));
  return child;
}

/** A tray host; an item that registers is in its log. */
export const startTrayHost = () => serve("tray_host.py", "tray.jsonl");
/** A notification service. */
export const startNotificationService = () => serve("notification_service.py", "notifications.jsonl");

/** A program that answers in the agent's place as one of another version; what the window asks of it is in its log. */
export const startOtherAgent = (version, ...words) => serve("other_agent.py", "other_agent.jsonl", version, ...words);

/** Ends a service as a crash would. */
export async function endService(child) {
  child.kill("SIGKILL");
  await until("the service to end", () => child.signalCode !== null || child.exitCode !== null);
}

/** The process that owns a name on the session bus. */
export const ownerOf = (name) => Number(/(\d+),\)/.exec(call("GetConnectionUnixProcessID", name))[1]);

/** Kills the session bus, and with it whatever cannot live without one; returns once it does not answer. */
export async function killSessionBus() {
  process.kill(ownerOf(BUS), "SIGKILL");
  await until("the session bus to end", () => {
    try {
      return !call("GetId");
    } catch {
      return true;
    }
  });
}

/** Starts another session bus at the same address, with the desktop's services on it. */
export async function startSessionBus() {
  const path = `${PRIVATE_DESKTOP}/bus`;
  rmSync(path, { force: true });
  spawn("dbus-daemon", [`--config-file=${file("session_bus.conf")}`, "--nofork", `--address=unix:path=${path}`], { stdio: "ignore" });
  await until("the new session bus", () => call("GetId"));
  const started = [await startTrayHost(), await startNotificationService()];
  // The keychain's daemon ended with the bus it was on, or still waits for that.
  keychain("unlock");
  return started;
}
