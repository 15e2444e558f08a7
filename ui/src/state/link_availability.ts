/** Which pages of Okta and Radiant can be opened. */
import { type LinkTarget, PUBLIC_LINKS } from "../host/model";
import type { App } from "./app.svelte";

/** Whether a page belongs to no organization. */
export function isPublic(link: LinkTarget): boolean {
  return PUBLIC_LINKS.some((to) => to === link.to);
}

/** Whether a connection has a page. The practice organization has only those that belong to no organization. */
export function hasPage(app: App, id: string, link: LinkTarget): boolean {
  return isPublic(link) || !app.view(id)?.practice;
}
