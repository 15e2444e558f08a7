//! A connection whose guide is not finished: its origin, what is confirmed, and the remaining steps.

use std::collections::BTreeMap;

use messages::{Messages, keys};
use model::connection_view::ConnectionView;
use model::guide::GuideStep;
use serde_json::{Value, json};

use crate::{connection_status, serialized_name};

/// Returns lines on where an unfinished connection comes from, and which of its addresses are not confirmed yet.
pub(crate) fn origin(view: &ConnectionView, messages: &Messages) -> Vec<String> {
    let mut lines = Vec::new();
    if view.setup.finished.is_some() {
        return lines;
    }
    let mut add = |key, name: &str, value: &str| {
        lines.push(format!("  {}", messages.text(key, &[(name, &connection_status::single_line(value))])));
    };
    if let Some(at) = view.setup.imported {
        let confirmed = view.connection.origin.is_some();
        let key = if confirmed { keys::CLI_SHOW_IMPORTED_CONFIRMED } else { keys::CLI_SHOW_IMPORTED };
        add(key, "time", &connection_status::format_time(at));
    }
    if view.connection.origin.is_none() && !view.setup.typed_domain.is_empty() {
        add(keys::CLI_SHOW_TYPED, "domain", &view.setup.typed_domain);
    }
    add(keys::CLI_SHOW_RADIANT, "url", &view.connection.radiant.url);
    lines
}

/// Returns lines with the remaining steps and what the window asks for in each.
pub(crate) fn remaining_steps(view: &ConnectionView, messages: &Messages) -> Vec<String> {
    let steps = steps(view, messages);
    if steps.is_empty() {
        return Vec::new();
    }
    let lines = steps.into_iter().map(|one| format!("    {}. {}: {}", one.number, one.title, one.asks));
    std::iter::once(format!("  {}", messages.text(keys::CLI_NOT_FINISHED, &[]))).chain(lines).collect()
}

/// Returns the connection as JSON, with the remaining steps.
///
/// # Errors
/// When a value cannot be serialized, which no current value causes.
pub(crate) fn connection_json(view: &ConnectionView, messages: &Messages) -> serde_json::Result<String> {
    let mut value = serde_json::to_value(view)?;
    let steps = steps(view, messages);
    let to_do = steps
        .into_iter()
        .map(|one| json!({"step": one.step, "number": one.number, "title": one.title, "asks": one.asks}));
    if let Value::Object(members) = &mut value {
        members.insert("to_do".to_owned(), to_do.collect());
    }
    serde_json::to_string_pretty(&value)
}

/// A remaining step of the guide.
struct Step {
    step: GuideStep,
    number: usize,
    title: String,
    asks: String,
}

fn steps(view: &ConnectionView, messages: &Messages) -> Vec<Step> {
    let named = |name: String| messages.by_name(&name, &BTreeMap::new());
    let steps = view.setup.remaining_steps(view.connection.profile).into_iter().map(|step| {
        let name = serialized_name::as_str(&step);
        Step {
            step,
            number: GuideStep::ALL.iter().position(|one| *one == step).map_or(0, |at| at + 1),
            title: named(format!("ui.step.{name}.short")),
            asks: named(format!("cli.to_do.{name}")),
        }
    });
    steps.collect()
}
