/** The keyboard shortcuts in the real window: what the web view does with the same keys by itself must not get in the way. */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";

export default async function (test) {
  const app = await App.start();
  const shows = (title) => until(`the page "${title}"`, async () => (await app.heading()) === title);
  const size = () => app.driver.run(() => document.documentElement.style.fontSize);
  const marked = () => app.driver.run(() => window.e2eMark === true);
  try {
    await app.driver.run(() => void (window.e2eMark = true));
    await test("without a connection, the settings are left by Esc, by Alt+Left and by the logo", async () => {
      const first = await app.heading();
      await app.driver.press("Control+,");
      await shows(t("ui.title.settings"));
      await app.driver.press("Escape");
      await shows(first);
      await app.driver.press("Control+,");
      await shows(t("ui.title.settings"));
      await app.driver.press("Alt+ArrowLeft");
      await shows(first);
      await app.driver.press("Control+,");
      await shows(t("ui.title.settings"));
      await app.press("link", t("ui.bar.homeOf", { app: t("ui.app") }));
      await shows(first);
    });
    await test("the zoom changes, and is kept", async () => {
      await app.driver.press("Control+=");
      await until("110 %", async () => (await size()) === "110%");
      assert.equal((await app.invoke("preferences")).zoom, 110);
      await app.driver.press("Control+0");
      await until("the usual size", async () => (await size()) === "");
    });
    await test("Ctrl+R never loads the page again", async () => {
      await app.driver.press("Control+r");
      await app.driver.press("Control+r");
      assert.ok(await marked(), "the page was loaded again");
    });
    await test("a half-typed domain is not lost, and Ctrl+A selects only the field", async () => {
      await app.press("button", t("ui.first.connect"));
      await app.step("before");
      await app.tick(t("ui.before.serviceAccount"));
      await app.tick(t("ui.before.radiantAdmin"));
      await app.byKeyboard("button", t("ui.guide.continue"));
      await app.step("domain");
      await until("the field to have the focus", async () => (await app.focus()).id === "okta-domain");
      await app.driver.type("my-or");
      await app.driver.press("Control+,");
      await app.driver.press("Alt+ArrowLeft");
      const typed = await app.driver.run(() => document.getElementById("okta-domain")?.value);
      assert.equal(typed, "my-or");
      await app.tabTo("button", t("ui.help.open"), { back: true });
      await app.driver.press("Control+a");
      assert.equal(await app.driver.run(() => document.getSelection()?.toString() ?? ""), "");
    });
  } finally {
    await app.end();
  }
}
