/**
 * A picture of every screen and state of the real window: light and dark, 1080x720 and 880x600. `cargo xtask screenshots`
 * puts them into target/screenshots as NN-name-theme-size.png, to be looked at. Not part of the tests. E2E_LANGUAGE=de takes
 * them in German.
 */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";

import { App } from "../lib/app_window.mjs";
import { picture, plant } from "../lib/desktop_access.mjs";
import { sleep } from "../lib/driver.mjs";
import { arrivalSeen, checked, done, goOn, toPasteToken, tokenTaken } from "../lib/guide.mjs";
import { keychain } from "../lib/keychain.mjs";
import { LANGUAGE, t } from "../lib/messages.mjs";

const OUT = process.env.E2E_SHOTS ?? `${process.env.E2E_OUT}/screenshots`;
const SIZES = [[1080, 720], [880, 600]];
let number = 0;

export default async function (test) {
  mkdirSync(OUT, { recursive: true });
  plant("preferences.json", JSON.stringify({ language: LANGUAGE }));
  const app = await App.start();

  /** Takes the four pictures of what is shown now, and one more of its lower half where it is longer than the window. */
  async function shoot(name) {
    number += 1;
    const place = String(number).padStart(2, "0");
    for (const [width, height] of SIZES) {
      const real = await app.size(width, height);
      assert.deepEqual(real, [width, height], "the window has not the size that was asked for");
      for (const theme of ["light", "dark"]) {
        await app.driver.run((theme) => void (document.documentElement.dataset.theme = theme), theme);
        const file = `${OUT}/${place}-${name}-${theme}-${width}x${height}`;
        await sleep(120);
        await picture(`${file}.png`, real);
        if (await app.driver.run(scroll, true)) await picture(`${file}-below.png`, real);
        await app.driver.run(scroll, false);
      }
    }
    await app.size(...SIZES[0]);
  }
  const step = async (name) => {
    await goOn(app);
    await app.step(name);
  };

  try {
    await test("first screen and settings", async () => {
      await shoot("first");
      await app.press("button", t("ui.title.settings"));
      await shoot("settings");
    });
    await test("a real guide: domain typed, read and refused", async () => {
      await app.driver.run(() => location.reload());
      await app.ready();
      await app.press("button", t("ui.first.connect"));
      await app.step("before");
      await goOn(app);
      await shoot("before-missing");
      await app.tick(t("ui.before.serviceAccount"));
      await app.tick(t("ui.before.radiantAdmin"));
      await step("domain");
      await shoot("domain-empty");
      for (const [name, typed] of [["read", "https://My-Org-admin.okta.com/admin/dashboard"], ["look-alike", "my-org.0kta.com"], ["http", "http://my-org.okta.com"]]) {
        await app.driver.run(() => document.getElementById("okta-domain").select());
        await app.driver.type(typed);
        await sleep(1500);
        await shoot(`domain-${name}`);
      }
      await app.press("button", t("ui.help.open"));
      await sleep(300);
      await shoot("help");
      await app.driver.press("Escape");
      await app.press("button", t("ui.title.overview"));
      await shoot("overview-unfinished");
    });
    await test("the practice guide, step by step", async () => {
      const { id } = (await app.invoke("connections"))[0].connection;
      await app.invoke("remove_connection", { id });
      await app.driver.run(() => location.reload());
      await app.ready();
      await app.press("button", t("ui.first.practice"));
      await app.step("before");
      await shoot("practice-before");
      await toPasteToken(app, async () => shoot(`practice-${(await app.invoke("connections"))[0].setup.step}`));
      await shoot("practice-paste_token");
    });
    const id = () => app.invoke("connections").then((views) => views[0].connection.id);
    await test("the checks of each practice account", async () => {
      await tokenTaken(app);
      await shoot("checks-super_admin");
      for (const principal of ["read_only", "person_super_admin", "expired"]) {
        const another = ["ui.paste.another", "ui.paste.useAnother"].map((key) => t(key));
        await app.press("button", (await app.sees("button", another[0])) ? another[0] : another[1]);
        await app.choose(t("ui.practice.account"), t(`practice.${principal}`));
        await checked(app, () => app.press("button", t("ui.practice.take")));
        await shoot(`checks-${principal}`);
      }
    });
    await test("the troubles of practice", async () => {
      await app.invoke("practice_token", { id: await id(), principal: "super_admin" });
      for (const fault of ["okta_down", "rate_limited", "captive_portal"]) {
        await app.invoke("practice_fault", { fault });
        // With the new token no result is shown, until its checks have run.
        const again = await app.sees("button", t("ui.checks.runAgain"));
        await checked(app, () => app.press("button", t(again ? "ui.checks.runAgain" : "ui.checks.run")));
        await shoot(`trouble-${fault}`);
      }
      await app.invoke("practice_fault", { fault: null });
      await app.press("button", t("ui.practice.controls"));
      await sleep(300);
      await shoot("practice-controls");
      await app.driver.press("Escape");
      await checked(app, () => app.press("button", t("ui.checks.runAgain")));
    });
    await test("Radiant's side", async () => {
      await step("credential");
      await shoot("credential");
      await app.press("button", t("ui.copy.token"));
      await sleep(500);
      await shoot("credential-copied");
      for (const [name, what] of [["data_connector", "credential"], ["action_connector", "data"], ["arrival", "action"]]) {
        await app.tick(t(done(what)));
        await step(name);
        await shoot(name);
      }
      await arrivalSeen(app);
      await sleep(600);
      await shoot("arrival-found");
      await step("done");
      await shoot("done");
    });
    await test("the overview, the connection and the keychain locked", async () => {
      await app.press("button", t("ui.guide.finish"));
      await app.says(t("ui.finished.connected"));
      await sleep(300);
      await shoot("finished");
      await app.press("button", t("ui.title.overview"));
      await sleep(300);
      await shoot("overview");
      await app.press("button", t("ui.card.details"));
      await sleep(300);
      await shoot("connection");
      for (const tab of ["history", "permissions", "report", "checks"]) {
        await app.press("button", t(`ui.connection.tab.${tab}`));
        await sleep(300);
        await shoot(`connection-${tab}`);
      }
      keychain("lock");
      await checked(app, () => app.press("button", t("ui.checks.runAgain")));
      await shoot("keychain-locked");
    });
  } finally {
    await app.end();
  }
}

/** Scrolls what scrolls to its end or its start; tells whether there was anything below. */
function scroll(down) {
  const inside = [...document.querySelectorAll("dialog[open], dialog[open] *, main")].find((one) => one.scrollHeight > one.clientHeight + 8 && getComputedStyle(one).overflowY !== "visible");
  if (!inside) return false;
  inside.scrollTo(0, down ? inside.scrollHeight : 0);
  return true;
}
