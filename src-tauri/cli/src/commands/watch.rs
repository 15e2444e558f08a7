//! `connectorctl watch`: monitors connections without a window. It runs every probe that is due, of the connections that no
//! other process watches, and prints each change of status, including those that another process finds, until it is
//! interrupted.

use std::collections::BTreeMap;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use connector::power_events::PowerEvents;
use connector::{Audience, ProvidedToken, RoundSummary, WorkerHost};
use messages::{Messages, keys};
use model::code::Code;
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::status::State;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::alert_secret_files::PrintedFailures;
use crate::args::Watch;
use crate::interrupt::interrupted;
use crate::session::Session;
use crate::{alert_secret_files, connection_status, exit_code, print, problem_text, secret_files};

/// How soon changes that another process finds are printed.
const IDLE: Duration = Duration::from_secs(30);

/// The status that was printed last for each connection.
type Printed = BTreeMap<ConnectionId, (State, Option<Code>)>;

/// Hosts every connection, shows no notifications, and passes each round on to the printer.
struct Host {
    rounds: mpsc::UnboundedSender<RoundSummary>,
}

impl WorkerHost for Host {
    fn audience(&self) -> Audience {
        Audience::Nobody
    }

    fn hosts(&self, _id: &ConnectionId) -> bool {
        true
    }

    fn on_round(&self, round: RoundSummary) {
        // The printer has ended when standard output is closed.
        drop(self.rounds.send(round));
    }
}

/// Monitors until it is interrupted or standard output is closed.
pub(crate) async fn run(args: Watch, messages: &Messages) -> ExitCode {
    let session = match Session::open(&args.place, messages).await {
        Ok(session) => session,
        Err(error) => return exit_code::failed(&error, messages),
    };
    if let Err(error) = provide_secrets(&session, &args).await {
        return exit_code::failed(&error, messages);
    }
    if matches!(session.connections(None).await.as_deref(), Ok([])) {
        print::error_line(&messages.text(keys::CLI_NO_CONNECTION, &[]));
    }
    let (end, (sender, rounds)) = (CancellationToken::new(), mpsc::unbounded_channel());
    let workers = session.connector.workers(Arc::new(Host { rounds: sender }), PowerEvents::default(), end.clone());
    tokio::select! {
        () = workers.run() => {}
        () = print_rounds(&session, rounds, args.json) => end.cancel(),
        () = interrupted() => end.cancel(),
    }
    ExitCode::SUCCESS
}

/// Provides the secrets of the files that were named.
async fn provide_secrets(session: &Session, args: &Watch) -> anyhow::Result<()> {
    secret_files::provide(session, ProvidedToken::Okta, &args.okta_token_file).await?;
    secret_files::provide(session, ProvidedToken::RadiantSearch, &args.radiant_token_file).await?;
    alert_secret_files::provide(&args.alerts, session).await
}

/// Prints the problem and the changes of each round, and meanwhile what other processes change. Returns when standard output
/// is closed.
async fn print_rounds(session: &Session, mut rounds: mpsc::UnboundedReceiver<RoundSummary>, json: bool) {
    let (mut printed, mut failures) = (Printed::new(), PrintedFailures::default());
    let mut round = rounds.recv().await;
    loop {
        if let Some(problem) = round.take().and_then(|round| round.problem) {
            report(&problem, &session.messages);
        }
        for failure in failures.new_lines(session).await {
            print::error_line(&format!("connectorctl: {failure}"));
        }
        if print_changes(session, &mut printed, json).await.is_err() {
            return;
        }
        round = match session.clock.within(IDLE, rounds.recv()).await {
            Some(None) => return,
            Some(next) => next,
            None => None,
        };
    }
}

/// Prints each status that is not the printed one.
///
/// # Errors
/// When standard output is closed.
async fn print_changes(session: &Session, printed: &mut Printed, json: bool) -> io::Result<()> {
    let views = session.connector.connections().list().await.unwrap_or_default();
    let now = session.clock.now();
    for view in &views {
        let status = (view.status.state, view.status.problem.as_ref().map(|problem| problem.code));
        let before = printed.insert(view.connection.id.clone(), status);
        if before == Some(status) {
            continue;
        }
        if json {
            print::json(&line_json(view, before, now, &session.messages))?;
        } else {
            print::line(&line(view, now, &session.messages))?;
        }
    }
    Ok(())
}

fn report(problem: &Problem, messages: &Messages) {
    print::error_line(&format!("connectorctl: {}", problem_text::problem(problem, messages)));
}

fn line(view: &ConnectionView, now: DateTime<Utc>, messages: &Messages) -> String {
    let state = connection_status::state_name(view.status.state.exit_code());
    let title = view.status.problem.as_ref().map(|problem| messages.code(problem.code, &problem.args).title);
    let text = title.unwrap_or_else(|| messages.status(&view.status));
    format!(
        "{} {state} {}: {}",
        connection_status::format_time(now),
        connection_status::display_name(view),
        connection_status::single_line(&text)
    )
}

fn line_json(
    view: &ConnectionView,
    before: Option<(State, Option<Code>)>,
    now: DateTime<Utc>,
    messages: &Messages,
) -> Value {
    let status = &view.status;
    let text = status.problem.as_ref().map(|problem| messages.code(problem.code, &problem.args));
    json!({
        "at": connection_status::format_time(now), "id": view.connection.id, "name": view.connection.name, "practice": view.practice,
        "state": status.state, "exit": status.state.exit_code(), "before": before.map(|(state, _)| state),
        "code": status.problem.as_ref().map(|problem| problem.code), "row": status.row,
        "title": text.as_ref().map(|text| &text.title), "remedy": text.as_ref().map(|text| &text.remedy),
        "since": status.since, "as_of": status.as_of,
    })
}
