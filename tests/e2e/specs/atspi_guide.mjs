/** The window as a screen reader is told of it, read over the accessibility bus: stepper, heading, fields, live regions. */
import assert from "node:assert/strict";

import { App, STEPS } from "../lib/app_window.mjs";
import { mute, named, SPOKEN, tree } from "../lib/atspi.mjs";
import { until } from "../lib/driver.mjs";
import { toPasteToken, tokenTaken } from "../lib/guide.mjs";
import { t } from "../lib/messages.mjs";

export const desktop = SPOKEN;

export default async function (test) {
  const app = await App.start(["--practice"]);
  try {
    await test("the first screen's heading and the way on are told", async () => {
      const objects = await until("the tree", () => tree().some((one) => one.role === "heading" && one.level === 1) && tree(), 30_000);
      assert.ok(named(objects, "push button", t("ui.first.practice")));
    });
    await test("the stepper has nine steps, one of them current", async () => {
      await app.byKeyboard("button", t("ui.first.practice"));
      await app.step("before");
      const objects = await until("the stepper", () => {
        const now = tree();
        return STEPS.every((step) => now.some((one) => one.name.includes(t(`ui.step.${step}.short`)))) && now;
      });
      const current = objects.filter((one) => one.current === "step");
      assert.equal(current.length, 1, JSON.stringify(current));
      assert.match(current[0].name, new RegExp(t("ui.step.before.short")));
    });
    await test("the step's heading says where one is, and has the focus", () => {
      const heading = tree().find((one) => one.role === "heading" && one.level === 1);
      assert.match(heading.name.replace(/\s+/g, " "), new RegExp(`${t("ui.guide.stepOf", { n: 1, of: 9 })}.*${t("ui.step.before.title")}`));
      assert.ok(heading.states.includes("focused"), heading.states.join(", "));
    });
    await test("boxes and choices have their names", () => {
      const objects = tree();
      for (const name of ["ui.before.serviceAccount", "ui.before.radiantAdmin"]) assert.ok(named(objects, "check box", t(name)), name);
      assert.ok(named(objects, "radio button", t("profile.response")));
    });
    await test("the token field is a named password field", async () => {
      await toPasteToken(app);
      const objects = await until("the field", () => tree().some((one) => one.name.startsWith(t("ui.paste.label"))) && tree());
      assert.ok(named(objects, "password text", t("ui.paste.label")), objects.filter((one) => one.name).map((one) => `${one.role} ${one.name}`).join("\n"));
    });
    await test("each check row is told with its outcome as a word", async () => {
      await tokenTaken(app);
      // What passed is folded until it is opened.
      await app.driver.run(() => document.querySelectorAll(".folded summary").forEach((one) => one.click()));
      const objects = await until("the opened rows", () => {
        const told = tree();
        return told.some((one) => `${one.name} ${one.text}`.includes(t("check.keychain.title"))) && told;
      });
      assert.ok(objects.some((one) => one.live === "polite"), "the summary is no live region");
      const words = objects.map((one) => `${one.name} ${one.text}`).join("\n");
      for (const check of ["keychain", "domain", "token", "system_log"]) assert.ok(words.includes(t(`check.${check}.title`)), check);
      assert.ok(words.includes(t("outcome.passed")));
    });
    await test("nothing that can be pressed is without a name", () => {
      assert.deepEqual(mute(tree()), []);
    });
  } finally {
    await app.end();
  }
}
