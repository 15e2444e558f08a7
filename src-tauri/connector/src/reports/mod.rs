//! The set-up report: what is verified, what was confirmed, what the token may do, and what to do when its owner leaves.
//!
//! Promises: verified and confirmed never stand in one list; practice says PRACTICE in the title; the personal data the
//! report names is listed in it; a text from outside can form no Markdown, and one that looks like a token is taken out.
//! Never: a secret. The view has none; the last rule is for one that was typed or pasted into the wrong field.
//! Pure.

mod json;
mod markdown;
mod words;

use chrono::{DateTime, Utc};

use crate::messages::{Key, Messages, keys};
use crate::model::{ConnectionView, Fact, FactKey};

/// What to do when the token's owner leaves, in order.
const LEAVE_STEPS: [Key; 5] = [
    keys::REPORT_LEAVE_STEP_1,
    keys::REPORT_LEAVE_STEP_2,
    keys::REPORT_LEAVE_STEP_3,
    keys::REPORT_LEAVE_STEP_4,
    keys::REPORT_LEAVE_STEP_5,
];

/// Writes the report for people, as Markdown. Times are UTC.
#[must_use]
pub fn markdown(view: &ConnectionView, messages: &Messages, version: &str, now: DateTime<Utc>) -> String {
    markdown::report(view, messages, version, now)
}

/// Writes the report for programs: one JSON object, `"format": 1`. Words are those of the model; titles and remedies
/// stand beside them in the language of `messages`.
///
/// # Errors
/// When a value cannot be written as JSON, which no view of today can cause.
pub fn json(
    view: &ConnectionView,
    messages: &Messages,
    version: &str,
    now: DateTime<Utc>,
) -> Result<String, serde_json::Error> {
    json::report(view, messages, version, now)
}

/// One piece of personal data the report names.
struct Personal {
    /// `owner`, `owner_name`, `operator` or `address`, as in `report.personal.*`.
    kind: &'static str,
    value: String,
}

/// Collects the personal data of a view, each once.
fn personal(view: &ConnectionView) -> Vec<Personal> {
    let from_facts = facts(view).filter_map(|fact| {
        let kinds =
            [(FactKey::Owner, "owner"), (FactKey::OwnerName, "owner_name"), (FactKey::EgressAddress, "address")];
        let (_, kind) = kinds.into_iter().find(|(key, _)| *key == fact.key)?;
        Some(Personal { kind, value: fact.value.clone() })
    });
    let operators = view.setup.confirmed.iter().map(|one| Personal { kind: "operator", value: one.by.clone() });
    let mut all: Vec<Personal> = Vec::new();
    for one in from_facts.chain(operators) {
        if !all.iter().any(|known| known.kind == one.kind && known.value == one.value) {
            all.push(one);
        }
    }
    all
}

fn facts(view: &ConnectionView) -> impl Iterator<Item = &Fact> {
    view.report.iter().flat_map(|report| &report.rows).flat_map(|row| &row.facts)
}

/// The owner's login as the checks told it.
fn owner(view: &ConnectionView) -> Option<&str> {
    facts(view).find(|fact| fact.key == FactKey::Owner).map(|fact| fact.value.as_str())
}
