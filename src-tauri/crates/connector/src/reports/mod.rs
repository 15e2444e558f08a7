//! The set-up report, a connection's history and the diagnostics bundle. The report: what is verified, what was confirmed,
//! what the token may do, and what to do when its owner leaves.
//!
//! Promises: verified and confirmed never stand in one list; practice says so in the title; the personal data the
//! report names is listed in it; a text from outside can form no Markdown, and one that looks like a token is taken out.
//! Never: a secret. The view has none; the last rule is for one that was typed or pasted into the wrong field.
//! Pure.

mod about;
mod diagnostics;
mod history;
mod json;
mod markdown;
mod words;

use chrono::{DateTime, Utc};
pub use diagnostics::{Bundle, diagnostics};
pub use words::without_tokens;

use messages::Messages;
use model::connection_view::ConnectionView;
use model::history::History;
use model::status::StatusChange;

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

/// Writes a connection's hours as CSV.
#[must_use]
pub fn history_csv(history: &History) -> String {
    history::hours(history)
}

/// Writes the changes of a connection's status as CSV: the model's words, and beside them those of `messages`.
#[must_use]
pub fn changes_csv(name: &str, changes: &[StatusChange], messages: &Messages) -> String {
    history::changes(name, changes, messages)
}
