/** The tray items of the private desktop, asked over the bus as a panel would ask them. */
import { execFileSync } from "node:child_process";

import { faceOf } from "./tray_icon_recognition.mjs";

const call = (...args) => execFileSync("gdbus", ["call", "--session", ...args], { encoding: "utf8", stdio: "pipe" }).trim();
const property = (dest, path, iface, name) => call("--dest", dest, "--object-path", path, "--method", "org.freedesktop.DBus.Properties.Get", iface, name);

/** The label among a menu entry's properties: gdbus quotes with ' unless the text holds one. */
const label = (properties) => {
  const [, single, double] = /'label': <(?:'([^']*)'|"([^"]*)")>/.exec(properties) ?? [];
  return (single ?? double)?.replaceAll("_", "");
};

/** One tray item: its owner, its picture and its menu. */
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
