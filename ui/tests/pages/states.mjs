/**
 * The states that are looked at: a scenario, and what is done in it before looking. `shots` limits the sizes of the pictures;
 * every state is checked by axe in light and dark.
 */
const continueButton = (page) => page.locator("footer").getByRole("button", { name: "Continue" });
const type = (id, text) => async (page) => {
  await page.fill(`#${id}`, text);
  await page.waitForTimeout(700);
};
const press = (name) => async (page) => {
  await page.getByRole("button", { name, exact: true }).first().click();
  await page.waitForTimeout(250);
};
const flip = (id) => async (page) => {
  await page.locator(`#${id}`).click();
  await page.waitForTimeout(150);
};
const open = (summary) => async (page) => page.locator("summary", { hasText: summary }).first().click();
const rest = (ms) => async (page) => page.waitForTimeout(ms);
/** Opens the page of the first connection and scrolls to the history. */
const details = [press("Details")];
const history = async (page) => page.locator("#past-title").evaluate((title) => title.scrollIntoView());
const span = (name) => async (page) => {
  await page.locator(".spans").getByRole("button", { name, exact: true }).click();
  await page.waitForTimeout(150);
};
const scrollTo = (selector) => async (page) => page.locator(selector).first().evaluate((place) => place.scrollIntoView());
const bottom = async (page) => page.locator("main").evaluate((main) => main.scrollTo(0, main.scrollHeight));

