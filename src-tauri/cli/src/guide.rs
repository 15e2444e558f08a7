//! A connection whose guide is not finished: where it comes from, what of it is confirmed, what is still to be done in the window.

use std::collections::BTreeMap;

use messages::{Messages, keys};
use model::connection_view::ConnectionView;
use model::guide::GuideStep;
use serde_json::{Value, json};

use crate::{print, told};

/// Returns where an unfinished connection comes from, and what of its addresses nobody has confirmed yet.
pub(crate) fn origin(view: &ConnectionView, messages: &Messages) -> String {
    let mut out = String::new();
    if view.setup.finished.is_some() {
        return out;
    }
    let mut say = |key, name: &str, value: &str| {
        out += &format!("  {}\n", messages.text(key, &[(name, &told::plain(value))]));
    };
    if let Some(at) = view.setup.imported {
        let confirmed = view.connection.origin.is_some();
        let key = if confirmed { keys::CLI_SHOW_IMPORTED_CONFIRMED } else { keys::CLI_SHOW_IMPORTED };
        say(key, "time", &told::time(at));
    }
    if view.connection.origin.is_none() && !view.setup.typed_domain.is_empty() {
        say(keys::CLI_SHOW_TYPED, "domain", &view.setup.typed_domain);
    }
    say(keys::CLI_SHOW_RADIANT, "url", &view.connection.radiant.url);
    out
}

/// Returns the steps that are still to be done, with what the window asks at each.
pub(crate) fn to_do(view: &ConnectionView, messages: &Messages) -> String {
    let steps = steps(view, messages);
    if steps.is_empty() {
        return String::new();
    }
    let lines = steps.into_iter().map(|one| format!("    {}. {}: {}\n", one.number, one.title, one.asks));
    format!("  {}\n{}", messages.text(keys::CLI_NOT_FINISHED, &[]), lines.collect::<String>())
}

/// Returns the connection for programs, with the steps that are still to be done beside what the window draws of it.
///
/// # Errors
/// When a value cannot be written as JSON, which none of today can cause.
pub(crate) fn shown_json(view: &ConnectionView, messages: &Messages) -> serde_json::Result<String> {
    let mut value = serde_json::to_value(view)?;
    let steps = steps(view, messages);
    let told = steps
        .into_iter()
        .map(|one| json!({"step": one.step, "number": one.number, "title": one.title, "asks": one.asks}));
    if let Value::Object(members) = &mut value {
        members.insert("to_do".to_owned(), told.collect());
    }
    serde_json::to_string_pretty(&value)
}

/// One step of the guide.
struct Step {
    step: GuideStep,
    number: usize,
    title: String,
    asks: String,
}

fn steps(view: &ConnectionView, messages: &Messages) -> Vec<Step> {
    let named = |name: String| messages.named(&name, &BTreeMap::new());
    let steps = view.setup.to_do(view.connection.profile).into_iter().map(|step| {
        let word = print::word(&step);
        Step {
            step,
            number: GuideStep::ALL.iter().position(|one| *one == step).map_or(0, |at| at + 1),
            title: named(format!("ui.step.{word}.short")),
            asks: named(format!("cli.to_do.{word}")),
        }
    });
    steps.collect()
}
