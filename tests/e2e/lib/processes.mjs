/**
 * The app's two programs on this desktop: the window's process and the agent. Each is found by the program it runs, because the
 * kernel cuts both names to the same 15 characters.
 */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

import { PRIVATE_DESKTOP, read } from "./desktop_access.mjs";
import { freePort, until } from "./driver.mjs";

export const APP = process.env.E2E_APP;
export const APP_NAME = basename(APP);
export const AGENT_NAME = "okta-connector-agent";

/** Processes of this desktop whose program's file name begins with a text. */
export function processes(name) {
  return readdirSync("/proc").filter((id) => /^\d+$/.test(id) && read(`/proc/${id}/environ`).includes(`PRIVATE_DESKTOP=${PRIVATE_DESKTOP}\0`)).filter((id) => program(id).startsWith(name));
}

function program(id) {
  try {
    return readlinkSync(`/proc/${id}/exe`).split("/").at(-1) ?? "";
  } catch {
    return "";
  }
}

/** The ids of every agent and of every window's process. */
export const agents = () => processes(AGENT_NAME).map(Number);
export const windows = () => processes(APP_NAME).map(Number);
/** The web view's processes of every window. */
export const webProcesses = () => ["WebKitWebProcess", "WebKitNetworkProcess", "WebKitGPUProcess"].flatMap((name) => processes(name).map(Number));

/** Waits for the one agent, or the one window's process, and returns its id. */
export const agent = (ms = 20_000) => only("agent", agents, ms);
export const window = (ms = 20_000) => only("window's process", windows, ms);

async function only(what, ids, ms) {
  const found = await until(`one ${what}`, () => (ids().length === 1 ? ids() : Promise.reject(new Error(`there are ${ids().length}`))), ms);
  return found[0];
}

/** Waits until the agent is all that is left of the app. */
export const onlyAgentLeft = (ms = 10_000) =>
  until("only the agent to be left", () => agents().length === 1 && windows().length === 0 && webProcesses().length === 0, ms);

/** Ends a process as a crash would, and waits until it is gone. */
export async function crash(id) {
  process.kill(id, "SIGKILL");
  await until(`process ${id} to end`, () => ![...agents(), ...windows(), ...webProcesses()].includes(id));
}

/** Kills what is left of the app on this desktop: windows first, because an open one starts an agent again. What has just ended is no error. */
export function killApp() {
  for (const id of [...windows(), ...agents()]) kill(id);
}

function kill(id) {
  try {
    process.kill(id, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/**
 * Starts the agent alone, as at login. The windows it starts can be joined by a driver (`App.joined`). Returns its process,
 * which is the one that was started: the app replaces itself by the agent.
 */
export async function startAgent(args = ["--hidden"]) {
  const env = { ...process.env, TAURI_WEBVIEW_AUTOMATION: "true", WEBKIT_INSPECTOR_SERVER: `127.0.0.1:${await freePort()}` };
  const child = spawn(APP, args, { env, stdio: "ignore" });
  await agent();
  return child;
}

/** The variables a process was started with. */
export const environment = (id) => Object.fromEntries(parts(id, "environ").map((one) => [one.split("=", 1)[0], one.slice(one.indexOf("=") + 1)]));
/** The arguments of a process. */
export const argumentsOf = (id) => parts(id, "cmdline").slice(1);
/** The parent of a process. */
export const parentOf = (id) => Number(/\nPPid:\t(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1]);

const parts = (id, file) => readFileSync(`/proc/${id}/${file}`, "utf8").split("\0").slice(0, -1);

/** Starts the app once more and returns how it ended: at once, because one of its kind runs. */
export async function secondStart(...args) {
  const child = spawn(APP, args, { stdio: "ignore" });
  await until("the second start to end", () => child.exitCode !== null || child.signalCode !== null, 20_000);
  return child.exitCode;
}

/** The session a process is in: its own id when it began one. */
export const sessionOf = (id) => Number(readFileSync(`/proc/${id}/stat`, "utf8").split(") ").at(-1).split(" ")[3]);
/** What the first three files of a process are: standard input, output and errors. */
export const standardFiles = (id) => [0, 1, 2].map((number) => readlinkSync(`/proc/${id}/fd/${number}`));