export const STATES = [
  { name: "first" },
  { name: "first-de", scenario: "first", language: "de" },
  { name: "loading" },
  { name: "first-problem", scenario: "first_problem", act: [press("Try the practice organisation")] },
  { name: "notices" },
  { name: "store-corrupt", scenario: "store_corrupt" },
  { name: "store-corrupt-aside", scenario: "store_corrupt", act: [press("Set it aside and start fresh")] },
  { name: "store-newer", scenario: "store_newer" },
  { name: "store-read-only", scenario: "store_read_only" },
  { name: "disk-full", scenario: "disk_full" },
  { name: "store-busy", scenario: "store_busy" },
  { name: "1-before", scenario: "before" },
  { name: "1-before-missing", scenario: "before", act: [async (page) => continueButton(page).click(), rest(100)] },
  { name: "1-before-details", scenario: "before", act: [open("Is there a smaller role"), open("Why a service account")] },
  { name: "2-domain", scenario: "domain" },
  { name: "2-domain-asking", scenario: "domain_slow", act: [type("okta-domain", "acme")] },
  { name: "2-domain-found", scenario: "domain", act: [type("okta-domain", "https://acme-admin.okta.com/admin/dashboard")] },
  { name: "2-domain-custom", scenario: "domain", act: [type("okta-domain", "login.example.com")] },
  { name: "2-domain-look-alike", scenario: "domain", act: [type("okta-domain", "acme.okta.com.example.net")] },
  { name: "2-domain-token", scenario: "domain", act: [type("okta-domain", `00${"a".repeat(40)}`)] },
  { name: "2-domain-empty", scenario: "domain", act: [async (page) => continueButton(page).click(), rest(100)] },
  { name: "2-domain-unknown", scenario: "domain_unknown", act: [type("okta-domain", "acme")] },
  { name: "2-domain-captive", scenario: "domain_captive", act: [type("okta-domain", "acme")] },
  { name: "2-domain-kept", scenario: "domain_kept" },
  { name: "3-create", scenario: "create" },
  { name: "3-create-account", scenario: "create", act: [open("How do I make one"), press("Copy link for a private window")] },
  { name: "3-create-end", scenario: "create", act: [bottom] },
  { name: "4-paste", scenario: "paste" },
  { name: "4-paste-odd", scenario: "paste", act: [type("api-token", "00Tabcdefghijklmnopq")] },
  { name: "4-paste-good", scenario: "paste", act: [type("api-token", `00${"a".repeat(40)}`)] },
  { name: "4-paste-running", scenario: "paste_slow", act: [type("api-token", `00${"a".repeat(40)}`), press("Store in keychain")] },
  { name: "4-paste-stored", scenario: "paste", act: [type("api-token", `00${"a".repeat(40)}`), press("Store in keychain"), rest(1200)] },
  { name: "4-keychain-missing", scenario: "keychain_missing" },
  { name: "4-keychain-locked", scenario: "keychain_locked" },
  { name: "4-paste-another", scenario: "checks_passed", act: [press("Paste another")] },
  { name: "4-paste-refused", scenario: "paste", act: [type("api-token", "00Tabcdefghijklmnopq"), press("Store in keychain")] },
  { name: "4-checks-passed", scenario: "checks_passed", act: [open("What was asked")] },
  { name: "4-checks-passed-end", scenario: "checks_passed", act: [bottom] },
  { name: "4-checks-person", scenario: "checks_person" },
  { name: "4-checks-tls", scenario: "checks_tls" },
  { name: "4-checks-token-refused", scenario: "checks_token_refused" },
  { name: "4-checks-read-only", scenario: "checks_read_only" },
  { name: "4-checks-read-only-end", scenario: "checks_read_only", act: [bottom] },
  { name: "4-checks-okta-down", scenario: "checks_okta_down" },
  { name: "5-credential", scenario: "credential" },
  { name: "5-credential-copied", scenario: "credential", act: [press("Copy API token"), bottom] },
  { name: "5-credential-sticky", scenario: "credential_sticky", act: [press("Copy API token"), bottom] },
  { name: "5-credential-cleared", scenario: "credential_cleared", act: [press("Copy API token"), bottom] },
  { name: "5-credential-asking", scenario: "credential_asking", act: [press("Copy API token"), bottom] },
  { name: "5-credential-taken-back", scenario: "credential_asking", act: [press("Copy API token"), press("Cancel"), bottom] },
  { name: "5-credential-refused", scenario: "credential_refused", act: [press("Copy API token"), bottom] },
  { name: "5-credential-dismissed", scenario: "credential_dismissed", act: [press("Copy API token"), bottom] },
  { name: "5-credential-no-agent", scenario: "credential_no_agent", act: [press("Copy API token"), bottom] },
  { name: "6-data", scenario: "data" },
  { name: "7-action", scenario: "action" },
  { name: "7-action-skipped", scenario: "action_skipped" },
  { name: "8-arrival", scenario: "arrival" },
  { name: "8-arrival-settings", scenario: "arrival_waiting", act: [open("How Radiant"), press("Find out by asking Radiant"), bottom] },
  { name: "8-arrival-waiting", scenario: "arrival_waiting", act: [press("Start looking"), rest(300)] },
  { name: "8-arrival-found", scenario: "arrival_found", act: [press("Start looking"), rest(400)] },
  { name: "8-arrival-problem", scenario: "arrival_problem", act: [press("Start looking"), rest(200)] },
  { name: "9-done", scenario: "done" },
  { name: "9-done-end", scenario: "done", act: [bottom] },
  { name: "9-done-unverified", scenario: "done_unverified" },
  { name: "9-done-monitoring", scenario: "done", act: [async (page) => page.locator("label[for=keep-monitoring_token]").click(), press("Finish"), rest(150)] },
  { name: "9-done-report", scenario: "done", act: [press("Look at it first")] },
  { name: "overview" },
  { name: "overview-error", scenario: "overview_error" },
  { name: "connection", act: [press("Connections"), async (page) => page.getByRole("button", { name: "Details" }).first().click(), rest(150)], scenario: "overview" },
  {
    name: "connection-remove",
    scenario: "overview",
    act: [press("Connections"), async (page) => page.getByRole("button", { name: "Details" }).first().click(), press("Remove")],
  },
  {
    name: "connection-rename",
    scenario: "overview",
    act: [press("Connections"), async (page) => page.getByRole("button", { name: "Details" }).first().click(), press("Rename")],
  },
  { name: "settings", scenario: "overview", act: [press("Settings")] },
  { name: "settings-asking", scenario: "settings_asking", act: [press("Settings"), flip("presence"), bottom] },
  { name: "settings-dismissed", scenario: "settings_dismissed", act: [press("Settings"), flip("presence"), bottom] },
  { name: "settings-cannot", scenario: "settings_cannot", act: [press("Settings"), bottom] },
  { name: "settings-cannot-de", scenario: "settings_cannot", language: "de", act: [press("Einstellungen"), bottom] },
  { name: "watch-healthy", scenario: "watch_healthy" },
  { name: "watch-new", scenario: "watch_new" },
  { name: "watch-refused", scenario: "watch_refused" },
  { name: "watch-lagging", scenario: "watch_lagging" },
  { name: "watch-offline", scenario: "watch_offline" },
  { name: "watch-paused", scenario: "watch_paused" },
  { name: "watch-failing", scenario: "watch_failing", act: [press("Pause checks")] },
  { name: "watch-hundred", scenario: "watch_hundred" },
  { name: "watch-hundred-found", scenario: "watch_hundred", act: [type("find-connection", "org 01")] },
  { name: "watch-hundred-none", scenario: "watch_hundred", act: [type("find-connection", "nowhere")] },
  { name: "watch-hundred-filter", scenario: "watch_hundred", act: [async (page) => page.getByRole("button", { name: /^Paused/ }).click(), rest(100)] },
  { name: "past-day", scenario: "watch_healthy", act: [...details, history] },
  { name: "past-week", scenario: "watch_healthy", act: [...details, span("7 d"), history] },
  { name: "past-month", scenario: "watch_healthy", act: [...details, span("30 d"), history] },
  { name: "past-table", scenario: "watch_healthy", act: [...details, open("as a table"), press("Save as CSV"), history] },
  { name: "past-new", scenario: "watch_new", act: [...details] },
  { name: "past-refused", scenario: "watch_refused", act: [...details] },
  { name: "past-lagging", scenario: "watch_lagging", act: [...details] },
  { name: "past-offline", scenario: "watch_offline", act: [...details] },
  { name: "past-paused", scenario: "watch_paused", act: [...details, history] },
  { name: "past-failing", scenario: "watch_failing", act: [...details] },
  { name: "landing", scenario: "watch_landing" },
  { name: "settings-quiet", scenario: "watch_quiet", act: [press("Settings"), scrollTo("#notices-on")] },
  { name: "settings-saved", scenario: "watch_healthy", act: [press("Settings"), async (page) => page.selectOption("#watch-heartbeat_s", "300"), rest(150), scrollTo("#watch-heartbeat_s")] },
  { name: "settings-failing", scenario: "watch_failing", act: [press("Settings"), async (page) => page.selectOption("#watch-heartbeat_s", "300"), rest(150), scrollTo("#watch-heartbeat_s")] },
  { name: "settings-work", scenario: "watch_quiet", act: [press("Settings"), press("Add planned work"), press("Add"), scrollTo("#notices-on")] },
  { name: "past-month-de", scenario: "watch_lagging", language: "de", act: [press("Einzelheiten"), span("30 Tage"), open("Dieselben Zahlen"), history] },
  { name: "settings-de", scenario: "watch_quiet", language: "de", act: [press("Einstellungen"), press("Geplante Arbeiten eintragen"), press("Hinzufügen")] },
  { name: "watch-hundred-de", scenario: "watch_hundred", language: "de" },
  { name: "watch-offline-de", scenario: "watch_offline", language: "de" },
  { name: "help", scenario: "create", act: [press("Help")] },
  { name: "help-answer", scenario: "create", act: [press("Help"), type("ask", "Which feed do I choose?"), press("Ask"), rest(200)] },
  { name: "help-private", scenario: "create", act: [press("Help"), type("ask", "Why is jo@example.com refused?"), press("Ask"), rest(200)] },
  { name: "practice-first", scenario: "practice_first" },
  { name: "practice-before", scenario: "practice_before" },
  { name: "practice-controls", scenario: "practice_before", act: [press("Practice controls")] },
  { name: "practice-domain", scenario: "practice_domain" },
  { name: "practice-paste", scenario: "practice_paste" },
  { name: "practice-credential", scenario: "practice_credential" },
  { name: "practice-arrival", scenario: "practice_arrival" },
  { name: "practice-done", scenario: "practice_done", act: [bottom] },
  { name: "1-before-de", scenario: "before", language: "de" },
  { name: "4-checks-de", scenario: "checks_person", language: "de" },
  { name: "8-arrival-de", scenario: "arrival", language: "de" },
  { name: "overview-de", scenario: "overview", language: "de" },
];
