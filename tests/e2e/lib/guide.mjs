/** Ways through the guide that several specs take, by keyboard alone. */
import { until } from "./driver.mjs";
import { t } from "./messages.mjs";

/** The key of a confirmation's label. */
export const done = (what) => ({ credential: "ui.credential.done", data: "ui.data.done", action: "ui.action.done" })[what];

/** Presses Continue. */
export const goOn = (app) => app.byKeyboard("button", t("ui.guide.continue"));

/** From step 1 to step 4 of a practice guide; `look` is called at each step. */
export async function toPasteToken(app, look = async () => undefined) {
  await app.tick(t("ui.before.serviceAccount"));
  await app.tick(t("ui.before.radiantAdmin"));
  for (const step of ["domain", "create_token"]) {
    await look();
    await goOn(app);
    await app.step(step);
  }
  await app.tick(t("ui.create.done"));
  await look();
  await goOn(app);
  await app.step("paste_token");
}

/** Takes the token that is chosen, at first the practice administrator's, and waits until the checks have run. */
export const tokenTaken = (app) => checked(app, () => app.byKeyboard("button", t("ui.practice.take")));

/** Does what runs the checks and waits until their rows are drawn. Returns the answer to `run_checks`: the whole report. */
export async function checked(app, begin) {
  const before = (await reports(app)).length;
  await begin();
  const report = await until("all checks", async () => (await reports(app))[before], 90_000);
  await until("the checks to be drawn", () => app.sees("button", t("ui.checks.runAgain")));
  return report;
}

const reports = async (app) => (await app.told()).filter((line) => /run_checks/.test(line) && line.includes('"capabilities"'));

/** Takes the practice search token and waits for the first Okta event found in Radiant. */
export async function arrivalSeen(app) {
  await app.byKeyboard("button", t("ui.arrival.practiceTake"));
  await until("the first match", async () => (await app.told()).some((line) => line.includes('"found_at"')), 60_000);
}
