/** The window as a screen reader is told of it, read over the accessibility bus. A spec that uses it wants a desktop with one. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What such a spec asks of its desktop. */
export const SPOKEN = { DESKTOP_ATSPI: "yes" };
const READER = fileURLToPath(new URL("../accessibility_tree.py", import.meta.url));
const PRESSABLE = ["push button", "button", "toggle button", "link", "check box", "radio button", "entry", "password text", "combo box"];

/** Every object of the window, in reading order: role, name, level, live, current, states. */
export const tree = () => JSON.parse(execFileSync("/usr/bin/python3", [READER], { encoding: "utf8", timeout: 30_000, maxBuffer: 1 << 26 }));

/** The first object of a role whose name begins so. */
export const named = (objects, role, name) => objects.find((one) => one.role === role && one.name.startsWith(name));

/** What can be pressed and says nothing. */
export const mute = (objects) => objects.filter((one) => PRESSABLE.includes(one.role) && one.name.trim() === "" && one.states.includes("showing"));

/** All that is said, in one text. */
export const spoken = (objects) => objects.map((one) => `${one.name} ${one.text}`).join("\n");
