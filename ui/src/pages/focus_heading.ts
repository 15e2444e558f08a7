/** Moves the focus to the page's heading when the control that had it is gone, so that the keyboard goes on from the top of the page. */
import { tick } from "svelte";

export async function focusHeadingIfLost(): Promise<void> {
  await tick();
  if (document.activeElement === document.body) document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
}
