/**
 * The canaries of monitoring: every token this app can hold is planted, and then watched with, replaced, exported around and written
 * reports about, by the window, by the agent and by `connectorctl`. Each stands in the keychain and nowhere else on the desktop: no file, the
 * log at its most talkative included, no argument, no environment, no answer to the window.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";

import { App } from "../lib/app_window.mjs";
import { DATA, PRIVATE_DESKTOP } from "../lib/desktop_access.mjs";
import { until } from "../lib/driver.mjs";
import { answerDialog, saved } from "../lib/file_dialog.mjs";
import { entries, keepEntry, PRACTICE_SERVICE, REAL_SERVICE, secrets } from "../lib/keychain.mjs";
import { t } from "../lib/messages.mjs";
import { monitoredConnection } from "../lib/monitored_connection.mjs";
import { agent, environment } from "../lib/processes.mjs";
import { RealOrg } from "../lib/real_org.mjs";
import { fileCount, placesOf } from "../lib/secret_search.mjs";

export const desktop = { RUST_LOG: "trace" };

const CLI = process.env.E2E_CLI;
const BUNDLE = `${PRIVATE_DESKTOP}/bundle.json`;
const PRINTED = `${PRIVATE_DESKTOP}/printed.txt`;
/** Streamed news that nobody waits for. */
const UNHEARD = "__CHANNEL__:4000000000";

let app;
export const told = async () => (await app.told()).slice(-8);

