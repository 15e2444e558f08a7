/** Parses a domain like the app, as far as the states of step 2 need it. */
import type { Code, ParsedDomain, DomainNote } from "../model";

export function parseDomain(typed: string): ParsedDomain {
  const no = (code: Code): ParsedDomain => ({ kind: "no", code });
  const notes: DomainNote[] = [];
  let text = typed.trim();
  if (text === "") return no("domain_empty");
  if (/(^|[^\w-])00[\w-]{40}($|[^\w-])/.test(text)) return no("domain_is_token");
  if (text.startsWith("http://")) return no("domain_plain_http");
  text = text.replace(/^https:\/\//, "");
  if (text !== text.toLowerCase()) notes.push("upper_case");
  text = text.toLowerCase();
  if (/[/?#]/.test(text)) notes.push("path");
  text = text.split(/[/?#]/)[0] ?? "";
  if (/[^a-z0-9.-]/.test(text)) return no("domain_not_a_host");
  if (/^\d+(\.\d+){3}$/.test(text)) return no("domain_address");
  if (!text.includes(".")) {
    notes.push("name_only");
    text = `${text}.okta.com`;
  }
  if (text === "okta.com") return no("domain_zone_itself");
  if (/^my-org\./.test(text)) return no("domain_placeholder");
  if (/(^|[.-])(0kta|okt4|okta)(-[a-z]+)?\.[a-z]+$/.test(text) && !text.endsWith(".okta.com")) return no("domain_look_alike");
  if (!text.endsWith(".okta.com")) {
    if (text.includes("okta")) notes.push("names_okta");
    return { kind: "custom", host: text, notes };
  }
  if (text.includes("-admin.")) {
    notes.unshift("admin_host");
    text = text.replace("-admin.", ".");
  }
  return { kind: "org", domain: text, url: `https://${text}`, notes };
}
