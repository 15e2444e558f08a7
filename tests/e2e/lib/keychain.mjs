/** The keychain of the private desktop: its daemon and the entries that it holds. */
import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const KEYCHAIN = fileURLToPath(new URL("../../desktop/keychain.sh", import.meta.url));
export const PRACTICE_SERVICE = "ai.radiantsecurity.okta-connector.practice";
export const REAL_SERVICE = "ai.radiantsecurity.okta-connector";

/** `lock`, `unlock`, `restart`, `start` or `stop` the desktop's keychain. */
export function keychain(what) {
  execFileSync("/bin/bash", [KEYCHAIN, what], { stdio: ["ignore", "inherit", "inherit"] });
}

/** The tokens the keychain holds under a service: what each entry's value names as its secret. */
export const secrets = (service) => entries(service).map((entry) => JSON.parse(entry.value).secret);

/** The entries the keychain holds under a service: whose they are and their whole value. A probe that is under way is none. */
export function entries(service) {
  for (let turn = 0; turn < 20; turn++) {
    const answer = spawnSync("secret-tool", ["search", "--all", "--unlock", "service", service], { encoding: "utf8" });
    if (answer.stderr.includes("org.freedesktop.secrets")) return [];
    // An item that is deleted while it is read ends the search, or lacks its value.
    if (answer.stderr.includes("secret-tool:")) continue;
    // Items come on one stream, their attributes on the other, in one order.
    const values = [...answer.stdout.matchAll(/^secret = (.*)$/gm)].map((match) => match[1]);
    const users = [...`${answer.stdout}\n${answer.stderr}`.matchAll(/^attribute\.username = (.*)$/gm)].map((match) => match[1]);
    if (values.length === users.length) return values.map((value, i) => ({ user: users[i], value })).filter(({ user }) => !user.startsWith("probe/"));
  }
  throw new Error("secret-tool tells other values than names");
}

/** Keeps an entry under a service, as the app would. */
export function keepEntry(service, { user, value }) {
  execFileSync("secret-tool", ["store", "--label", user, "service", service, "username", user], { input: value, stdio: ["pipe", "ignore", "inherit"] });
}
