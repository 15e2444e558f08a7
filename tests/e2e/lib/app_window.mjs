/**
 * The app's window as a person meets it: by roles, names and the keyboard. Names are those of the message catalog, so a
 * reworded button breaks no test; what a test asks of the window is what a reader sees or hears.
 */
import { Driver, sleep, until } from "./driver.mjs";
import { t } from "./messages.mjs";
import { find, focused, record } from "./page_scripts.mjs";
import { agent, AGENT_NAME, APP, APP_NAME, environment, killApp, processes, window } from "./processes.mjs";
import { TrayItem } from "./tray_item.mjs";

export { APP, APP_NAME };

/** How long a start may take on a loaded machine. */
const FIRST_SCREEN_MS = 30_000;

/** The nine steps, in order, as the model names them. */
export const STEPS = ["before", "domain", "create_token", "paste_token", "credential", "data_connector", "action_connector", "arrival", "done"];

export class App {
  /** The window that a test began to drive last. */
  static newest;

  /** Starts the app under a driver, where wanted `under` another program or from another file, and waits until its first screen is drawn. */
  static async start(args = [], { under = [], file = APP } = {}) {
    const app = new App();
    app.isPractice = args.includes("--practice");
    app.driver = await Driver.start();
    try {
      const [program, ...words] = [...under, file, ...args];
      await app.driver.open(program, words);
      await app.ready();
    } catch (error) {
      await app.driver.end();
      throw error;
    }
    return app;
  }

  /** Joins the window that the agent has started, or starts in a moment, and waits until its first screen is drawn. */
  static async joined() {
    const app = new App();
    app.isPractice = false;
    await app.join();
    return app;
  }

  /** Goes on with the window that the agent has started after the one before has ended. One that ends when it is joined is left for the next. */
  async join() {
    await this.driver?.end();
    await until("to join the new window", async () => {
      this.driver = await Driver.join(environment(await window()).WEBKIT_INSPECTOR_SERVER);
      try {
        await this.ready();
        return true;
      } catch (error) {
        await this.driver.end();
        throw error;
      }
    }, 2 * FIRST_SCREEN_MS);
  }

  /** Waits for the first heading after that of the moment before the first answer, and starts listening to what Rust answers. */
  async ready() {
    App.newest = this;
    // The process of a window that is opened again gives it a new handle.
    const heading = () => this.heading().catch(async (error) => {
      if (/no such window/.test(error.message)) await this.driver.turnToNewest();
      throw error;
    });
    await until("the first screen", async () => !["", t("ui.app")].includes(await heading()), FIRST_SCREEN_MS);
    await this.driver.run(record);
  }

  /** Ends window and agent by killing them; web processes notice a moment later. */
  async end() {
    await this.driver.end();
    await this.ended(killApp);
  }

  /** Waits until no process of the app is left on the desktop; `each` is done to those that are, each time. */
  ended(each = () => undefined) {
    return until("every process of the app to end", () => {
      each();
      const left = [APP_NAME, AGENT_NAME, "WebKitWebProcess"].filter((name) => processes(name).length > 0);
      if (left.length > 0) throw new Error(`${left.join(", ")} is left`);
      return true;
    });
  }

  /** The tray item of the app: in practice that of the window's process, else the agent's. */
  tray() {
    return until("the tray", async () => {
      const owner = this.isPractice ? await window() : await agent();
      return TrayItem.of(owner);
    }, 20_000);
  }

  /** Calls a command of the window's own door, as the page would. */
  async invoke(command, args = {}) {
    const script = `const done = arguments[arguments.length - 1];
      window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1]).then((answer) => done({ answer }), (refusal) => done({ refusal }));`;
    const { answer, refusal } = await this.driver.at("POST", "/execute/async", { script, args: [command, args] });
    if (refusal !== undefined) throw new Error(`${command} was refused: ${JSON.stringify(refusal)}`);
    return answer;
  }

  /** Quits as the tray's menu does, waits for the processes to end, and lets the driver go. */
  async quit() {
    (await this.tray()).chooseLast(t("tray.quit"));
    await this.ended();
    await this.driver.end();
  }

