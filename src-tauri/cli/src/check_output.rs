//! The output of checks: rows, capabilities and summary, as lines of a table for people and as JSON for programs.

use std::collections::BTreeMap;

use chrono::DateTime;
use messages::{Messages, keys};
use model::capability::CapabilityRow;
use model::check::{CheckId, CheckReport, CheckRow, Fact, FactKey, Outcome};
use model::domain_parser::ParsedDomain;
use serde_json::{Value, json};

use crate::connection_status::state_name;
use crate::problem_text::typed_and_asked;
use crate::serialized_name::as_str;

/// Returns one row as JSON.
pub(crate) fn row_json(row: &CheckRow, messages: &Messages) -> Value {
    let mut value = serde_json::to_value(row).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        object.insert("title".to_owned(), json!(check_title(row.check, messages)));
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

/// Puts the rows of a run, which are answered at the same time, into one order: a row is returned once those before it are there.
#[derive(Debug, Default)]
pub(crate) struct RowsInOrder {
    waiting: BTreeMap<usize, CheckRow>,
    next: usize,
}

impl RowsInOrder {
    /// Takes a row and returns those that can be printed now.
    pub(crate) fn push(&mut self, row: CheckRow) -> Vec<CheckRow> {
        let place = CheckId::ALL.iter().position(|check| *check == row.check).unwrap_or(CheckId::ALL.len());
        self.waiting.insert(place, row);
        let mut ready = Vec::new();
        while let Some(row) = self.waiting.remove(&self.next) {
            ready.push(row);
            self.next += 1;
        }
        ready
    }

    /// Returns the rows that waited for one that never came.
    pub(crate) fn rest(self) -> impl Iterator<Item = CheckRow> {
        self.waiting.into_values()
    }
}

/// Returns the last line of the table: the result in the word of monitoring systems, and how many rows have each outcome.
pub(crate) fn summary_text(report: &CheckReport, exit: u8, messages: &Messages) -> String {
    let outcomes = [Outcome::Failed, Outcome::Attention, Outcome::Unknown, Outcome::Passed, Outcome::Skipped];
    let counted = outcomes.iter().filter_map(|outcome| {
        let count = report.rows.iter().filter(|row| row.outcome == *outcome).count();
        (count > 0).then(|| format!("{count} {}", outcome_text(*outcome, messages)))
    });
    format!("{}: {}", state_name(exit), counted.collect::<Vec<_>>().join(", "))
}

fn outcome_text(outcome: Outcome, messages: &Messages) -> String {
    messages.by_name(&format!("outcome.{}", as_str(&outcome)), &BTreeMap::new())
}

/// Returns the lines of one row of the table.
pub(crate) fn row_text(row: &CheckRow, messages: &Messages) -> Vec<String> {
    let outcome = outcome_text(row.outcome, messages);
    let mark = match row.outcome {
        Outcome::Passed => "+",
        Outcome::Attention => "!",
        Outcome::Failed => "x",
        Outcome::Skipped => "-",
        Outcome::Unknown => "?",
    };
    let width =
        CheckId::ALL.iter().map(|check| check_title(*check, messages).chars().count()).max().unwrap_or_default();
    let (title, facts) = (check_title(row.check, messages), facts(&row.facts, messages));
    let line = format!("{mark} {outcome:<16} {title:<width$}{facts}");
    let mut lines = vec![line.trim_end().to_owned()];
    if let Some(code) = row.code.filter(|_| row.outcome != Outcome::Passed) {
        let text = messages.code(code, &row.args);
        let below = [text.title, text.meaning, text.remedy].into_iter().chain(typed_and_asked(&row.args, messages));
        lines.extend(below.map(|line| format!("                     {line}")));
    }
    lines
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

fn check_title(check: CheckId, messages: &Messages) -> String {
    messages.by_name(&format!("check.{}.title", as_str(&check)), &BTreeMap::new())
}

/// Returns the value of a fact for people: a time in one style, and the terms of Okta that this app translates.
fn fact_value(fact: &Fact, messages: &Messages) -> String {
    let key = match fact.value.as_str() {
        "certain" => "ui.fact.certain",
        "probable" => "ui.fact.probable",
        "ANYWHERE" => "ui.fact.anywhere",
        "ZONE" => "ui.fact.zone",
        "idx" => "ui.fact.idx",
        "v1" => "ui.fact.classic",
        value if fact.key == FactKey::OwnerSign => return messages.by_name(&format!("sign.{value}"), &BTreeMap::new()),
        value if matches!(fact.key, FactKey::CreatedAt | FactKey::ExpiresAt | FactKey::NewestEvent) => {
            let at = DateTime::parse_from_rfc3339(value).map(|at| at.to_utc().format("%Y-%m-%d %H:%M UTC").to_string());
            return at.unwrap_or_else(|_| value.to_owned());
        }
        value => return value.to_owned(),
    };
    messages.by_name(key, &BTreeMap::new())
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
        text.push_str(&fact_value(fact, messages));
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

#[cfg(test)]
mod tests {
    use model::check::Evidence;
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

    fn row(check: CheckId, outcome: Outcome, facts: Vec<Fact>) -> CheckRow {
        CheckRow {
            check,
            outcome,
            skipped: None,
            code: None,
            args: BTreeMap::new(),
            facts,
            remembered: None,
            evidence: Vec::<Evidence>::new(),
            link: None,
            blocked_by: None,
            at: chrono::DateTime::UNIX_EPOCH,
            ms: 1,
        }
    }

    #[test]
    fn rows_are_printed_in_one_order_and_their_columns_are_aligned() {
        let answered = [CheckId::Token, CheckId::Keychain, CheckId::Tls, CheckId::Domain];
        let mut order = RowsInOrder::default();
        let mut printed: Vec<CheckId> = Vec::new();
        for check in answered {
            printed.extend(order.push(row(check, Outcome::Passed, Vec::new())).iter().map(|row| row.check));
        }
        assert_eq!(printed, [CheckId::Keychain, CheckId::Domain, CheckId::Tls]);
        let rest: Vec<_> = order.rest().map(|row| row.check).collect();
        assert_eq!(rest, [CheckId::Token], "the clock never came");
        for language in [Language::En, Language::De] {
            let messages = Messages::load_for_command_line(language);
            let column = |check| {
                let fact = Fact { key: FactKey::OrgId, value: "00o1".to_owned() };
                let line = row_text(&row(check, Outcome::Attention, vec![fact]), &messages).remove(0);
                line.split('(').next().map(|before| before.chars().count())
            };
            assert_eq!(column(CheckId::Token), column(CheckId::RadiantSearch), "{language:?}");
        }
    }

    #[test]
    fn the_last_line_counts_the_outcomes_and_no_value_is_a_raw_code() {
        let messages = Messages::load_for_command_line(Language::En);
        let at = chrono::DateTime::UNIX_EPOCH;
        let outcomes = [Outcome::Passed, Outcome::Skipped, Outcome::Passed];
        let rows = outcomes.map(|outcome| row(CheckId::Token, outcome, Vec::new())).to_vec();
        let report = CheckReport { started: at, finished: at, rows, capabilities: Vec::new() };
        assert_eq!(summary_text(&report, 0, &messages), "OK: 2 passed, 1 skipped");
        let value = |key, value: &str| fact_value(&Fact { key, value: value.to_owned() }, &messages);
        assert_eq!(value(FactKey::Pipeline, "idx"), "Identity Engine");
        assert_eq!(value(FactKey::TokenSureness, "probable"), "probably this one");
        assert_eq!(value(FactKey::Network, "ANYWHERE"), "Any IP");
        assert_eq!(value(FactKey::ExpiresAt, "2026-03-10T10:15:31.123Z"), "2026-03-10 10:15 UTC");
        assert_eq!(value(FactKey::OwnerName, "Jo"), "Jo");
    }

    #[test]
    fn facts_of_one_kind_are_joined() {
        let messages = Messages::load_for_command_line(Language::En);
        let fact = |key, value: &str| Fact { key, value: value.to_owned() };
        assert_eq!(facts(&[], &messages), "");
        let sign = fact(FactKey::OwnerSign, "service_name");
        let all = [fact(FactKey::Role, "A"), fact(FactKey::Role, "B"), fact(FactKey::OrgId, "00o1"), sign];
        let shown = facts(&all, &messages);
        assert!(shown.starts_with("  (Role: A, B; Okta org ID: 00o1; "), "{shown}");
        assert!(shown.ends_with(')') && !shown.contains("service_name"), "{shown}");
    }
}
