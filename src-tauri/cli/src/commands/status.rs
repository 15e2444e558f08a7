//! `connectorctl status`: the status of connections in the form that monitoring systems read (monitoring-plugins guidelines,
//! 2.1 to 2.6): the exit code of the worst one, one line with performance data, long text below it.
//!
//! It reports the stored status and its age. Without recent probes the status is `UNKNOWN`.

use std::io;
use std::process::ExitCode;

use messages::{Messages, keys};
use model::alert::AlertChannelView;
use model::history::Span;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::args::Status;
use crate::connection_status::{StatusLine, display_name, single_line, state_name};
use crate::session::Session;
use crate::{alert_secret_files, exit_code, print};

/// Prints the status of connections.
pub(crate) async fn run(args: Status, messages: &Messages) -> ExitCode {
    let (lines, alerts) = match status_lines(&args, messages).await {
        Ok(found) => found,
        Err(error) => return exit_code::unknown(&error, args.json, messages),
    };
    let exit = lines.first().map_or(3, StatusLine::exit);
    let written = match args.json {
        true => json(exit, &lines, &alerts, messages),
        false => text(exit, &lines, &alerts, messages),
    };
    match written {
        Ok(()) => ExitCode::from(exit),
        Err(error) => exit_code::could_not_run(&error.to_string()),
    }
}

/// Returns the status of each connection, the worst first, and the channels of team alerts that fail.
async fn status_lines(args: &Status, messages: &Messages) -> anyhow::Result<(Vec<StatusLine>, Vec<AlertChannelView>)> {
    let session = Session::open(&args.place, messages).await?;
    let name = args.of.as_deref();
    if args.check {
        for view in session.connections(name).await? {
            // The process that watches a connection keeps its status up to date.
            session.connector.monitor().probe_unless_watched(&view.connection.id, &CancellationToken::new()).await?;
        }
    }
    let settings = session.connector.settings().monitor().await?;
    let mut lines = Vec::new();
    for view in session.connections(name).await? {
        let history = session.connector.monitor().history(&view.connection.id, Span::Day).await?;
        lines.push(StatusLine::of(view, &settings, &history, session.clock.now()));
    }
    lines.sort_by_key(StatusLine::rank);
    Ok((lines, alert_secret_files::failing(&session).await?))
}

fn text(exit: u8, lines: &[StatusLine], alerts: &[AlertChannelView], messages: &Messages) -> io::Result<()> {
    let Some(worst) = lines.first() else {
        return print::line(&format!("{} - {}", state_name(exit), messages.text(keys::CLI_NO_CONNECTION, &[])));
    };
    let alone = lines.len() == 1;
    let count = if alone { String::new() } else { format!(" (1/{})", lines.len()) };
    let performance: Vec<String> = lines.iter().flat_map(|one| one.performance(alone)).collect();
    let bar = if performance.is_empty() { "" } else { " | " };
    let (name, sentence) = (display_name(&worst.view), single_line(&worst.sentence(messages)));
    let age = worst.age(messages);
    let performance = performance.join(" ");
    print::line(&format!("{} - {name}: {sentence}, {age}{count}{bar}{performance}", state_name(exit)))?;
    lines.iter().flat_map(|one| long_text(one, alone, messages)).try_for_each(|line| print::line(&line))?;
    alerts.iter().map(|one| alert_secret_files::line(one, messages)).try_for_each(|line| print::line(&line))
}

/// Returns the lines about one connection. Of the only one the first line says everything but its address.
fn long_text(line: &StatusLine, alone: bool, messages: &Messages) -> Vec<String> {
    let url = line.view.okta_url.as_ref().map(|url| single_line(url));
    let mut lines = if alone {
        url.map(|url| format!("  {url}")).into_iter().collect()
    } else {
        let url = url.map(|url| format!(" ({url})")).unwrap_or_default();
        let (state, name) = (state_name(line.exit()), display_name(&line.view));
        let sentence = single_line(&line.sentence(messages));
        vec![format!("{state} {name}{url}: {sentence}, {}", line.age(messages))]
    };
    if let Some(problem) = &line.view.status.problem {
        let text = messages.code(problem.code, &problem.args);
        lines.extend([text.meaning, text.remedy].map(|part| format!("  {}", single_line(&part))));
    }
    lines
}

fn json(exit: u8, lines: &[StatusLine], alerts: &[AlertChannelView], messages: &Messages) -> io::Result<()> {
    let connections: Vec<_> = lines.iter().map(|one| one.json(messages)).collect();
    let alerts: Vec<_> = alerts.iter().map(|one| alert_secret_files::json(one, messages)).collect();
    let word = state_name(exit);
    print::json(&json!({"exit": exit, "word": word, "connections": connections, "alerts_failing": alerts}))
}
