/** The reason why a check was skipped, as text. */
import type { CheckRow } from "../host/model";
import { t } from "../messages";

/** Returns why a check was skipped, or `null` where it was not. */
export function skipReason({ outcome, skipped, blocked_by: blocker }: CheckRow): string | null {
  if (outcome !== "skipped" || !skipped) return null;
  return blocker ? t("ui.checks.needs", { check: t(`check.${blocker}.title`) }) : t(`skip.${skipped}`);
}
