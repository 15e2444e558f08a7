//! The texts of checks and problems: lines of a table for people, JSON for programs.

use std::collections::BTreeMap;

use messages::{Messages, keys};
use model::capability::CapabilityRow;
use model::check::{CheckReport, CheckRow, Fact, FactKey, Outcome};
use model::domain_parser::ParsedDomain;
use model::problem::Problem;
use serde::Serialize;
use serde_json::{Value, json};

/// Returns the serialized form of an enum value, which the message catalog uses in its keys: `outcome.<form>`.
pub(crate) fn as_str<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Returns one row as JSON.
pub(crate) fn row_json(row: &CheckRow, messages: &Messages) -> Value {
    let mut value = serde_json::to_value(row).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        object.insert("title".to_owned(), json!(title(row, messages)));
        if let Some(code) = row.code {
            let text = messages.code(code, &row.args);
            object.insert("sentence".to_owned(), json!(text.title));
            object.insert("meaning".to_owned(), json!(text.meaning));
            object.insert("remedy".to_owned(), json!(text.remedy));
        }
    }
    value
}

/// Returns the last JSON line, the summary.
pub(crate) fn summary_json(url: &str, report: &CheckReport) -> Value {
    let ms = (report.finished - report.started).num_milliseconds();
    json!({"worst": report.worst(), "okta_url": url, "capabilities": report.capabilities, "ms": ms})
}

/// Returns the lines of one row of the table.
pub(crate) fn row_text(row: &CheckRow, messages: &Messages) -> Vec<String> {
    let outcome = messages.by_name(&format!("outcome.{}", as_str(&row.outcome)), &BTreeMap::new());
    let mark = match row.outcome {
        Outcome::Passed => "+",
        Outcome::Attention => "!",
        Outcome::Failed => "x",
        Outcome::Skipped => "-",
        Outcome::Unknown => "?",
    };
    let mut lines = vec![format!("{mark} {outcome:<16} {}{}", title(row, messages), facts(&row.facts, messages))];
    if let Some(code) = row.code.filter(|_| row.outcome != Outcome::Passed) {
        let text = messages.code(code, &row.args);
        let below = [text.title, text.meaning, text.remedy].into_iter().chain(context(&row.args, messages));
        lines.extend(below.map(|line| format!("                     {line}")));
    }
    lines
}

/// Returns what was given and what was asked, where a failure names it.
fn context(args: &BTreeMap<String, String>, messages: &Messages) -> Vec<String> {
    let asked = match (args.contains_key("asked"), args.contains_key("index")) {
        (true, true) => Some("cli.asked_index"),
        (true, false) => Some("cli.asked"),
        (false, _) => None,
    };
    let typed = args.contains_key("typed").then_some("cli.typed");
    [typed, asked].into_iter().flatten().map(|key| messages.by_name(key, args)).collect()
}

/// Returns what was changed while the domain was read, and which address is used instead; `None` where nothing was.
pub(crate) fn domain_reading(typed: &str, messages: &Messages) -> Option<String> {
    let (url, notes) = match ParsedDomain::parse(typed) {
        ParsedDomain::Org { url, notes, .. } => (url, notes),
        ParsedDomain::Custom { host, notes } => (format!("https://{host}"), notes),
        ParsedDomain::No { .. } => return None,
    };
    if notes.is_empty() {
        return None;
    }
    let text = messages.text(keys::CLI_DOMAIN_READ, &[("url", &url), ("typed", typed.trim())]);
    let notes = notes.iter().map(|note| messages.by_name(&format!("ui.noticed.{}", as_str(note)), &BTreeMap::new()));
    Some(notes.fold(text, |text, note| format!("{text} {note}")))
}

fn title(row: &CheckRow, messages: &Messages) -> String {
    messages.by_name(&format!("check.{}.title", as_str(&row.check)), &BTreeMap::new())
}

