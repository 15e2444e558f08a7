/** The private desktop around the test: its keychain, tray, notifications, processes and every file on it. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { sleep } from "./driver.mjs";
import { faceOf } from "./tray_icons.mjs";

const KEYCHAIN = fileURLToPath(new URL("../../desktop/keychain.sh", import.meta.url));
export const PRIVATE_DESKTOP = process.env.PRIVATE_DESKTOP;
export const PRACTICE_SERVICE = "ai.radiantsecurity.okta-connector.practice";
export const REAL_SERVICE = "ai.radiantsecurity.okta-connector";
/** The app's data folder on this desktop. */
export const DATA = `${process.env.XDG_DATA_HOME}/ai.radiantsecurity.okta-connector`;
/** The app's database. */
export const DATABASE = `${DATA}/connector.db`;

/** `lock`, `unlock`, `restart`, `start` or `stop` the desktop's keychain. */
export function keychain(what) {
  execFileSync("/bin/bash", [KEYCHAIN, what], { stdio: ["ignore", "inherit", "inherit"] });
}

/** Closes the app's window as its frame's button would. */
export function closeWindow() {
  execFileSync("/usr/bin/python3", [fileURLToPath(new URL("../../desktop/close_window.py", import.meta.url)), "Okta Connector for Radiant"]);
}

/** Takes the app's window from the display and the focus from it, as another window in front would; the page goes on. */
export function unmapWindow() {
  execFileSync("xdotool", ["search", "--sync", "--name", "^Okta Connector for Radiant", "windowunmap"]);
}

/** Puts a file into the app's data folder before the app is started. */
export function plant(name, bytes) {
  mkdirSync(DATA, { recursive: true, mode: 0o700 });
  writeFileSync(`${DATA}/${name}`, bytes);
}

/** The files of the data folder whose name begins with a text. */
export const kept = (beginning) => readdirSync(DATA).filter((name) => name.startsWith(beginning)).map((name) => `${DATA}/${name}`);

/** Writes a picture of the display's upper left part, where the window is, once nothing in it moves; of all of it without a size. */
export async function picture(file, size) {
  const part = size ? ["-crop", `${size[0]}x${size[1]}+0+0`, "+repage"] : [];
  let last;
  for (let i = 0; i < 20; i++) {
    const now = execFileSync("import", ["-window", "root", ...part, "-strip", "png:-"], { timeout: 10_000, maxBuffer: 1 << 26 });
    if (last?.equals(now)) break;
    last = now;
    await sleep(60);
  }
  writeFileSync(file, last);
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

/** A text as it may stand in a file: plain, as UTF-16, and within a longer text in base64. */
function spellings(text) {
  const bytes = Buffer.from(text);
  // In base64 three bytes are four letters, so there are three ways to begin; the letters that neighbours have a part in are left out.
  const within = [0, 1, 2].map((before) => {
    const letters = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64").replace(/=+$/, "");
    return Buffer.from(letters.slice(before && before + 1, Math.floor(((before + bytes.length) * 8) / 6)));
  });
  return [bytes, Buffer.from(text, "utf16le"), ...within];
}

/** Every place on the desktop, outside the keychain's daemon, where any of the texts stands; files, arguments, environments. */
export function placesOf(texts) {
  const wanted = texts.flatMap(spellings);
  const holds = (bytes) => wanted.some((one) => bytes.includes(one));
  const places = files(PRIVATE_DESKTOP).filter((file) => holds(read(file)));
  for (const id of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    if (!read(`/proc/${id}/environ`).includes(`PRIVATE_DESKTOP=${PRIVATE_DESKTOP}\0`)) continue;
    for (const what of ["cmdline", "environ"]) if (holds(read(`/proc/${id}/${what}`))) places.push(`/proc/${id}/${what}`);
  }
  return places;
}

function files(dir) {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = `${dir}/${entry.name}`;
    if (entry.isDirectory()) return files(path);
    return entry.isFile() ? [path] : [];
  });
}

