/**
 * Functions that run inside the page: each is sent as source and sees its arguments alone. They read the window by what a
 * screen reader would be told, roughly: role and accessible name.
 */

/**
 * Finds what is visible, of this kind, whose name begins with `name`. With `mark` it is to be pressed: it is marked once it is not
 * busy, because a busy button ignores presses, and its place is returned.
 */
export function find(kind, name, mark) {
  const KINDS = {
    button: "button, [role=button], summary",
    link: "a[href]",
    radio: "input[type=radio]",
    checkbox: "input[type=checkbox]",
    field: "input:not([type=radio]):not([type=checkbox]), textarea",
    choice: "select",
    heading: "h1, h2, h3",
    dialog: "dialog[open]",
  };
  const squeeze = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const named = (element) => {
    const by = element.getAttribute("aria-labelledby");
    const labels = by ? by.split(" ").map((id) => document.getElementById(id)) : [...(element.labels ?? [])];
    return squeeze(element.getAttribute("aria-label") ?? (labels.length ? labels.map((one) => one?.textContent).join(" ") : element.textContent));
  };
  const seen = (element) => element.checkVisibility() && !element.disabled;
  for (const old of document.querySelectorAll("[data-e2e-found]")) old.removeAttribute("data-e2e-found");
  const found = [...document.querySelectorAll(KINDS[kind])].find((one) => seen(one) && named(one).startsWith(squeeze(name)));
  if (mark && found?.getAttribute("aria-busy") === "true") return false;
  if (found && mark) {
    found.scrollIntoView({ block: "center" });
    found.setAttribute("data-e2e-found", "");
    const { left, top } = found.getBoundingClientRect();
    return `${left} ${top}`;
  }
  return !!found;
}

/** What has the focus. */
export function focused() {
  const element = document.activeElement;
  if (!element || element === document.body) return { kind: "page", name: "", id: "" };
  const tag = element.tagName.toLowerCase();
  const kind =
    tag === "input"
      ? { radio: "radio", checkbox: "checkbox" }[element.type] ?? "field"
      : { button: "button", summary: "button", a: "link", select: "choice", textarea: "field" }[tag] ?? tag;
  const by = element.getAttribute("aria-labelledby");
  const labels = by ? by.split(" ").map((id) => document.getElementById(id)) : [...(element.labels ?? [])];
  const name = element.getAttribute("aria-label") ?? (labels.length ? labels.map((one) => one?.textContent).join(" ") : element.textContent);
  const shown = getComputedStyle(element);
  const ring = shown.outlineStyle !== "none" && parseFloat(shown.outlineWidth) > 0;
  return { kind, name: (name ?? "").replace(/\s+/g, " ").trim(), id: element.id, busy: element.getAttribute("aria-busy") === "true", ring: ring || !!element.closest("div")?.matches(":has(:focus-visible)") };
}

/**
 * Keeps everything Rust tells the page from now on in `window.e2eTold`: answers come by fetch from ipc://, events and
 * streamed news by callbacks that the page's own bridge looks up by number in a map.
 */
export function record() {
  if (window.e2eTold) return true;
  const told = (window.e2eTold = []);
  const fetched = window.fetch;
  window.fetch = async function (...args) {
    const answer = await fetched.apply(this, args);
    const url = String(args[0]?.url ?? args[0]);
    if (url.startsWith("ipc:") || url.includes("ipc.localhost")) {
      answer.clone().text().then((text) => told.push(`${url} ${text}`), () => undefined);
    }
    return answer;
  };
  const get = Map.prototype.get;
  Map.prototype.get = function (key) {
    const value = get.call(this, key);
    if (typeof key !== "number" || typeof value !== "function") return value;
    return function (...args) {
      try {
        told.push(`callback ${JSON.stringify(args)}`);
      } catch {
        told.push("callback that is not text");
      }
      return value.apply(this, args);
    };
  };
  return true;
}
