/** A notification of the agent that is clicked opens the window on the row that is wrong: without a window, and while one ends. */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { closeWindow } from "../lib/desktop_access.mjs";
import { sleep, until } from "../lib/driver.mjs";
import { t } from "../lib/messages.mjs";
import { notifications, press, worse } from "../lib/notifications.mjs";
import { agent, onlyAgentLeft, webProcesses, windows } from "../lib/processes.mjs";
import { INTERVAL_MS, NAME, RealOrg, statuses } from "../lib/real_org.mjs";
import { TrayItem } from "../lib/tray_item.mjs";

export const minutes = 8;
const OWNER = "super_admin";

export default async function (test) {
  const org = await RealOrg.start();
  let app = await App.start();
  const code = () => statuses()[0].problem?.code;
  const told = (what) => until(`the notification of ${what}`, () => notifications().find(({ summary }) => worse(NAME, what, false).summary.test(summary)), 2 * INTERVAL_MS);
  const landed = (check) =>
    until(`the row ${check}`, async () => (await app.heading()) === NAME && (await app.focus()).id === `check-${check}`, 20_000).catch(async (error) =>
      assert.fail(`${error.message}; the page is "${await app.heading()}", the focus is on "${(await app.focus()).id}"`),
    );
  try {
    const running = await agent();
    await until("the tray", () => TrayItem.of(running), 20_000);
    await org.connection(app);
    closeWindow();
    await onlyAgentLeft();
    await app.driver.end();
    const explained = () => notifications().filter(({ summary }) => summary === t("notice.first_close"));
    await test("the first close says that monitoring continues", () => until("the explanation", () => explained().length === 1, 20_000));
    await test("the agent notices without a window, and before the click no window opens", async () => {
      // In the middle of the first probe, which runs every check, the change would show in another row.
      await until("the first probe to end", () => statuses()[0].as_of !== null, 2 * INTERVAL_MS);
      await org.change({ change: "revoke", principal: OWNER });
      const notice = await told("token_refused");
      assert.ok(notice.actions.includes("default"), notice.actions.join());
      assert.deepEqual(windows(), []);
      press(notice);
    });
    await test("the click opens the window on the row", async () => {
      app = await App.joined();
      await landed("token");
    });
    await test("a click while the window is ending lands as well, in one window", async () => {
      closeWindow();
      await onlyAgentLeft();
      await org.change({ change: "revive", principal: OWNER });
      await until("the token to be accepted", () => code() !== "token_refused", 2 * INTERVAL_MS);
      await org.change({ change: "roles", principal: OWNER, roles: ["HELP_DESK_ADMIN"] });
      const notice = await told("logs_refused");
      TrayItem.of(running).choose(t("tray.open"));
      await app.join();
      closeWindow();
      press(notice);
      await sleep(3_000);
      await until("one window with a page", () => windows().length === 1 && webProcesses().length > 0, 20_000);
      await app.join();
      await landed("system_log");
      assert.equal(windows().length, 1);
    });
    await test("a later close explains nothing", () => assert.equal(explained().length, 1));
  } finally {
    await app.end();
    org.end();
  }
}
