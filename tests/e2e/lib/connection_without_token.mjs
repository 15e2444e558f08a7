/** A finished connection whose token is gone from the keychain: the agent reports it with its first probe, without a network. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { DATABASE } from "./desktop_access.mjs";
import { startAgent } from "./processes.mjs";

const SCRIPT = fileURLToPath(new URL("../../desktop/finished_connection.py", import.meta.url));

/** Sets a proxy that nobody serves for what this process starts: nothing leaves the computer. */
export const blockNetwork = () => Object.assign(process.env, { HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY: "127.0.0.1,localhost" });

/** Puts it into the database, as if never probed. Returns its name. */
export function addLostToken() {
  execFileSync("/usr/bin/python3", [SCRIPT, DATABASE, "0", "--one-without-token"], { stdio: ["ignore", "ignore", "inherit"] });
  return "bench-lost";
}

/** Puts it into the database, which has to be there and unused, and starts the agent. Returns the connection's name. */
export async function lostToken() {
  const name = addLostToken();
  blockNetwork();
  await startAgent();
  return name;
}
