/**
 * The keyboard shortcuts of the window: which keys mean which action, and when an action must wait. Pure functions of a key press
 * and of what has the focus. A page never loses typed text to a shortcut, and none reaches past an open dialog.
 */

/** An action that a shortcut starts. */
export type ShortcutAction = "home" | "settings" | "check" | "back" | "close" | "help" | "zoom_in" | "zoom_out" | "zoom_reset" | "select_all";

/** A key press, as a keyboard event reports it. */
export type KeyPress = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** Where a key was pressed. */
export type ShortcutContext = {
  /** Whether the focus is in a field or a list of choices. */
  inField: boolean;
  /** Whether that field holds text, or any field a secret that was not stored yet. */
  hasText: boolean;
  /** Whether a dialog is open. */
  inDialog: boolean;
  /** Whether the page under the dialog is one that Esc closes. */
  closable: boolean;
  mac: boolean;
};

/** Zoom levels in percent. */
export const ZOOM_LEVELS = [80, 90, 100, 110, 125, 150, 175, 200] as const;
export const ZOOM_DEFAULT = 100;

const BY_COMMAND_KEY: Readonly<Record<string, ShortcutAction>> = {
  ",": "settings",
  r: "check",
  "+": "zoom_in",
  "=": "zoom_in",
  "-": "zoom_out",
  "0": "zoom_reset",
  a: "select_all",
};

/** Returns the action of a key press, or `null` for every other key. */
export function actionOf(press: KeyPress, mac: boolean): ShortcutAction | null {
  const command = mac ? press.metaKey && !press.ctrlKey : press.ctrlKey && !press.metaKey;
  if (press.altKey && !press.ctrlKey && !press.metaKey && !press.shiftKey) {
    return press.key === "ArrowLeft" ? "back" : press.key === "Home" ? "home" : null;
  }
  if (command && !press.altKey) {
    const action = BY_COMMAND_KEY[press.key.toLowerCase()] ?? null;
    // Shift is part of "+" on many keyboards; together with a letter it is another shortcut.
    return press.shiftKey && (action === "check" || action === "select_all") ? null : action;
  }
  if (press.ctrlKey || press.metaKey || press.shiftKey || press.altKey) return null;
  return press.key === "Escape" ? "close" : press.key === "F1" ? "help" : press.key === "F5" ? "check" : null;
}

/** Tells whether an action may start here. */
export function mayStart(action: ShortcutAction, { inField, hasText, inDialog, closable, mac }: ShortcutContext): boolean {
  switch (action) {
    case "zoom_in":
    case "zoom_out":
    case "zoom_reset":
      return true;
    case "select_all":
      return !inField;
    case "close":
      return !inDialog && !inField && closable;
    case "back":
      // On macOS these keys move the cursor by a word.
      return !inDialog && !hasText && !(mac && inField);
    case "home":
    case "settings":
    case "check":
    case "help":
      return !inDialog && !hasText;
  }
}

/** Tells whether the web view's own meaning of these keys is suppressed even where the action may not start. */
export function isSuppressed(action: ShortcutAction, { inField }: ShortcutContext): boolean {
  // Reloading the page would lose what was typed, and going back would leave the app's page.
  return action === "check" || (action === "back" && !inField) || action.startsWith("zoom") || action === "settings";
}

/** Returns the zoom level after `action`, starting from `current`. */
export function zoomAfter(action: "zoom_in" | "zoom_out" | "zoom_reset", current: number): number {
  if (action === "zoom_reset") return ZOOM_DEFAULT;
  if (action === "zoom_in") return ZOOM_LEVELS.find((level) => level > current) ?? current;
  return ZOOM_LEVELS.findLast((level) => level < current) ?? current;
}

/** Limits a stored zoom to the levels that are offered. */
export function validZoom(stored: number | undefined): number {
  return Math.min(ZOOM_LEVELS[ZOOM_LEVELS.length - 1] ?? ZOOM_DEFAULT, Math.max(ZOOM_LEVELS[0], stored ?? ZOOM_DEFAULT));
}

/** Describes the focus for `mayStart`. */
export function contextOf(document: Document, mac: boolean, closable: boolean): ShortcutContext {
  const focused = document.activeElement;
  const types = ["checkbox", "radio", "button", "submit"];
  const isInput = focused instanceof HTMLInputElement && !types.includes(focused.type);
  const isText = (isInput || focused instanceof HTMLTextAreaElement) && !focused.readOnly;
  // A secret was perhaps shown only once, so it is not lost even when the focus is elsewhere.
  const hasSecret = [...document.querySelectorAll<HTMLInputElement>("input[type=password]")].some((field) => field.value !== "");
  return {
    inField: isText || focused instanceof HTMLSelectElement,
    hasText: hasSecret || (isText && focused.value !== ""),
    inDialog: document.querySelector("dialog[open]") !== null,
    closable,
    mac,
  };
}
