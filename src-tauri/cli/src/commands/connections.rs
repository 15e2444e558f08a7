//! `connectorctl connections`: lists, shows, removes, exports and imports connections. An export holds no secret.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use connector::place;
use messages::{Messages, keys};
use model::code::Code;
use model::connection_import::{ImportOutcome, ImportedSettings};
use model::connection_view::ConnectionView;
use model::problem::Problem;

use crate::args::{Connections, Place};
use crate::session::Session;
use crate::{connection_status, exit_code, output, unfinished_guide};

/// Runs the command.
pub(crate) async fn run(command: Connections) -> ExitCode {
    let messages = Messages::load_for_command_line(place_of(&command).language.into());
    match output_of(&command, &messages).await.and_then(|text| Ok(io::stdout().write_all(text.as_bytes())?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit_code::failed(&error, &messages),
    }
}

fn place_of(command: &Connections) -> &Place {
    match command {
        Connections::List { place, .. }
        | Connections::Show { place, .. }
        | Connections::Export { place, .. }
        | Connections::Import { place, .. }
        | Connections::Remove { place, .. } => place,
    }
}

/// Returns the text to print.
async fn output_of(command: &Connections, messages: &Messages) -> anyhow::Result<String> {
    let session = Session::open(place_of(command), messages).await?;
    match command {
        Connections::List { json, .. } => {
            let views = session.connections(None).await?;
            let line = |view| if *json { Ok(format!("{}\n", as_json(view)?)) } else { Ok(line(view, messages)) };
            views.iter().map(line).collect()
        }
        Connections::Show { name, json, .. } => {
            let view = session.connection(name).await?;
            if *json {
                Ok(format!("{}\n", unfinished_guide::connection_json(&view, messages)?))
            } else {
                Ok(details(&view, messages))
            }
        }
        Connections::Export { file, .. } => export(&session, file.as_deref()).await,
        Connections::Import { file, .. } => {
            let outcome = session.connector.import(&read_export_file(file)?).await?;
            Ok(import_report(&outcome, messages))
        }
        Connections::Remove { name, .. } => {
            let view = session.connection(name).await?;
            session.connector.remove_connection(&view.connection.id).await?;
            Ok(String::new())
        }
    }
}

async fn export(session: &Session, file: Option<&Path>) -> anyhow::Result<String> {
    let text = session.connector.export().await?;
    let Some(file) = file else { return Ok(text) };
    place::write_private(file, &text).with_context(|| file.display().to_string())?;
    Ok(String::new())
}

fn read_export_file(file: &Path) -> anyhow::Result<String> {
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
        connection_status::display_name(view),
        connection_status::single_line(url),
        messages.status(&view.status),
        view.connection.id
    )
}

fn details(view: &ConnectionView, messages: &Messages) -> String {
    let label = |group: &str, value: String| messages.by_name(&format!("{group}.{value}"), &BTreeMap::new());
    let mut out = line(view, messages);
    out += &unfinished_guide::origin(view, messages);
    out += &format!("  {}\n", label("profile", output::as_str(&view.connection.profile)));
    if view.setup.finished.is_some() {
        out += &format!("  {}\n", label("keep", output::as_str(&view.connection.keep)));
    }
    for secret in &view.secrets {
        let since = secret.since.map(connection_status::format_time).unwrap_or_default();
        out += &format!("  {}: {since}\n", label("secret", output::as_str(&secret.name)));
    }
    if let Some(problem) = &view.status.problem {
        out += &format!("  {}\n", output::problem(problem, messages));
    }
    for one in &view.reminders {
        let text = messages.reminder(one);
        let [title, remedy] = [&text.title, &text.remedy].map(|text| connection_status::single_line(text));
        let args = [("title", title.as_str()), ("remedy", remedy.as_str())];
        out += &format!("  {}\n", messages.text(keys::CLI_REMINDER, &args));
    }
    out + &unfinished_guide::remaining_steps(view, messages)
}

fn import_report(outcome: &ImportOutcome, messages: &Messages) -> String {
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
