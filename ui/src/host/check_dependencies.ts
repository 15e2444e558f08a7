/** What the host says once and for all, as values of the generated bindings. */
import { CHECK_DEPENDS } from "./bindings";
import type { CheckId } from "./model";

/** The checks that must be answered before each, as the host asks them. */
export const DEPENDS: Readonly<Record<CheckId, readonly CheckId[]>> = CHECK_DEPENDS;
