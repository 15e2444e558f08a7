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
const section = (name) => async (page) => {
  await page.locator(`nav a[href="#settings-${name}"]`).click();
  await page.waitForTimeout(100);
};
const bundle = [press("Settings"), press("Look at it and save it")];
const licences = [press("Settings"), press("Licences of all packages"), rest(300)];
/** From the connection's page into its guide for another token. */
const rotate = [...details, press("Rotate the API token")];
const rotateDe = [
  async (page) => page.locator("article footer button").last().click(),
  rest(150),
  async (page) => page.getByRole("button", { name: "API-Token ersetzen", exact: true }).click(),
  rest(250),
];
const revoke = async (page) => page.locator("dialog footer button").last().click();

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
  { name: "rotation-underway", scenario: "rotation_watch", act: details },
  { name: "rotation-last", scenario: "rotation_left", act: details },
  { name: "rotation-1-create", scenario: "rotation", act: [...rotate, press("Copy name")] },
  { name: "rotation-1-cancel", scenario: "rotation_create", act: [...rotate, press("Cancel the rotation")] },
  { name: "rotation-2-paste", scenario: "rotation_paste", act: rotate },
  { name: "rotation-2-missing", scenario: "rotation_paste", act: [...rotate, async (page) => continueButton(page).click(), rest(100)] },
  { name: "rotation-2-same", scenario: "rotation_same", act: [...rotate, type("new-token", `00${"a".repeat(40)}`), press("Store in keychain")] },
  { name: "rotation-2-checked", scenario: "rotation_checked", act: rotate },
  { name: "rotation-2-owner", scenario: "rotation_owner", act: rotate },
  { name: "rotation-2-cancel", scenario: "rotation_checked", act: [...rotate, press("Cancel the rotation")] },
  { name: "rotation-3-update", scenario: "rotation_update", act: rotate },
  { name: "rotation-3-copied", scenario: "rotation_update", act: [...rotate, press("Copy API token"), bottom] },
  { name: "rotation-4-watch", scenario: "rotation_watch", act: rotate },
  { name: "rotation-4-found", scenario: "rotation_watch", act: [...rotate, press("Start looking"), rest(400)] },
  { name: "rotation-4-without", scenario: "rotation_watch_without", act: rotate },
  { name: "rotation-4-cancel", scenario: "rotation_watch", act: [...rotate, press("Cancel the rotation")] },
  { name: "rotation-5-revoke", scenario: "rotation_revoke", act: rotate },
  { name: "rotation-5-sure", scenario: "rotation_revoke", act: [...rotate, press("Revoke the old token")] },
  { name: "rotation-5-refused", scenario: "rotation_refused", act: [...rotate, press("Revoke the old token"), revoke, rest(150)] },
  { name: "rotation-5-lost", scenario: "rotation_lost", act: rotate },
  { name: "rotation-5-console", scenario: "rotation_console", act: rotate },
  { name: "rotation-6-over", scenario: "rotation_revoke", act: [...rotate, press("Revoke the old token"), revoke, rest(150)] },
  { name: "rotation-6-left", scenario: "rotation_watch", act: [...rotate, press("Cancel the rotation"), async (page) => page.locator("dialog footer button").last().click(), rest(150)] },
  { name: "settings", scenario: "overview", act: [press("Settings")] },
  { name: "settings-empty", scenario: "settings_empty", act: [press("Settings"), section("carry")] },
  { name: "settings-practice", scenario: "settings_practice", act: [press("Settings"), section("carry")] },
  { name: "settings-carry", scenario: "settings_carry", act: [press("Settings"), press("Export connections"), section("carry")] },
  { name: "settings-import", scenario: "settings_carry", act: [press("Settings"), press("Import connections")] },
  { name: "settings-import-done", scenario: "settings_carry", act: [press("Settings"), press("Import connections"), press("Import 3 connections"), section("carry")] },
  { name: "settings-import-here", scenario: "settings_carry_here", act: [press("Settings"), press("Import connections")] },
  { name: "settings-import-failed", scenario: "settings_carry_failed", act: [press("Settings"), press("Import connections"), section("carry")] },
  { name: "settings-kept", scenario: "settings_kept", act: [press("Settings"), section("kept")] },
  { name: "settings-kept-fewer", scenario: "settings_kept", act: [press("Settings"), async (page) => page.selectOption("#history-days", "14"), rest(150)] },
  { name: "settings-kept-unread", scenario: "settings_unread", act: [press("Settings"), section("kept")] },
  { name: "settings-about", scenario: "settings_kept", act: [press("Settings"), section("about")] },
  { name: "diagnostics", act: bundle },
  { name: "diagnostics-kept", scenario: "diagnostics", act: [...bundle, flip("replace-people"), flip("replace-addresses"), press("Save the bundle")] },
  { name: "diagnostics-found", scenario: "diagnostics_long", act: [...bundle, type("find-in-bundle", "HEARTBEAT"), press("Next line found"), press("Next line found")] },
  { name: "diagnostics-none", scenario: "diagnostics", act: [...bundle, type("find-in-bundle", "nowhere")] },
  { name: "diagnostics-failed", scenario: "settings_unread", act: bundle },
  { name: "licences", scenario: "overview", act: licences },
  { name: "licences-found", scenario: "overview", act: [...licences, type("find-licence", "tokio mit"), async (page) => page.locator("summary").first().click(), rest(100)] },
  { name: "licences-none", scenario: "overview", act: [...licences, type("find-licence", "no such package")] },
  { name: "settings-import-de", scenario: "settings_carry", language: "de", act: [press("Einstellungen"), press("Verbindungen importieren")] },
  { name: "settings-kept-de", scenario: "settings_kept", language: "de", act: [press("Einstellungen"), section("kept")] },
  { name: "diagnostics-de", scenario: "diagnostics", language: "de", act: [press("Einstellungen"), press("Ansehen und sichern"), flip("replace-people"), rest(150)] },
  { name: "licences-de", scenario: "overview", language: "de", act: [press("Einstellungen"), press("Lizenzen aller Pakete"), rest(300)] },
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
  { name: "settings-asking", scenario: "settings_asking", act: [press("Settings"), flip("presence"), bottom] },
  { name: "settings-dismissed", scenario: "settings_dismissed", act: [press("Settings"), flip("presence"), bottom] },
  { name: "settings-cannot", scenario: "settings_cannot", act: [press("Settings"), bottom] },
  { name: "settings-cannot-de", scenario: "settings_cannot", language: "de", act: [press("Einstellungen"), bottom] },
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
  { name: "practice-rotation", scenario: "practice_rotation", act: rotate },
  { name: "rotation-2-owner-de", scenario: "rotation_owner", language: "de", act: rotateDe },
  { name: "rotation-5-revoke-de", scenario: "rotation_revoke", language: "de", act: rotateDe },
  { name: "1-before-de", scenario: "before", language: "de" },
  { name: "4-checks-de", scenario: "checks_person", language: "de" },
  { name: "8-arrival-de", scenario: "arrival", language: "de" },
  { name: "overview-de", scenario: "overview", language: "de" },
];
