//! The output of checks and problems: a table for people, JSON lines for programs.

use std::collections::BTreeMap;
use std::io::{self, Write};

use messages::Messages;
use model::capability::CapabilityRow;
use model::check::{CheckReport, CheckRow, Fact, FactKey, Outcome};
use model::problem::Problem;
use serde::Serialize;
use serde_json::json;

/// Returns the serialized form of an enum value, which the message catalog uses in its keys: `outcome.<form>`.
pub(crate) fn as_str<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Writes one row as a JSON line.
pub(crate) fn row_json(out: &mut impl Write, row: &CheckRow, messages: &Messages) -> io::Result<()> {
    let mut value = serde_json::to_value(row)?;
    if let Some(object) = value.as_object_mut() {
        object.insert("title".to_owned(), json!(title(row, messages)));
        if let Some(code) = row.code {
            let text = messages.code(code, &row.args);
            object.insert("sentence".to_owned(), json!(text.title));
            object.insert("meaning".to_owned(), json!(text.meaning));
            object.insert("remedy".to_owned(), json!(text.remedy));
        }
    }
    writeln!(out, "{value}")
}

/// Writes the last JSON line, the summary.
pub(crate) fn summary_json(out: &mut impl Write, report: &CheckReport) -> io::Result<()> {
    let ms = (report.finished - report.started).num_milliseconds();
    let line = json!({"worst": report.worst(), "capabilities": report.capabilities, "ms": ms});
    writeln!(out, "{line}")
}

/// Writes one row of the table.
pub(crate) fn row_text(out: &mut impl Write, row: &CheckRow, messages: &Messages) -> io::Result<()> {
    let outcome = messages.by_name(&format!("outcome.{}", as_str(&row.outcome)), &BTreeMap::new());
    let mark = match row.outcome {
        Outcome::Passed => "+",
        Outcome::Attention => "!",
        Outcome::Failed => "x",
        Outcome::Skipped => "-",
        Outcome::Unknown => "?",
    };
    write!(out, "{mark} {outcome:<16} {}", title(row, messages))?;
    write_facts(out, &row.facts, messages)?;
    writeln!(out)?;
    if let Some(code) = row.code.filter(|_| row.outcome != Outcome::Passed) {
        let text = messages.code(code, &row.args);
        for line in [text.title, text.meaning, text.remedy] {
            writeln!(out, "                     {line}")?;
        }
    }
    Ok(())
}

fn title(row: &CheckRow, messages: &Messages) -> String {
    messages.by_name(&format!("check.{}.title", as_str(&row.check)), &BTreeMap::new())
}

/// Writes the facts in parentheses. Each is written once and never copied into a longer text: there may be thousands.
fn write_facts(out: &mut impl Write, facts: &[Fact], messages: &Messages) -> io::Result<()> {
    let named = |name: String| messages.by_name(&name, &BTreeMap::new());
    let mut before = None;
    for fact in facts {
        // Facts of one kind are joined: "Role A, B".
        if before == Some(fact.key) {
            write!(out, ", ")?;
        } else {
            let name = named(format!("fact.{}", as_str(&fact.key)));
            write!(out, "{}{name}: ", if before.is_none() { "  (" } else { "; " })?;
        }
        if fact.key == FactKey::OwnerSign {
            write!(out, "{}", named(format!("sign.{}", fact.value)))?;
        } else {
            write!(out, "{}", fact.value)?;
        }
        before = Some(fact.key);
    }
    if before.is_some() { write!(out, ")") } else { Ok(()) }
}

/// Writes the capability table.
pub(crate) fn capabilities_text(out: &mut impl Write, rows: &[CapabilityRow], messages: &Messages) -> io::Result<()> {
    for row in rows {
        let name = messages.by_name(&format!("capability.{}", as_str(&row.capability)), &BTreeMap::new());
        let standing = messages.by_name(&format!("standing.{}", as_str(&row.state)), &BTreeMap::new());
        let by = row.granted_by.as_ref().map(|by| format!(" ({by})")).unwrap_or_default();
        writeln!(out, "  {name:<40} {standing}{by}")?;
    }
    Ok(())
}

/// Returns a problem as one line: title, remedy, code.
pub(crate) fn problem(problem: &Problem, messages: &Messages) -> String {
    let text = messages.code(problem.code, &problem.args);
    format!("{} {} [{}]", text.title, text.remedy, problem.code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::preferences::Language;

    /// Counts what is written, and in how many calls.
    #[derive(Default)]
    struct Counter {
        bytes: usize,
        calls: usize,
    }

    impl Write for Counter {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.bytes += text.len();
            self.calls += 1;
            Ok(text.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn facts(facts: &[Fact]) -> String {
        let mut out = Vec::new();
        write_facts(&mut out, facts, &Messages::load_for_command_line(Language::En)).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn fact(key: FactKey, value: &str) -> Fact {
        Fact { key, value: value.to_owned() }
    }

    #[test]
    fn facts_of_one_kind_are_joined() {
        assert_eq!(facts(&[]), "");
        let sign = fact(FactKey::OwnerSign, "service_name");
        let shown = facts(&[fact(FactKey::Role, "A"), fact(FactKey::Role, "B"), fact(FactKey::OrgId, "00o1"), sign]);
        assert!(shown.starts_with("  (Role: A, B; Okta org id: 00o1; "), "{shown}");
        assert!(shown.ends_with(')') && !shown.contains("service_name"), "{shown}");
    }

    #[test]
    fn the_work_grows_as_the_number_of_facts() {
        let work = |count: usize| {
            let mut counter = Counter::default();
            let facts = vec![fact(FactKey::Role, "Role"); count];
            write_facts(&mut counter, &facts, &Messages::load_for_command_line(Language::En)).unwrap();
            (counter.bytes, counter.calls)
        };
        let ((bytes, calls), (more_bytes, more_calls)) = (work(1_000), work(10_000));
        assert!(more_bytes <= 10 * bytes && more_calls <= 10 * calls, "{bytes} {calls}, {more_bytes} {more_calls}");
        assert!(calls <= 3_000, "each fact is written once: {calls}");
    }
}
