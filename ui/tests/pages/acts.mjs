/**
 * The acts that lead to a state: each takes the page. Acts with the same arguments are the same function, so that a state which begins
 * like another can continue from it.
 */
export const reused = (make) => {
  const made = new Map();
  return (...args) => {
    const key = args.join("\n");
    if (!made.has(key)) made.set(key, make(...args));
    return made.get(key);
  };
};
export const type = reused((id, text) => (page) => page.fill(`#${id}`, text));
export const press = reused((name) => (page) => page.getByRole("button", { name, exact: true }).first().click());
export const toggle = reused((id) => (page) => page.locator(`#${id}`).click());
export const label = reused((id) => (page) => page.locator(`label[for=${id}]`).click());
export const choose = reused((id, value) => (page) => page.selectOption(`#${id}`, value));
export const open = reused((summary) => (page) => page.locator("summary", { hasText: summary }).first().click());
export const scrollTo = reused((selector) => (page) => page.locator(selector).first().evaluate((place) => place.scrollIntoView()));
export const section = reused((name) => (page) => page.locator(`nav a[href="#settings-${name}"]`).click());
export const timeSpan = reused((name) => (page) => page.locator(".spans").getByRole("button", { name, exact: true }).click());
export const openReminder = reused((kind) => (page) => page.locator(`summary:has(#reminder-${kind})`).click());
/** The details of the first line. */
export const pressDetails = reused((word) => (page) => page.getByRole("button", { name: new RegExp(`^${word}`) }).first().click());
export const expand = reused((name) => (page) => page.locator("[data-connection]", { hasText: name }).first().locator("button.toggle").click());
export const tab = reused((name) => (page) => page.locator(`#tab-${name}`).click());
export const bottom = (page) => page.locator("main").evaluate((main) => main.scrollTo(0, main.scrollHeight));
export const continueInFooter = (page) => page.locator("footer").getByRole("button", { name: "Continue" }).click();
export const confirmInDialog = (page) => page.locator("dialog footer button").last().click();
export const submitKey = (page) => page.locator("form:has(#alert-webhook_key) button[type=submit]").click();
export const openFirstSummary = (page) => page.locator("summary").first().click();
export const keepNoMonitoringToken = (page) => page.locator("label[for=keep-monitoring_token]").click();
export const keepNothing = (page) => page.locator("label[for=keep-nothing]").click();
export const showPausedConnections = (page) => page.getByRole("button", { name: /^Paused/ }).click();
export const maintenance = (page) => page.getByRole("heading", { name: "Planned work" }).evaluate((title) => title.scrollIntoView());
export const endOfChanges = (page) => page.getByText("The newest 200 of").evaluate((line) => line.scrollIntoView({ block: "center" }));
/** The list of licenses is a file of its own, which the page fetches. */
export const licenseList = (page) => page.waitForSelector("main li");

export const details = [pressDetails("Details")];
export const detailsDe = [pressDetails("Einzelheiten")];