  heading() {
    return this.driver.run(() => document.querySelector("h1")?.innerText.replace(/\s+/g, " ").trim() ?? "");
  }

  text() {
    return this.driver.run(() => document.body.innerText);
  }

  /** Waits until the window says something. */
  async says(text, ms) {
    await until(`the window to say "${text}"`, async () => squeezed(await this.text()).includes(squeezed(text)), ms);
  }

  /** Waits for a step of the guide. */
  async step(name, ms) {
    const title = t(`ui.step.${name}.title`);
    await until(`step ${name}`, async () => (await this.heading()).endsWith(title), ms);
  }

  /** Whether something of this kind and name is to be seen. */
  sees(kind, name) {
    return this.driver.run(find, kind, name, false);
  }

  /** Presses something with the mouse, by kind and name, once it is there. */
  async press(kind, name) {
    const place = () => this.driver.run(find, kind, name, true);
    // What still moves, because something above it is loaded, would not be under the pointer any more.
    await until(`${kind} "${name}" in its place`, async () => {
      const found = await place();
      await sleep(15);
      return found && found === (await place());
    });
    await this.driver.click("[data-e2e-found]");
  }

  /** What has the keyboard's focus: kind, name, id. */
  focus() {
    return this.driver.run(focused);
  }

  /** Walks with Tab until something has the focus; the error names every stop on the way. */
  async tabTo(kind, name, { limit = 120, back = false } = {}) {
    const stops = [];
    for (let i = 0; i < limit; i++) {
      const now = await this.focus();
      if (now.kind === kind && squeezed(now.name).startsWith(squeezed(name))) return now;
      stops.push(`${now.kind} "${now.name.slice(0, 40)}"`);
      await this.driver.press(back ? "Shift+Tab" : "Tab");
    }
    throw new Error(`Tab does not come to ${kind} "${name}": ${[...new Set(stops)].join(", ")}`);
  }

  /** Comes from the overview to a tab of the first connection's page, by keyboard. */
  async openTab(tab) {
    await this.byKeyboard("button", t("ui.title.overview"));
    await this.byKeyboard("button", t("ui.card.details"));
    await this.tabTo("button", t("ui.connection.tab.overview"));
    await until(`the tab ${tab}`, async () => {
      if ((await this.focus()).id !== `tab-${tab}`) await this.driver.press("ArrowRight");
      return (await this.focus()).id === `tab-${tab}`;
    });
  }

  /** Comes to a list by Tab and walks down it to the entry with this text. */
  async choose(name, entry) {
    const { id } = await this.tabTo("choice", name);
    await this.driver.press("Home");
    await until(`"${entry}" to be chosen`, async () => {
      const chosen = await this.driver.run((id) => document.getElementById(id).selectedOptions[0]?.text, id);
      if (chosen !== entry) await this.driver.press("ArrowDown");
      return chosen === entry;
    });
  }

  /** Comes to something by Tab and presses it with Enter or, for what is ticked or chosen, the space bar. */
  async byKeyboard(kind, name) {
    await this.tabTo(kind, name);
    await until(`${kind} "${name}" to be ready`, async () => !(await this.focus()).busy);
    await this.driver.press(kind === "button" || kind === "link" ? "Enter" : "Space");
  }

  /** Gives the page this size, whatever the window's frame takes. */
  async size(width, height) {
    await this.driver.at("POST", "/window/rect", { width, height }).catch(() => undefined);
    await sleep(250);
    return this.driver.run(() => [innerWidth, innerHeight]);
  }

  /** Ticks a box by keyboard and waits until the confirmation is kept: who and when stand beside it then. */
  async tick(name) {
    const { id } = await this.tabTo("checkbox", name);
    await this.driver.press("Space");
    await until(`"${name}" to be kept`, () => this.driver.run((id) => !!document.querySelector(`#${id}-more time`), id));
  }

  /** Everything Rust has told the window since it was drawn: answers, events and streamed news. */
  told() {
    return this.driver.run(() => window.e2eTold ?? []);
  }
}

export const squeezed = (text) => text.replace(/\s+/g, " ").trim();
