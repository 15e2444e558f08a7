/** The checks that must be answered before each other check, as the app runs them. */
import { CHECK_DEPENDS } from "./bindings";
import type { CheckId } from "./model";

export const CHECK_DEPENDENCIES: Readonly<Record<CheckId, readonly CheckId[]>> = CHECK_DEPENDS;
