/** The pages that have their own help, besides the steps of the guide. */
export type HelpPage = "connection" | "diagnostics" | "edit" | "overview" | "rotation" | "settings" | "welcome";
