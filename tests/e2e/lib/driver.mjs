/**
 * A WebDriver client in a few lines over fetch, for WebKitWebDriver (W3C WebDriver, https://www.w3.org/TR/webdriver2/).
 * No dependency; knows nothing of the app.
 */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
/** Key values of the Actions API, by the names used in tests. */
const KEYS = { Tab: "\uE004", Enter: "\uE007", Escape: "\uE00C", Space: " ", Backspace: "\uE003", ArrowUp: "\uE013", ArrowDown: "\uE015", ArrowLeft: "\uE012", ArrowRight: "\uE014", Home: "\uE011", End: "\uE010", Shift: "\uE008", Control: "\uE009", Alt: "\uE00A" };

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Asks again and again until the answer is truthy; the error says what was waited for, and the last error. */
export async function until(what, ask, ms = 30_000) {
  const end = Date.now() + ms;
  let last;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}${last ? `: ${last.message}` : ""}`);
    await sleep(60);
  }
}

/** A port that nobody uses now. */
export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** One driver process and at most one session. */
export class Driver {
  /** Starts WebKitWebDriver; the app it starts inherits the environment. With further words it drives what already runs. */
  static async start(...words) {
    const driver = new Driver();
    const port = await freePort();
    driver.base = `http://127.0.0.1:${port}`;
    driver.log = [];
    driver.process = spawn("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1", ...words], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, TAURI_WEBVIEW_AUTOMATION: "true" },
    });
    for (const stream of [driver.process.stdout, driver.process.stderr]) stream.on("data", (text) => driver.log.push(String(text)));
    await until("WebKitWebDriver", () => driver.call("GET", "/status"));
    return driver;
  }

  /**
   * Joins a window that somebody else started, by the address in its variable WEBKIT_INSPECTOR_SERVER. Its process has to allow
   * automation, which it does when it inherited the environment of a driver.
   */
  static async join(address) {
    const driver = await Driver.start(`--target=${address}`);
    try {
      driver.id = (await driver.call("POST", "/session", { capabilities: { alwaysMatch: {} } }, 15_000)).sessionId;
      return driver;
    } catch (error) {
      await driver.end();
      throw error;
    }
  }

  async call(method, path, body, ms = 30_000) {
    const answer = await fetch(this.base + path, {
      method,
      headers: { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(ms),
    });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${value?.error}: ${value?.message}`);
    return value;
  }

  /** Starts the app and joins its window; waits while there is none (an app that started to the tray). */
  async open(binary, args = [], ms = 30_000) {
    const wanted = { capabilities: { alwaysMatch: { "webkitgtk:browserOptions": { binary, args } } } };
    this.id = (await this.call("POST", "/session", wanted, ms)).sessionId;
  }

  at(method, path, body) {
    return this.call(method, `/session/${this.id}${path}`, body);
  }

  /** Runs a function in the page; its source is sent, so it sees its arguments alone. */
  run(work, ...args) {
    return this.at("POST", "/execute/sync", { script: `return (${work}).apply(null, arguments)`, args });
  }

  /** Presses keys one after the other; `Shift+Tab` holds the first while the second is pressed. */
  async press(...chords) {
    for (const chord of chords) {
      const keys = chord.split("+").map((key) => KEYS[key] ?? key);
      const down = keys.map((value) => ({ type: "keyDown", value }));
      const up = [...keys].reverse().map((value) => ({ type: "keyUp", value }));
      await this.at("POST", "/actions", { actions: [{ type: "key", id: "keyboard", actions: [...down, ...up] }] });
    }
  }

  /** Types text into what has the focus, key by key. */
  async type(text) {
    const actions = [...text].flatMap((value) => [{ type: "keyDown", value }, { type: "keyUp", value }]);
    await this.at("POST", "/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  async find(css) {
    return (await this.at("POST", "/element", { using: "css selector", value: css }))[ELEMENT];
  }

  async click(css) {
    await this.at("POST", `/element/${await this.find(css)}/click`, {});
  }

  handles() {
    return this.at("GET", "/window/handles");
  }

  /** Turns to the newest window: one that is opened again has a new handle. */
  async turnToNewest() {
    const handles = await until("a window", async () => (await this.handles()).at(-1));
    await this.at("POST", "/window", { handle: handles });
  }

  /**
   * Ends the session, the program and the driver, in this order. The driver answers first and ends the program after; were it
   * ended at once, the program would be left: without a window, in the tray.
   */
  async end() {
    const ended = () => this.process.exitCode !== null || this.process.signalCode !== null;
    try {
      if (this.id) await this.at("DELETE", "").catch(() => undefined);
      this.id = undefined;
      await until("the driver to end its program", () => ended() || children(this.process.pid).length === 0);
    } finally {
      for (const id of ended() ? [] : children(this.process.pid)) process.kill(Number(id), "SIGKILL");
      this.process.kill();
      await new Promise((done) => (ended() ? done() : this.process.once("exit", done)));
    }
  }
}

/** The processes that any thread of a process has started and that have not ended. */
function children(id) {
  return readdirSync(`/proc/${id}/task`).flatMap((thread) => readFileSync(`/proc/${id}/task/${thread}/children`, "utf8").split(" ")).filter(Boolean);
}
