/** The operating system, as far as the window behaves differently on it. */

/** Whether the command key takes the place of Ctrl. */
export function isMac(): boolean {
  return /Mac/.test(navigator.userAgent);
}
