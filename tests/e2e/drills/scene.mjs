/**
 * What the kills happen to: two finished connections that the agent monitors, one healthy and one whose token is revoked or valid
 * in turns, and a third whose guide is under way; all to one organization under a real-looking address.
 */
import assert from "node:assert/strict";

import { App } from "../lib/app_window.mjs";
import { sleep, until } from "../lib/driver.mjs";
import { keychain } from "../lib/keychain.mjs";
import { t } from "../lib/messages.mjs";
import { notifications } from "../lib/notifications.mjs";
import { agent, agents, killApp, startAgent, window, windows } from "../lib/processes.mjs";
import { RealOrg } from "../lib/real_org.mjs";
import { startSessionBus } from "../lib/services.mjs";
import { TrayItem } from "../lib/tray_item.mjs";
import { guideSteps } from "./activities.mjs";
import { shortenInterval, statusesNow, stored } from "./stored.mjs";
import { GUIDE_SIDES, INTERVAL_S, TOGGLED } from "./drill_constants.mjs";

/** How soon an open window has started a lost agent again. */
const AGENT_AGAIN_MS = 10_000;
const TRAY_AGAIN_MS = 30_000;
/** What a probe itself may take: three connections, each response 100 ms late, on a loaded machine. */
const PROBE_MS = 10_000;
const LATENCY_MS = 100;
/** All that there is to say of a healthy connection: the desktop's own proxy answers for the organization. */
const WELL = "tls_inspection_accepted";
/** What may be said of a healthy connection while the keychain is away, and has to be over when the status is true again. */
const WITHOUT_KEYCHAIN = /^keychain_/;

export class Scene {
  static async start() {
    const scene = new Scene();
    scene.org = await RealOrg.start();
    await scene.org.change({ change: "token_made", principal: "super_admin_next" });
    scene.isRevoked = false;
    // Whether the page of the open window has failed before, and how many windows were closed because their page failed twice.
    scene.wasReloaded = false;
    scene.gaveUp = 0;
    const app = await App.start();
    scene.running = await agent();
    scene.healthy = await scene.org.connection(app, { name: "Healthy" });
    scene.toggled = await scene.org.connection(app, { name: "Toggled", principal: TOGGLED });
    scene.guide = (await app.invoke("begin_setup")).connection.id;
    await app.invoke("set_domain", { id: scene.guide, typed: GUIDE_SIDES[0].typed });
    await scene.org.acceptProxy(app, scene.guide);
    for (const [command, args] of guideSteps(scene.guide, GUIDE_SIDES[0], scene.org.card.tokens)) await app.invoke(command, args);
    shortenInterval();
    await scene.org.change({ change: "latency", ms: LATENCY_MS });
    // A window that the agent opens outlives its driver, as the kills need it.
    await app.driver.end();
    await until("the window to end", () => windows().length === 0);
    await scene.ready();
    await until("the first status of both", async () => scene.isTrue(await statusesNow()), 90_000);
    return scene;
  }

  /** The side on which the guide is: where it is between both, the next one is the first. */
  side() {
    return stored().connections[this.guide].name === GUIDE_SIDES[0].name ? 0 : 1;
  }

  /** Waits for one agent and for a window that works: it is opened, or joined again, and reaches the keychain. */
  async ready() {
    this.running = await agent();
    if (windows().length === 0) (await until("the tray", () => TrayItem.of(this.running), TRAY_AGAIN_MS)).choose(t("tray.open"));
    this.app ??= await App.joined();
    this.opened = await window();
    await this.app.invoke("keychain_probe", { id: this.healthy });
  }

  /** What a kill leaves of the driver: it is ended where its page is gone or reloaded. */
  struck(victim) {
    if (!["window", "web", "bus"].includes(victim)) return;
    this.app.driver.process.kill("SIGKILL");
    this.app = undefined;
  }