/** How many files were looked through: a search that saw nothing proves nothing. */
export const fileCount = () => files(PRIVATE_DESKTOP).length;

function read(path) {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

/** The lines of one of the desktop's logs. */
export function log(name) {
  return readFileSync(`${PRIVATE_DESKTOP}/${name}`, "utf8").split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}

/** Processes of this desktop whose program's file name begins with a text. */
export function processes(name) {
  return readdirSync("/proc").filter((id) => /^\d+$/.test(id) && read(`/proc/${id}/environ`).includes(`PRIVATE_DESKTOP=${PRIVATE_DESKTOP}\0`)).filter((id) => program(id).startsWith(name));
}

function program(id) {
  try {
    return readlinkSync(`/proc/${id}/exe`).split("/").at(-1) ?? "";
  } catch {
    return "";
  }
}

const call = (...args) => execFileSync("gdbus", ["call", "--session", ...args], { encoding: "utf8", stdio: "pipe" }).trim();
const property = (dest, path, iface, name) => call("--dest", dest, "--object-path", path, "--method", "org.freedesktop.DBus.Properties.Get", iface, name);

/** The label among a menu entry's properties: gdbus quotes with ' unless the text holds one. */
const label = (properties) => {
  const [, single, double] = /'label': <(?:'([^']*)'|"([^"]*)")>/.exec(properties) ?? [];
  return (single ?? double)?.replaceAll("_", "");
};

/** A tray item, asked over the bus as a panel would ask it. */
export class TrayItem {
  /** Every item the tray host knows. */
  static all() {
    const listed = property("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher", "org.kde.StatusNotifierWatcher", "RegisteredStatusNotifierItems");
    return [...listed.matchAll(/'([^'/]+)(\/[^']+)'/g)].map((match) => new TrayItem(match[1], match[2]));
  }

  /** The item that a process has put there, if it has. */
  static of(id) {
    return TrayItem.all().find((item) => item.owner === id);
  }

  constructor(bus, path) {
    this.bus = bus;
    this.path = path;
  }

  property(name) {
    return property(this.bus, this.path, "org.kde.StatusNotifierItem", name);
  }

  /** The process whose item this is. */
  get owner() {
    const answer = call("--dest", "org.freedesktop.DBus", "--object-path", "/org/freedesktop/DBus", "--method", "org.freedesktop.DBus.GetConnectionUnixProcessID", this.bus);
    return Number(/(\d+),\)$/.exec(answer)[1]);
  }

  /** The name of the face it shows. */
  get face() {
    return faceOf(this.property("IconPixmap"));
  }

  get menuPath() {
    return this.property("Menu").match(/'?(\/[A-Za-z0-9_/]+)/)[1];
  }

  /** The menu's entries: number and label; ids may change when the menu is drawn again. */
  menu() {
    const layout = call("--dest", this.bus, "--object-path", this.menuPath, "--method", "com.canonical.dbusmenu.GetLayout", "0", "--", "-1", "[]");
    return [...layout.matchAll(/\((\d+), \{([^}]*)\}/g)]
      .map((match) => ({ id: match[1], label: label(match[2]) }))
      .filter((entry) => entry.label);
  }

  choose(label) {
    const entry = this.menu().find((one) => one.label.startsWith(label));
    if (!entry) throw new Error(`the tray's menu has no "${label}": ${this.menu().map((one) => one.label).join(", ")}`);
    call("--dest", this.bus, "--object-path", this.menuPath, "--method", "com.canonical.dbusmenu.Event", entry.id, "clicked", "<0>", "0");
  }

  /** Chooses what ends the app: its answer may be lost with it, which is the one failure that is none. */
  chooseLast(label) {
    try {
      this.choose(label);
    } catch (error) {
      if (!String(error.stderr).includes("org.freedesktop.DBus.Error.NoReply")) throw error;
    }
  }
}
