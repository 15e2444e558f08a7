/** The rules every state must keep: nothing found by axe, nothing wider than the window. Each function returns the faults. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Runs axe's rules: `everything`, or only those about `colors`. */
export async function accessibilityFaults(page, extent) {
  const violations = await page.evaluate(
    async ({ tags, extent }) => {
      const others = extent === "everything" ? [] : window.axe.getRules().filter((rule) => !rule.tags.includes("cat.color"));
      const rules = Object.fromEntries(others.map((rule) => [rule.ruleId, { enabled: false }]));
      const found = await window.axe.run(document, { runOnly: tags, rules, resultTypes: ["violations"] });
      return found.violations.map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 3).map((node) => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`) }));
    },
    { tags: TAGS, extent },
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.join(" | ")}`);
}

export async function overflow(page) {
  const over = await page.evaluate(() => {
    const main = document.querySelector("main");
    return Math.max(document.documentElement.scrollWidth - innerWidth, main ? main.scrollWidth - main.clientWidth : 0);
  });
  return over > 1 ? [`${over} px wider than the window`] : [];
}

/** Describes the page without its colors: every element, its text, whether it is visible, and its place. */
const describe = () => {
  const places = [...document.querySelectorAll("*")].map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x, y, width, height, getComputedStyle(element).visibility].join(" ");
  });
  return `${document.documentElement.outerHTML}\n${places.join("\n")}`;
};

/** Returns a handle on the description, which stays in the page. */
export const layout = (page) => page.evaluateHandle(describe);

export async function hasSameLayout(page, before) {
  const now = await layout(page);
  const same = await page.evaluate(([before, now]) => before === now, [before, now]);
  await Promise.all([before.dispose(), now.dispose()]);
  return same;
}
