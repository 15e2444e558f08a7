/** The processes that are killed, and what brings back those that are not the app's own. */
import { until } from "../lib/driver.mjs";
import { keychain } from "../lib/keychain.mjs";
import { agents, processes, windows } from "../lib/processes.mjs";
import { killSessionBus, ownerOf, startSessionBus } from "../lib/services.mjs";

/** The ids of the processes of each victim; `web` is the one that draws the page. */
const KILLED = {
  window: () => windows(),
  agent: () => agents(),
  web: () => processes("WebKitWebProcess").map(Number),
  keychain: () => [ownerOf("org.freedesktop.secrets")],
};

/** Finds a victim, and returns what kills it. */
export function target(victim) {
  if (victim === "bus") return () => killSessionBus();
  const ids = KILLED[victim]();
  if (ids.length === 0) throw new Error(`there is no ${victim} to kill`);
  return async () => {
    for (const id of ids) process.kill(id, "SIGKILL");
  };
}

/** Starts again what the desktop would start again: keychain and session bus. */
export async function bringBack(victim) {
  if (victim === "keychain") {
    await until("the keychain to be gone", () => isGone("org.freedesktop.secrets"));
    keychain("start");
  }
  if (victim === "bus") await startSessionBus();
}

function isGone(name) {
  try {
    return !ownerOf(name);
  } catch {
    return true;
  }
}
