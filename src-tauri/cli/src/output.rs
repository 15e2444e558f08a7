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
    writeln!(out, "{mark} {outcome:<16} {}{}", title(row, messages), facts(&row.facts, messages))?;
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

fn facts(facts: &[Fact], messages: &Messages) -> String {
    let named = |name: String| messages.by_name(&name, &BTreeMap::new());
    let value = |fact: &Fact| {
        let sign = fact.key == FactKey::OwnerSign;
        if sign { named(format!("sign.{}", fact.value)) } else { fact.value.clone() }
    };
    // Facts of one kind are joined: "Role A, B".
    let mut all: Vec<(FactKey, String)> = Vec::new();
    for fact in facts {
        match all.last_mut().filter(|(key, _)| *key == fact.key) {
            Some((_, values)) => *values = format!("{values}, {}", value(fact)),
            None => all.push((fact.key, format!("{}: {}", named(format!("fact.{}", as_str(&fact.key))), value(fact)))),
        }
    }
    let all: Vec<String> = all.into_iter().map(|(_, text)| text).collect();
    if all.is_empty() { String::new() } else { format!("  ({})", all.join("; ")) }
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
