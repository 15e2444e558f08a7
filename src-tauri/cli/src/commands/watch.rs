//! `connectorctl watch`: monitors connections without a window. It runs every probe that is due and prints each change of
//! status, including those that another process finds, until it is interrupted.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use connector::Audience;
use connector::power_events::PowerEvents;
use messages::Messages;
use model::code::Code;
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::status::State;
use runtime::Worker;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::args::Watch;
use crate::session::Session;
use crate::{connection_status, exit_code, output};

/// How soon changes that another process finds are printed.
const IDLE: Duration = Duration::from_secs(30);

/// The status that was printed last for each connection.
type Printed = BTreeMap<ConnectionId, (State, Option<Code>)>;

/// The handles that every pass needs.
#[derive(Clone)]
struct PassContext {
    session: Arc<Session>,
    power_events: PowerEvents,
    json: bool,
    end: CancellationToken,
}

/// Monitors until it is interrupted or standard output is closed.
pub(crate) async fn run(args: Watch) -> ExitCode {
    let messages = Messages::load_for_command_line(args.place.language.into());
    let session = match Session::open(&args.place, &messages).await {
        Ok(session) => Arc::new(session),
        Err(error) => return exit_code::failed(&error, &messages),
    };
    let (end, clock) = (CancellationToken::new(), session.clock.clone());
    let (printed, cancel) = (Arc::new(Mutex::new(Printed::new())), end.clone());
    let power_events = PowerEvents::default();
    let context = PassContext { session, power_events: power_events.clone(), json: args.json, end: cancel };
    let worker = Worker::new("watch", IDLE, move || pass(context.clone(), Arc::clone(&printed)));
    tokio::select! {
        () = power_events.supervise(worker, clock, end.clone()) => {}
        () = interrupted() => end.cancel(),
    }
    ExitCode::SUCCESS
}

/// Runs the probes that are due and prints what changed; returns when the next probe is due.
async fn pass(
    PassContext { session, power_events, json, end }: PassContext,
    printed: Arc<Mutex<Printed>>,
) -> Option<DateTime<Utc>> {
    let next = match session.connector.tend(Audience::Nobody, power_events.burst(), &end).await {
        Ok(round) => round.next,
        Err(problem) => {
            report(&problem, &session.messages);
            None
        }
    };
    let views = session.connector.connections().await.unwrap_or_default();
    let now = session.clock.now();
    let mut printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
    for view in views.iter().filter(|_| !end.is_cancelled()) {
        let status = (view.status.state, view.status.problem.as_ref().map(|problem| problem.code));
        let before = printed.insert(view.connection.id.clone(), status);
        if before == Some(status) {
            continue;
        }
        let line =
            if json { line_json(view, before, now, &session.messages) } else { line(view, now, &session.messages) };
        let mut out = io::stdout().lock();
        if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
            end.cancel();
        }
    }
    next
}

fn report(problem: &Problem, messages: &Messages) {
    // Standard error may be closed; monitoring continues.
    drop(writeln!(io::stderr(), "connectorctl: {}", output::problem(problem, messages)));
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
) -> String {
    let status = &view.status;
    let text = status.problem.as_ref().map(|problem| messages.code(problem.code, &problem.args));
    json!({
        "at": connection_status::format_time(now), "id": view.connection.id, "name": view.connection.name, "practice": view.practice,
        "state": status.state, "exit": status.state.exit_code(), "before": before.map(|(state, _)| state),
        "code": status.problem.as_ref().map(|problem| problem.code), "row": status.row,
        "title": text.as_ref().map(|text| &text.title), "remedy": text.as_ref().map(|text| &text.remedy),
        "since": status.since, "as_of": status.as_of,
    })
    .to_string()
}

/// Waits for Ctrl-C or a request to end: SIGTERM on Unix; Ctrl-Break, the closing of the console or a shutdown on Windows.
async fn interrupted() {
    #[cfg(unix)]
    if let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
        return;
    }
    #[cfg(windows)]
    {
        use tokio::signal::windows::{ctrl_break, ctrl_close, ctrl_shutdown};
        if let (Ok(mut interrupted), Ok(mut closed), Ok(mut shutdown)) = (ctrl_break(), ctrl_close(), ctrl_shutdown()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = interrupted.recv() => {}
                _ = closed.recv() => {}
                _ = shutdown.recv() => {}
            }
            return;
        }
    }
    drop(tokio::signal::ctrl_c().await);
}
