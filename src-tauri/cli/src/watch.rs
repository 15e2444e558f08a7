//! `connectorctl watch`: the window's monitoring without a window. It takes every look that is due and prints each change of
//! status, its own looks' and another process's, until it is interrupted.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use connector::Audience;
use connector::computer::{Computer, Teller, attend};
use messages::Messages;
use model::code::Code;
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::status::State;
use runtime::Wake;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::args::Watch;
use crate::door::Door;
use crate::{exit, print, told};

/// How soon another process's looks are printed.
const REST: Duration = Duration::from_secs(30);

/// What was printed last of each connection.
type Printed = BTreeMap<ConnectionId, (State, Option<Code>)>;

/// What every pass needs.
#[derive(Clone)]
struct NotifyContext {
    door: Arc<Door>,
    computer: Computer,
    json: bool,
    end: CancellationToken,
}

/// Watches until it is interrupted or nobody reads any more.
pub(crate) async fn run(args: Watch) -> ExitCode {
    let messages = Messages::of_command_line(args.place.language.into());
    let door = match Door::open(&args.place, &messages).await {
        Ok(door) => Arc::new(door),
        Err(error) => return exit::refused(&error, &messages),
    };
    let (end, clock) = (CancellationToken::new(), door.clock.clone());
    let (printed, cancel) = (Arc::new(Mutex::new(Printed::new())), end.clone());
    let computer = Computer::default();
    let hears = (computer.clone(), Teller::System);
    let around = NotifyContext { door, computer, json: args.json, end: cancel };
    let pass = move || pass(around.clone(), Arc::clone(&printed));
    tokio::select! {
        () = attend("watch", clock, REST, Wake::default(), end.clone(), hears, pass) => {}
        () = interrupted() => end.cancel(),
    }
    ExitCode::SUCCESS
}

/// Takes the looks that are due and prints what changed; returns when something is due next.
async fn pass(
    NotifyContext { door, computer, json, end }: NotifyContext,
    printed: Arc<Mutex<Printed>>,
) -> Option<DateTime<Utc>> {
    let next = match door.connector.tend(Audience::Nobody, computer.spell(), &end).await {
        Ok(round) => round.next,
        Err(problem) => {
            complain(&problem, &door.messages);
            None
        }
    };
    let views = door.connector.connections().await.unwrap_or_default();
    let now = door.clock.now();
    let mut printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
    for view in views.iter().filter(|_| !end.is_cancelled()) {
        let says = (view.status.state, view.status.problem.as_ref().map(|problem| problem.code));
        let before = printed.insert(view.connection.id.clone(), says);
        if before == Some(says) {
            continue;
        }
        let line = if json { line_json(view, before, now, &door.messages) } else { line(view, now, &door.messages) };
        let mut out = io::stdout().lock();
        if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
            end.cancel();
        }
    }
    next
}

fn complain(problem: &Problem, messages: &Messages) {
    // Nobody may be reading; the watch goes on all the same.
    drop(writeln!(io::stderr(), "connectorctl: {}", print::problem(problem, messages)));
}

fn line(view: &ConnectionView, now: DateTime<Utc>, messages: &Messages) -> String {
    let word = told::word(view.status.state.exit_code());
    let said = view.status.problem.as_ref().map(|problem| messages.code(problem.code, &problem.args).title);
    let said = said.unwrap_or_else(|| messages.state(&view.status));
    format!("{} {word} {}: {}", told::time(now), told::name(view), told::plain(&said))
}

fn line_json(
    view: &ConnectionView,
    before: Option<(State, Option<Code>)>,
    now: DateTime<Utc>,
    messages: &Messages,
) -> String {
    let status = &view.status;
    let said = status.problem.as_ref().map(|problem| messages.code(problem.code, &problem.args));
    json!({
        "at": told::time(now), "id": view.connection.id, "name": view.connection.name, "practice": view.practice,
        "state": status.state, "exit": status.state.exit_code(), "before": before.map(|(state, _)| state),
        "code": status.problem.as_ref().map(|problem| problem.code), "row": status.row,
        "title": said.as_ref().map(|said| &said.title), "remedy": said.as_ref().map(|said| &said.remedy),
        "since": status.since, "as_of": status.as_of,
    })
    .to_string()
}

/// Waits for Ctrl-C or to be asked to end: on Unix by the usual signal, on Windows by Ctrl-Break, the end of the console
/// or that of the system.
async fn interrupted() {
    #[cfg(unix)]
    if let Ok(mut asked) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = asked.recv() => {}
        }
        return;
    }
    #[cfg(windows)]
    {
        use tokio::signal::windows::{ctrl_break, ctrl_close, ctrl_shutdown};
        if let (Ok(mut broken), Ok(mut closed), Ok(mut down)) = (ctrl_break(), ctrl_close(), ctrl_shutdown()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = broken.recv() => {}
                _ = closed.recv() => {}
                _ = down.recv() => {}
            }
            return;
        }
    }
    drop(tokio::signal::ctrl_c().await);
}
