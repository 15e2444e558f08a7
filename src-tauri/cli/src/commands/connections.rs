//! `connectorctl connections`: lists, shows, removes, exports and imports connections. An export holds no secret.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use connector::paths::MAX_EXPORT_LENGTH;
use messages::{Messages, keys};
use model::connection_import::{ImportOutcome, ImportRemark, ImportedSettings};
use model::connection_view::ConnectionView;
use model::problem::Problem;

use crate::args::{Connections, Place};
use crate::session::Session;
use crate::{connection_status, exit_code, print, problem_text, serialized_name, text_files, unfinished_guide_text};

/// Runs the command.
pub(crate) async fn run(command: Connections, messages: &Messages) -> ExitCode {
    let printed = match output_of(&command, messages).await {
        Ok(Output::Lines(lines)) => lines.iter().try_for_each(|line| print::line(line)),
        Ok(Output::Json(values)) => values.iter().try_for_each(print::json),
        Err(error) => return exit_code::failed(&error, messages),
    };
    match printed {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit_code::could_not_run(&error.to_string()),
    }
}

/// What a command prints.
enum Output {
    /// Lines for people.
    Lines(Vec<String>),
    /// JSON values or documents.
    Json(Vec<String>),
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

/// Runs the command and returns what to print.
async fn output_of(command: &Connections, messages: &Messages) -> anyhow::Result<Output> {
    let session = Session::open(place_of(command), messages).await?;
    Ok(match command {
        Connections::List { json, .. } => {
            let views = session.connections(None).await?;
            if *json {
                Output::Json(views.iter().map(|view| as_json(view).to_string()).collect())
            } else {
                if views.is_empty() {
                    print::error_line(&messages.text(keys::CLI_NO_CONNECTION, &[]));
                }
                Output::Lines(views.iter().map(|view| line(view, messages)).collect())
            }
        }
        Connections::Show { name, json, .. } => {
            let view = session.connection(name).await?;
            if *json {
                Output::Json(vec![unfinished_guide_text::connection_json(&view, messages)?])
            } else {
                Output::Lines(details(&view, messages))
            }
        }
        Connections::Export { file, .. } => {
            let text = session.connector.connections().export().await?;
            match text_files::output_file(file.as_deref()) {
                Some(file) => {
                    text_files::write(file, &text, messages)?;
                    Output::Lines(Vec::new())
                }
                None => Output::Json(vec![text]),
            }
        }
        Connections::Import { file, .. } => {
            let text = text_files::read(file, MAX_EXPORT_LENGTH, messages)?;
            let outcome = session.connector.connections().import(&text).await;
            Output::Lines(import_report(&outcome.map_err(|problem| with_file(problem, file))?, messages))
        }
        Connections::Remove { name, .. } => {
            let view = session.connection(name).await?;
            session.connector.connections().remove(&view.connection.id).await?;
            Output::Lines(Vec::new())
        }
    })
}

/// Names the file in a problem of its content.
fn with_file(problem: Problem, file: &Path) -> Problem {
    problem.arg("typed", file.display().to_string())
}

fn as_json(view: &ConnectionView) -> serde_json::Value {
    let connection = &view.connection;
    serde_json::json!({
        "id": connection.id, "name": connection.name, "okta_url": view.okta_url, "practice": view.practice,
        "profile": connection.profile, "keep": connection.keep, "step": view.setup.step,
        "finished": view.setup.finished, "state": view.status.state, "as_of": view.status.as_of,
    })
}

fn line(view: &ConnectionView, messages: &Messages) -> String {
    let url = view.okta_url.as_deref().unwrap_or("-");
    // The id is at the end of the line anyway.
    let name = match view.connection.name.as_str() {
        "" => messages.text(keys::TRAY_UNNAMED, &[]),
        _ => connection_status::display_name(view),
    };
    format!(
        "{:<24} {:<36} {}  {}",
        name,
        connection_status::single_line(url),
        messages.status(&view.status),
        view.connection.id
    )
}

fn details(view: &ConnectionView, messages: &Messages) -> Vec<String> {
    let label = |group: &str, value: String| messages.by_name(&format!("{group}.{value}"), &BTreeMap::new());
    let mut lines = vec![line(view, messages)];
    lines.extend(unfinished_guide_text::origin(view, messages));
    lines.push(format!("  {}", label("profile", serialized_name::as_str(&view.connection.profile))));
    if view.setup.finished.is_some() {
        lines.push(format!("  {}", label("keep", serialized_name::as_str(&view.connection.keep))));
    }
    for secret in &view.secrets {
        let since = secret.since.map(connection_status::format_time).unwrap_or_default();
        lines.push(format!("  {}: {since}", label("secret", serialized_name::as_str(&secret.name))));
    }
    if let Some(problem) = &view.status.problem {
        lines.push(format!("  {}", problem_text::problem(problem, messages)));
    }
    for one in &view.reminders {
        let text = messages.reminder(one);
        let [title, remedy] = [&text.title, &text.remedy].map(|text| connection_status::single_line(text));
        let args = [("title", title.as_str()), ("remedy", remedy.as_str())];
        lines.push(format!("  {}", messages.text(keys::CLI_REMINDER, &args)));
    }
    lines.extend(unfinished_guide_text::remaining_steps(view, messages));
    lines
}

fn import_report(outcome: &ImportOutcome, messages: &Messages) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(outcome.added.iter().map(|one| messages.text(keys::CLI_IMPORTED, &[("name", &one.name)])));
    for one in &outcome.skipped {
        let args = [("name", one.name.as_str()), ("domain", one.domain.as_str())];
        lines.push(messages.text(keys::CLI_IMPORT_SKIPPED, &args));
    }
    lines.extend(outcome.remarks.iter().map(|one| remark_text(one, messages)));
    match outcome.settings {
        ImportedSettings::Applied => lines.push(messages.text(keys::CLI_IMPORT_SETTINGS_APPLIED, &[])),
        ImportedSettings::Kept => lines.push(messages.text(keys::CLI_IMPORT_SETTINGS_KEPT, &[])),
        ImportedSettings::Absent => {}
    }
    lines
}

/// Returns the sentence about something of the file that was not taken as it is.
fn remark_text(remark: &ImportRemark, messages: &Messages) -> String {
    let why = remark.code.map(|code| messages.code(code, &BTreeMap::new()).title).unwrap_or_default();
    let args = [
        ("position", remark.position.to_string()),
        ("name", remark.name.clone()),
        ("value", remark.value.clone()),
        ("why", why),
    ];
    let args = args.map(|(key, value)| (key.to_owned(), value)).into();
    messages.by_name(&format!("import.remark.{}", <&str>::from(remark.what)), &args).trim_end().to_owned()
}
