/** The pages with a help of their own, beside the steps of the guide. */
export type HelpPage = "connection" | "diagnostics" | "edit" | "first" | "overview" | "rotation" | "settings";