  /** Revokes the token of one connection, or makes it valid again: what was true is no longer. */
  async turn() {
    this.isRevoked = !this.isRevoked;
    await this.org.change({ change: this.isRevoked ? "revoke" : "revive", principal: TOGGLED });
  }

  /** One agent, at most one window; both as they were, but for the victim. Returns how soon the agent was there. */
  async processesAreRight(victim, since) {
    const is = victim === "agent" ? (id) => id !== this.running : (id) => id === this.running;
    await until("the one agent", () => agents().length === 1 && is(agents()[0]), Math.max(1, since + AGENT_AGAIN_MS - Date.now()));
    const ms = victim === "agent" ? Date.now() - since : 0;
    this.running = agents()[0];
    // A second window or agent would be there by now.
    await sleep(1_000);
    assert.deepEqual(agents(), [this.running]);
    const left = windows();
    if (victim === "window") assert.deepEqual(left, []);
    else if (victim === "web" && this.wasReloaded) await this.windowGaveUp();
    else if (victim === "bus") assert.ok(left.length === 0 || (left.length === 1 && left[0] === this.opened), `windows: ${left}`);
    else assert.deepEqual(left, [this.opened]);
    this.wasReloaded = victim === "web" && !this.wasReloaded;
    return ms;
  }

  /** A page that fails once more is not loaded again: its window is closed, and a notification says so. */
  async windowGaveUp() {
    await until("the window to be closed", () => windows().length === 0);
    const said = notifications().filter(({ summary }) => summary === t("notice.window_failed"));
    this.gaveUp += 1;
    assert.equal(said.length, this.gaveUp, "notifications about a window that could not be displayed");
  }

  /** The agent's item is in the tray, and no other. */
  async trayIsBack(since) {
    await until("the agent's tray item, and no other", () => TrayItem.all().length === 1 && TrayItem.of(this.running), TRAY_AGAIN_MS);
    return Date.now() - since;
  }

  /** Whether the store says what is true of both connections. */
  isTrue(statuses) {
    const [healthy, toggled] = [statuses[this.healthy], statuses[this.toggled]];
    return isWell(healthy) && (this.isRevoked ? toggled.problem?.code === "token_refused" : isWell(toggled));
  }

  /** Waits until the status is true; meanwhile the healthy connection is not said to be anything else. Returns how soon it was. */
  async statusIsTrue(victim, since) {
    const limit = since + INTERVAL_S * 1000 + PROBE_MS + (victim === "agent" ? AGENT_AGAIN_MS : 0);
    const mayLackKeychain = ["keychain", "bus"].includes(victim);
    for (;;) {
      const statuses = await statusesNow();
      if (this.isTrue(statuses)) return Date.now() - since;
      const { problem } = statuses[this.healthy];
      const isExcused = mayLackKeychain && WITHOUT_KEYCHAIN.test(problem?.code ?? "");
      if (problem?.code !== WELL && !isExcused) assert.fail(`the healthy connection is said to be ${problem?.code}`);
      if (Date.now() > limit) assert.fail(`after ${Date.now() - since} ms the status is not true: revoked is ${this.isRevoked}, ${JSON.stringify(statuses[this.toggled])}, ${JSON.stringify(statuses[this.healthy])}`);
      await sleep(300);
    }
  }

  /** Brings everything back after a kill that failed, so that the next one finds what it needs. */
  async recover() {
    killApp();
    this.wasReloaded = false;
    this.gaveUp = notifications().filter(({ summary }) => summary === t("notice.window_failed")).length;
    if (this.app) this.app.driver.process.kill("SIGKILL");
    this.app = undefined;
    try {
      TrayItem.all();
    } catch {
      await startSessionBus();
    }
    keychain("unlock");
    await startAgent();
    await until("the true status", async () => this.isTrue(await statusesNow()), 3 * INTERVAL_S * 1000).catch((error) => console.log(`note ${error.message}`));
  }
}

const isWell = (status) => status.problem?.code === WELL && !status.stale;
