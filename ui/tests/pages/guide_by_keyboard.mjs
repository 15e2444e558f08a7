/** Walks the whole guide by keyboard alone, from the welcome screen to the overview. Returns the faults. */
const TOKEN = `00${"a".repeat(40)}`;

export async function walkGuide(browser, url) {
  const faults = [];
  const context = await browser.newContext({ viewport: { width: 1080, height: 720 } });
  const page = await context.newPage();
  page.on("pageerror", (error) => faults.push(`walk: ${error.message}`));
  await page.goto(`${url}/fake.html?fake=walk`);
  await page.waitForSelector("main h1");

  const focused = () => page.evaluate(() => `${document.activeElement?.tagName} ${document.activeElement?.id} ${document.activeElement?.textContent?.trim().replace(/\s+/g, " ")}`);
  /** Presses Tab until the focused element is accepted. */
  const tabTo = async (accepts, what) => {
    for (let i = 0; i < 80; i++) {
      if (accepts(await focused())) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not reach ${what}; the focus is on ${await focused()}`);
  };
  const button = (name) => tabTo((now) => now.startsWith("BUTTON") && now.endsWith(name), name);
  const press = async (name) => {
    await button(name);
    await page.keyboard.press("Enter");
  };
  const check = async (id) => {
    await tabTo((now) => now.split(" ")[1] === id, id);
    await page.keyboard.press("Space");
  };
  const at = async (n) => {
    await page.waitForFunction((step) => document.activeElement?.tagName === "H1" && document.activeElement.textContent.includes(`Step ${step} of 9`), n);
    if (!(await page.title()).startsWith(`Step ${n} of 9`)) faults.push(`walk: the title of step ${n} is ${await page.title()}`);
  };

  try {
    await press("Connect Okta to Radiant");
    await at(1);
    await press("Continue");
    await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "alert");
    await check("has-service-account");
    await check("has-radiant-admin");
    await press("Continue");
    // The step is about one field, which has the focus at once.
    await page.waitForFunction(() => document.activeElement?.id === "okta-domain");
    await page.keyboard.type("acme");
    await page.waitForSelector("text=Okta recognizes this org");
    await press("Continue");
    await at(3);
    await check("token-created");
    await press("Continue");
    await at(4);
    await tabTo((now) => now.split(" ")[1] === "api-token", "api-token");
    await page.keyboard.insertText(TOKEN);
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=All checks done");
    await press("Continue");
    await at(5);
    await check("credential-added");
    await press("Continue");
    await at(6);
    await check("data-connector-added");
    await press("Back");
    await at(5);
    await press("Continue");
    await at(6);
    await press("Continue");
    await at(7);
    await check("action-connector-added");
    await press("Continue");
    await at(8);
    await tabTo((now) => now.split(" ")[1] === "radiant-token", "radiant-token");
    await page.keyboard.insertText("search-token-example");
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=reached Radiant");
    await press("Continue");
    await at(9);
    await press("Finish");
    await page.waitForSelector("h1:has-text(\"You're connected\")");
    await press("Open the connection");
    await page.waitForSelector("[role=tab][aria-selected=true]");
    await tabTo((now) => now.split(" ")[1] === "tab-overview", "the tabs");
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(() => document.activeElement?.id === "tab-checks");
    await page.keyboard.press("Alt+ArrowLeft");
    await page.waitForSelector("h1:has-text(\"You're connected\")");
    await page.keyboard.press("Alt+Home");
    await page.waitForSelector("h1:has-text('Connections')");
    await page.waitForSelector("text=Radiant is receiving");
    if ((await page.content()).includes(TOKEN)) faults.push("walk: the token is in the page");
  } catch (error) {
    faults.push(`walk: ${error.message.split("\n")[0]}`);
  }
  await context.close();
  return faults;
}