/// Returns the facts in parentheses. Each is appended once and never copied again: there may be thousands.
fn facts(facts: &[Fact], messages: &Messages) -> String {
    let named = |name: String| messages.by_name(&name, &BTreeMap::new());
    let (mut text, mut before) = (String::new(), None);
    for fact in facts {
        // Facts of one kind are joined: "Role A, B".
        if before == Some(fact.key) {
            text.push_str(", ");
        } else {
            text.push_str(if before.is_none() { "  (" } else { "; " });
            text.push_str(&named(format!("fact.{}", as_str(&fact.key))));
            text.push_str(": ");
        }
        if fact.key == FactKey::OwnerSign {
            text.push_str(&named(format!("sign.{}", fact.value)));
        } else {
            text.push_str(&fact.value);
        }
        before = Some(fact.key);
    }
    if before.is_some() {
        text.push(')');
    }
    text
}

/// Returns the lines of the capability table.
pub(crate) fn capabilities_text(rows: &[CapabilityRow], messages: &Messages) -> Vec<String> {
    let line = |row: &CapabilityRow| {
        let name = messages.by_name(&format!("capability.{}", as_str(&row.capability)), &BTreeMap::new());
        let standing = messages.by_name(&format!("standing.{}", as_str(&row.state)), &BTreeMap::new());
        let by = row.granted_by.as_ref().map(|by| format!(" ({by})")).unwrap_or_default();
        format!("  {name:<40} {standing}{by}")
    };
    rows.iter().map(line).collect()
}

/// Returns a problem as one line: title, remedy, what was given and asked, code.
pub(crate) fn problem(problem: &Problem, messages: &Messages) -> String {
    let text = messages.code(problem.code, &problem.args);
    let mut parts = vec![text.title, text.remedy];
    parts.extend(context(&problem.args, messages));
    format!("{} [{}]", parts.join(" "), problem.code)
}

#[cfg(test)]
mod tests {
    use model::check::{CheckId, Evidence};
    use model::code::Code;
    use model::preferences::Language;

    use super::*;

    #[test]
    fn a_failed_row_names_what_was_asked_below_its_remedy() {
        let args = [("asked", "logs.acme.example"), ("index", "raw-events")];
        let args: BTreeMap<String, String> = args.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let row = CheckRow {
            check: CheckId::Arrival,
            outcome: Outcome::Failed,
            skipped: None,
            code: Some(Code::RadiantNoEvents),
            args,
            facts: Vec::new(),
            remembered: None,
            evidence: Vec::<Evidence>::new(),
            link: None,
            blocked_by: None,
            at: chrono::DateTime::UNIX_EPOCH,
            ms: 1,
        };
        let lines = row_text(&row, &Messages::load_for_command_line(Language::En));
        assert_eq!(lines.last().map(|line| line.trim()), Some("Host: logs.acme.example, index raw-events"));
        let german = row_text(&row, &Messages::load_for_command_line(Language::De));
        assert_eq!(german.last().map(|line| line.trim()), Some("Host: logs.acme.example, Index raw-events"));
    }

    #[test]
    fn a_reading_names_the_address_that_is_used_and_every_change() {
        let typed = "https:/acme-admin.okta.com:443/admin";
        let messages = Messages::load_for_command_line(Language::En);
        let text = domain_reading(typed, &messages).unwrap();
        for part in [typed, "https://acme.okta.com ", "https://.", "-admin", "port", "part after the host"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let own = domain_reading("SSO.okta.acme.example", &messages).unwrap();
        assert!(own.contains("https://sso.okta.acme.example") && own.contains("without a token"), "{own}");
        assert_eq!(domain_reading("acme.okta.com", &messages), None);
        assert_eq!(domain_reading("acme.0kta.com", &messages), None);
    }

    #[test]
    fn facts_of_one_kind_are_joined() {
        let messages = Messages::load_for_command_line(Language::En);
        let fact = |key, value: &str| Fact { key, value: value.to_owned() };
        assert_eq!(facts(&[], &messages), "");
        let sign = fact(FactKey::OwnerSign, "service_name");
        let all = [fact(FactKey::Role, "A"), fact(FactKey::Role, "B"), fact(FactKey::OrgId, "00o1"), sign];
        let shown = facts(&all, &messages);
        assert!(shown.starts_with("  (Role: A, B; Okta org id: 00o1; "), "{shown}");
        assert!(shown.ends_with(')') && !shown.contains("service_name"), "{shown}");
    }
}
