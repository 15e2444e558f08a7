//! Keeps this process connected to the agent, and starts the agent where none answers.

use std::sync::PoisonError;
use std::time::Duration;

use agent::channel::{ConnectError, Connection, Message, Role, connect};
use agent::peer_config::PeerConfig;
use agent::version_order::{VersionOrder, compare};
use chrono::{DateTime, TimeDelta, Utc};
use model::code::Code;
use model::problem::Problem;
use runtime::Clock;
use tauri::{AppHandle, Manager as _, Runtime};
use tokio::sync::mpsc::unbounded_channel;

use super::{AgentState, not_responding};
use crate::app_state::AppState;
use crate::events::AppInfoChanged;
use crate::{events, window};

/// The wait between two attempts to connect.
const RETRY: Duration = Duration::from_millis(250);
/// The same while this process does the agent's work.
const RETRY_WHILE_ABSENT: Duration = Duration::from_secs(2);
/// How long a started agent may take to answer; then this process does its work, and another one is started.
const START_TIMEOUT: TimeDelta = TimeDelta::seconds(10);

/// How often the agent is asked whether it responds. It does not if it says nothing until the next time.
const PING_INTERVAL: Duration = Duration::from_secs(5);

/// The attempts since an agent answered last.
struct Attempts {
    since: DateTime<Utc>,
    started: Option<DateTime<Utc>>,
    /// Whether an older agent was asked to end. It is asked once, so that an older program in our own folder is used.
    asked_older: bool,
}

/// Connects, serves the connection, and connects again, until this process ends.
pub(crate) async fn run<R: Runtime>(app: AppHandle<R>, peer: PeerConfig, clock: Clock) {
    let mut attempts = Attempts { since: clock.now(), started: None, asked_older: false };
    while !app.state::<AppState>().is_ending() {
        match connect(&peer.folder, Role::Agent, &peer.hello, &peer.deadline).await {
            Ok(connection) => {
                let version = compare(&connection.peer().version, &peer.hello.version);
                let next = if version == VersionOrder::Older && !attempts.asked_older {
                    attempts.asked_older = true;
                    end_older(connection, &clock).await;
                    AgentState::Starting
                } else {
                    attempts.asked_older = false;
                    serve(&app, connection, version == VersionOrder::Newer, &clock).await
                };
                attempts = Attempts { since: clock.now(), started: None, ..attempts };
                set(&app, next);
            }
            Err(error) => not_connected(&app, &error, &peer, &mut attempts, clock.now()),
        }
        let absent = app.state::<AppState>().agent.is_absent();
        clock.sleep(if absent { RETRY_WHILE_ABSENT } else { RETRY }).await;
    }
}

/// Asks an agent of an older version to end, and waits until it closes the connection.
async fn end_older(mut connection: Connection, clock: &Clock) {
    tracing::info!("an agent of an older version is asked to end");
    if connection.send(&Message::Replace).await.is_ok() {
        let closed = async { while connection.recv().await.is_ok() {} };
        if clock.within(Duration::from_secs(5), closed).await.is_none() {
            tracing::warn!("the agent of an older version did not end");
        }
    }
}

/// Starts an agent, and takes over its work when none answers in time.
fn not_connected<R: Runtime>(
    app: &AppHandle<R>,
    error: &ConnectError,
    peer: &PeerConfig,
    attempts: &mut Attempts,
    now: DateTime<Utc>,
) {
    if let ConnectError::NotResponding(role) = error {
        set(app, AgentState::Absent(not_responding(peer.folder.holder(*role))));
        return;
    }
    let is_late = |since: DateTime<Utc>| now - since >= START_TIMEOUT || now < since;
    if is_late(attempts.since) {
        set(app, AgentState::Absent(Problem::new(Code::AgentNotStarted)));
    }
    if attempts.started.is_none_or(is_late) {
        attempts.started = Some(now);
        if let Err(error) = peer.programs.start(Role::Agent, None) {
            tracing::warn!(%error, "the agent was not started");
            set(app, AgentState::Absent(Problem::new(Code::AgentNotStarted).detail(error.to_string())));
        }
    }
}

/// Exchanges messages with the agent until the connection ends or the agent no longer responds. Returns the state that follows.
async fn serve<R: Runtime>(app: &AppHandle<R>, connection: Connection, is_newer: bool, clock: &Clock) -> AgentState {
    let (state, pid) = (app.state::<AppState>(), connection.peer().pid);
    let (sender, mut outgoing) = unbounded_channel();
    let (mut send, mut receive) = connection.into_split();
    {
        let watched = state.agent.watched.lock().unwrap_or_else(PoisonError::into_inner);
        for message in watched.iter().map(|id| Message::Host { id: id.clone(), hosts: true }) {
            drop(sender.send(message));
        }
        *state.agent.outgoing.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender.clone());
    }
    state.agent.report_front(window::is_in_front(app));
    set(app, AgentState::Connected { is_newer, has_tray: false });
    // A change may have been missed while there was no connection.
    read_everything(app).await;
    let (mut is_silent, mut next_ping) = (false, Box::pin(clock.sleep(PING_INTERVAL)));
    let next = loop {
        tokio::select! {
            // What has arrived counts, however late this task is.
            biased;
            incoming = receive.recv() => match incoming.inspect(|_| is_silent = false) {
                Ok(Message::Ack) => {}
                Ok(Message::Changed { ids }) => {
                    // *Check now* in the agent's tray requests the checks of what this process watches.
                    if state.agent.watches_any(ids.as_deref()) {
                        state.hosts.wake();
                    }
                    match ids {
                        Some(ids) => events::send_changes(app, ids, false),
                        None => read_everything(app).await,
                    }
                }
                Ok(Message::TestNotificationResult { result }) => state.agent.test_notification_answered(result),
                Ok(Message::Tray { shown }) => set(app, AgentState::Connected { is_newer, has_tray: shown }),
                Ok(other) => tracing::debug!(?other, "the agent sent a message that only the window sends"),
                Err(error) => {
                    tracing::info!(%error, "the connection to the agent ended");
                    break AgentState::Starting;
                }
            },
            Some(message) = outgoing.recv() => {
                if let Err(error) = send.send(&message).await {
                    tracing::info!(%error, "the agent did not take a message");
                    break AgentState::Starting;
                }
            }
            () = &mut next_ping => {
                if is_silent {
                    tracing::warn!(pid, "the agent does not respond");
                    break AgentState::Absent(not_responding(Some(pid)));
                }
                is_silent = true;
                drop(sender.send(Message::Ping));
                next_ping = Box::pin(clock.sleep(PING_INTERVAL));
            }
        }
    };
    *state.agent.outgoing.lock().unwrap_or_else(PoisonError::into_inner) = None;
    next
}

/// Makes the window read everything again.
async fn read_everything<R: Runtime>(app: &AppHandle<R>) {
    let connections = app.state::<AppState>().connectors.connections().await.unwrap_or_default();
    events::send_changes(app, connections.into_iter().map(|view| view.connection.id).collect(), true);
}

/// Records a state. What this process hosts and what the window shows follow.
fn set<R: Runtime>(app: &AppHandle<R>, new: AgentState) {
    let state = app.state::<AppState>();
    if state.agent.set(new) {
        state.hosts.refresh();
        events::send(app, &AppInfoChanged);
    }
}