export default async function (test) {
  const org = await RealOrg.start();
  app = await App.start();
  /** Each token by its name, as the keychain had it once. */
  const planted = new Map();
  const kept = (name) => entries(PRACTICE_SERVICE).find((entry) => entry.user.endsWith(`/${name}`));
  const plant = (name, as = name) => {
    const entry = kept(name);
    assert.ok(entry, `the keychain holds no ${name}`);
    planted.set(as, JSON.parse(entry.value).secret);
  };
  /** That no canary got out yet; what stands on the page is looked at as well. */
  const nowhere = async () => {
    const page = await app.driver.run(() => document.documentElement.outerHTML + [...document.querySelectorAll("input")].map((one) => one.value).join("\n"));
    const heard = (await app.told()).join("\n");
    for (const [name, token] of planted) {
      assert.ok(!page.includes(token), `${name} stands on the page`);
      assert.ok(!heard.includes(token), `${name} was told to the window`);
    }
    assert.ok(fileCount() > 20, "the search looked through too little");
    assert.deepEqual(placesOf([...planted.values()]), []);
  };
  let id;
  const invoke = (command, args = {}) => app.invoke(command, { id, ...args });
  try {
    await test("the API token, the search token and a monitoring token are planted", async () => {
      id = await monitoredConnection(app, { heartbeat_s: 5, freshness_s: 5 });
      plant("okta_token");
      plant("radiant_search_token");
      // The one that is pasted by hand is a reader's, which the practice organization lends for a moment.
      await invoke("practice_token", { principal: "read_only" });
      plant("okta_token", "monitoring_token");
      await invoke("practice_token", { principal: "super_admin" });
      await invoke("store_secret", { name: "monitoring_token", value: planted.get("monitoring_token"), thisRunOnly: false });
      assert.equal(new Set(planted.values()).size, 3);
      for (const token of planted.values()) assert.match(token, /^[\w-]{20,}$/, "an entry's whole value is no token");
      assert.equal(secrets(PRACTICE_SERVICE).length, 3);
    });
    await test("the window watches with them", async () => {
      await until("a look", async () => (await invoke("connection")).monitor.last, 60_000);
      await nowhere();
    });
    await test("the agent watches with the token of a real connection", async () => {
      await agent();
      planted.set("real_okta_token", org.card.tokens.super_admin);
      await org.connection(app, { settings: {} });
      await until("a probe with the token", () => org.since(0).some((one) => one.path.startsWith("/api/v1/logs")), 60_000);
      // Its arguments and its environment are among what is searched.
      assert.equal(environment(await agent()).PRIVATE_DESKTOP, PRIVATE_DESKTOP);
      await nowhere();
    });
    await test("the API token is replaced, and both tokens are held meanwhile", async () => {
      await invoke("begin_rotation");
      await invoke("practice_new_token");
      plant("next_okta_token");
      const report = await invoke("check_new_token", { news: UNHEARD });
      assert.equal(report.rows.find((row) => row.check === "token").outcome, "passed");
      await invoke("go_to_rotation_step", { step: "update" });
      await invoke("practice_credential");
      await invoke("confirm_credential_updated", { yes: true });
      await invoke("go_to_rotation_step", { step: "watch" });
      assert.equal(planted.get("next_okta_token"), JSON.parse(kept("okta_token").value).secret);
      assert.equal(planted.get("okta_token"), JSON.parse(kept("previous_okta_token").value).secret);
      await invoke("go_to_rotation_step", { step: "revoke" });
      await nowhere();
      await invoke("revoke_old_token");
      assert.equal(secrets(PRACTICE_SERVICE).length, 3);
      await nowhere();
    });
    await test("the diagnostics bundle is saved", async () => {
      await app.driver.run(() => location.reload());
      await app.ready();
      await app.press("button", t("ui.title.settings"));
      await app.press("button", t("ui.diagnostics.open"));
      await app.press("button", t("ui.diagnostics.save"));
      await answerDialog(t("diagnostics.save"), BUNDLE);
      // Practice is left out of it, the log of all that was done here is not.
      assert.ok(JSON.parse(await saved(BUNDLE)).log.length > 0);
      await nowhere();
    });
    await test("connectorctl looks, watches, exports and writes diagnostics with the same tokens", async () => {
      const folder = readdirSync(DATA).find((name) => name.startsWith("practice-run-"));
      const at = ["--data-dir", `${DATA}/${folder}`];
      // The tool knows the real keychain service alone.
      for (const entry of entries(PRACTICE_SERVICE)) keepEntry(REAL_SERVICE, entry);
      const run = (...words) => {
        const { status, stdout, stderr } = spawnSync(CLI, [...words, ...at], { encoding: "utf8", timeout: 60_000 });
        // What it printed lies on the desktop and is searched like every other file.
        appendFileSync(PRINTED, `${stdout}${stderr}`);
        return { status, said: `${stdout}${stderr}` };
      };
      const looked = await until("the tool's turn", () => {
        const { status, said } = run("status", "--look");
        if (status !== 0) throw new Error(`${status}: ${said}`);
        return said;
      });
      assert.match(looked, /^OK/);
      const watch = spawn(CLI, ["watch", "--json", ...at], { stdio: ["ignore", "pipe", "pipe"] });
      let printed = "";
      for (const stream of [watch.stdout, watch.stderr]) stream.on("data", (text) => (printed += text));
      await until("a line of watch", () => printed.includes("\n"), 30_000);
      assert.equal(run("connections", "export", `${PRIVATE_DESKTOP}/exported.json`).status, 0);
      assert.equal(run("diagnostics", `${PRIVATE_DESKTOP}/tool.json`).status, 0);
      await nowhere();
      watch.kill("SIGINT");
      await until("watch to end", () => watch.exitCode !== null || watch.signalCode !== null);
      appendFileSync(PRINTED, printed);
      await nowhere();
    });
    await test("only the monitoring token is kept at the end", async () => {
      await invoke("finish_setup", { keep: "monitoring_token", launchAtLogin: false });
      assert.deepEqual(entries(PRACTICE_SERVICE).map((entry) => entry.user.split("/")[1]).sort(), ["monitoring_token", "radiant_search_token"]);
      await nowhere();
    });
    await test("the search would have found each of them, however it was written", () => {
      const file = `${PRIVATE_DESKTOP}/found`;
      mkdirSync(file);
      for (const [name, token] of planted) {
        for (const [spelled, bytes] of [
          ["plain", Buffer.from(`before ${token} after`)],
          ["UTF-16", Buffer.from(`before ${token} after`, "utf16le")],
          ...["", "1", "12"].map((before) => [`base64 after ${before.length}`, Buffer.from(Buffer.from(`${before}${token}!`).toString("base64"))]),
        ]) {
          writeFileSync(`${file}/one`, bytes);
          assert.deepEqual(placesOf([token]), [`${file}/one`], `${name}, ${spelled}`);
        }
      }
      rmSync(file, { recursive: true });
      const child = spawn("/bin/sh", ["-c", "read line", planted.get("monitoring_token")], { env: { ...process.env, CANARY: planted.get("okta_token") } });
      const of = (what) => [`/proc/${child.pid}/${what}`];
      assert.deepEqual([placesOf([planted.get("monitoring_token")]), placesOf([planted.get("okta_token")])], [of("cmdline"), of("environ")]);
      child.kill();
      // And in what was really written: the owner's login is in the database, the start in the log, the status in what was printed.
      for (const written of ["svc-radiant@practice.example", "\"started\"", "OK - "]) assert.notDeepEqual(placesOf([written]), [], written);
    });
  } finally {
    await app.end();
    org.end();
  }
}
