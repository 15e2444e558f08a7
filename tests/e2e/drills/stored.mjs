/** What the app has stored, in its database and in the keychain, and what may have become of it after a kill. */
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { DATABASE } from "../lib/desktop_access.mjs";
import { entries, REAL_SERVICE } from "../lib/keychain.mjs";
import { GUIDE_SIDES, INTERVAL_S, TOGGLED } from "./drill_constants.mjs";

const SCRIPT = fileURLToPath(new URL("../../desktop/stored_state.py", import.meta.url));

/** What the database holds. */
export const stored = (...words) => JSON.parse(execFileSync("/usr/bin/python3", [SCRIPT, DATABASE, ...words], { encoding: "utf8" }));

/** Stores the short time between probes. */
export const shortenInterval = () => stored("--interval", String(INTERVAL_S));

/** What database and keychain hold. */
export const everything = () => ({ ...stored(), keychain: Object.fromEntries(entries(REAL_SERVICE).map(({ user, value }) => [user, JSON.parse(value).secret])) });

/** The status of each connection, by its id. It does not block this process, which answers for the organization. */
export const statusesNow = () =>
  new Promise((done, fail) => {
    execFile(process.env.E2E_CLI, ["status", "--json"], { encoding: "utf8" }, (error, stdout) => {
      try {
        // Its exit code is that of the worst status.
        done(Object.fromEntries(JSON.parse(stdout).connections.map((one) => [one.id, one])));
      } catch {
        fail(error ?? new Error(`no status: ${stdout}`));
      }
    });
  });

/** Fails unless everything is as before the activity, or as the activity would leave it. */
export function assertNothingLost(before, after, activity, { healthy, toggled, guide, org }) {
  const { tokens } = org.card;
  assert.deepEqual(after.integrity, ["ok"]);
  assert.deepEqual(Object.keys(after.connections), Object.keys(before.connections));
  for (const id of [healthy, toggled]) {
    assert.deepEqual(after.connections[id], before.connections[id]);
    assert.deepEqual(after.guide_state[id], before.guide_state[id]);
  }
  assert.ok(after.newest_report >= before.newest_report, "a report is gone");
  assertGuide(before, after, guide, activity === "guide");
  assertRotation(before.rotation[healthy], after.rotation[healthy], activity === "rotation");
  const next = `${healthy}/next_okta_token`;
  const isNext = (name) => name === next;
  const kept = [healthy, toggled, guide].map((id) => `${id}/okta_token`).sort();
  assert.deepEqual(after.secret_index.filter((name) => !isNext(name)), kept, "the index of secrets");
  assert.deepEqual(Object.keys(after.keychain).filter((name) => !isNext(name)).sort(), kept, "the keychain's entries");
  for (const name of after.secret_index) assert.ok(after.keychain[name], `the keychain lacks ${name}`);
  assert.equal(after.keychain[`${healthy}/okta_token`], tokens.super_admin);
  assert.equal(after.keychain[`${toggled}/okta_token`], tokens[TOGGLED]);
  if (activity === "rotation") assert.ok([undefined, tokens.super_admin_next].includes(after.keychain[next]), "the new token");
  else assert.deepEqual([after.keychain[next], after.secret_index.some(isNext)], [before.keychain[next], before.secret_index.some(isNext)]);
  const guideTokens = activity === "guide" ? GUIDE_SIDES.map((side) => tokens[side.principal]) : [before.keychain[`${guide}/okta_token`]];
  assert.ok(guideTokens.includes(after.keychain[`${guide}/okta_token`]), "the guide's token is neither the old nor the new one");
}

/** Each value of the guide is that of either side, and where nothing was typed, the same. */
function assertGuide(before, after, id, isTyped) {
  const values = ({ connections, guide_state }) => {
    const { name, origin } = connections[id];
    const { step, typed_domain, token_name, credential_name, confirmed } = guide_state[id];
    return { name, at: origin.at, step, typed_domain, token_name, credential_name, has: confirmed.some((one) => one.what === "has_service_account") };
  };
  if (!isTyped) {
    assert.deepEqual(values(after), values(before));
    return;
  }
  const sides = GUIDE_SIDES.map(({ name, typed, step, names, has }) => ({ name, at: before.connections[id].origin.at, step, typed_domain: typed, token_name: names[0], credential_name: names[1], has }));
  for (const [key, value] of Object.entries(values(after))) assert.ok(sides.some((side) => side[key] === value), `the guide's ${key} is ${value}`);
}

/** A rotation is as before or begun; it is never finished by itself, and the token it replaces stays in use. */
function assertRotation(before, after, isRun) {
  if (!isRun || JSON.stringify(before) === JSON.stringify(after)) {
    assert.deepEqual(after, before);
    return;
  }
  assert.equal(after.finished, null);
  assert.ok(["create", "paste"].includes(after.step), `the rotation is at ${after.step}`);
}
