//! `connectorctl connections`: what is kept of connections, and carrying them to another computer without a secret.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use connector::place;
use messages::{Messages, keys};
use model::code::Code;
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::transfer::{ImportOutcome, ImportedSettings};

use crate::args::{Connections, Place};
use crate::door::Door;
use crate::{exit, guide, print, told};

/// Does what was asked.
pub(crate) async fn run(asked: Connections) -> ExitCode {
    let messages = Messages::of_command_line(place_of(&asked).language.into());
    match answer(&asked, &messages).await.and_then(|text| Ok(io::stdout().write_all(text.as_bytes())?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit::refused(&error, &messages),
    }
}

fn place_of(asked: &Connections) -> &Place {
    match asked {
        Connections::List { place, .. }
        | Connections::Show { place, .. }
        | Connections::Export { place, .. }
        | Connections::Import { place, .. }
        | Connections::Remove { place, .. } => place,
    }
}

/// Returns what is printed.
async fn answer(asked: &Connections, messages: &Messages) -> anyhow::Result<String> {
    let door = Door::open(place_of(asked), messages).await?;
    match asked {
        Connections::List { json, .. } => {
            let views = door.connections(None).await?;
            let line = |view| if *json { Ok(format!("{}\n", as_json(view)?)) } else { Ok(line(view, messages)) };
            views.iter().map(line).collect()
        }
        Connections::Show { name, json, .. } => {
            let view = door.connection(name).await?;
            if *json { Ok(format!("{}\n", guide::shown_json(&view, messages)?)) } else { Ok(shown(&view, messages)) }
        }
        Connections::Export { file, .. } => export(&door, file.as_deref()).await,
        Connections::Import { file, .. } => {
            let outcome = door.connector.import(&document(file)?).await?;
            Ok(imported(&outcome, messages))
        }
        Connections::Remove { name, .. } => {
            let view = door.connection(name).await?;
            door.connector.remove_connection(&view.connection.id).await?;
            Ok(String::new())
        }
    }
}

async fn export(door: &Door, file: Option<&Path>) -> anyhow::Result<String> {
    let text = door.connector.export().await?;
    let Some(file) = file else { return Ok(text) };
    place::write_private(file, &text).with_context(|| file.display().to_string())?;
    Ok(String::new())
}

fn document(file: &Path) -> anyhow::Result<String> {
    let bytes = place::read_at_most(file, place::LONGEST_DOCUMENT).with_context(|| file.display().to_string())?;
    Ok(String::from_utf8(bytes).map_err(|_| Problem::new(Code::ImportGarbled))?)
}

fn as_json(view: &ConnectionView) -> anyhow::Result<serde_json::Value> {
    let connection = &view.connection;
    Ok(serde_json::json!({
        "id": connection.id, "name": connection.name, "okta_url": view.okta_url, "practice": view.practice,
        "profile": connection.profile, "keep": connection.keep, "step": view.setup.step,
        "finished": view.setup.finished, "state": view.status.state, "as_of": view.status.as_of,
    }))
}

fn line(view: &ConnectionView, messages: &Messages) -> String {
    let url = view.okta_url.as_deref().unwrap_or("-");
    format!(
        "{:<24} {:<36} {}  {}\n",
        told::name(view),
        told::plain(url),
        messages.state(&view.status),
        view.connection.id
    )
}

fn shown(view: &ConnectionView, messages: &Messages) -> String {
    let labelled = |room: &str, word: String| messages.named(&format!("{room}.{word}"), &BTreeMap::new());
    let mut out = line(view, messages);
    out += &guide::origin(view, messages);
    out += &format!("  {}\n", labelled("profile", print::word(&view.connection.profile)));
    if view.setup.finished.is_some() {
        out += &format!("  {}\n", labelled("keep", print::word(&view.connection.keep)));
    }
    for secret in &view.secrets {
        let since = secret.since.map(told::time).unwrap_or_default();
        out += &format!("  {}: {since}\n", labelled("secret", print::word(&secret.name)));
    }
    if let Some(problem) = &view.status.problem {
        out += &format!("  {}\n", print::problem(problem, messages));
    }
    for one in &view.reminders {
        let said = messages.reminder(one);
        let told = [("title", told::plain(&said.title)), ("remedy", told::plain(&said.remedy))];
        let told: Vec<_> = told.iter().map(|(name, text)| (*name, text.as_str())).collect();
        out += &format!("  {}\n", messages.text(keys::CLI_REMINDER, &told));
    }
    out + &guide::to_do(view, messages)
}

fn imported(outcome: &ImportOutcome, messages: &Messages) -> String {
    let mut out = String::new();
    for one in &outcome.added {
        out += &format!("{}\n", messages.text(keys::CLI_IMPORTED, &[("name", &one.name)]));
    }
    for one in &outcome.skipped {
        let args = [("name", one.name.as_str()), ("domain", one.domain.as_str())];
        out += &format!("{}\n", messages.text(keys::CLI_IMPORT_SKIPPED, &args));
    }
    let settings = match outcome.settings {
        ImportedSettings::Applied => keys::CLI_IMPORT_SETTINGS_APPLIED,
        ImportedSettings::Kept => keys::CLI_IMPORT_SETTINGS_KEPT,
        ImportedSettings::Absent => return out,
    };
    out + &format!("{}\n", messages.text(settings, &[]))
}
