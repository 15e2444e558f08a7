//! The link to the agent, which monitors, shows notifications and owns the tray icon of the real connections (Linux).
//!
//! While an agent answers, this process hosts only what the agent cannot: connections with a secret that exists in this
//! process alone. Without an agent it hosts everything. Other systems, and a run started with `--practice`, use no agent.

#![cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "other systems have no agent"))]

#[cfg(target_os = "linux")]
mod connection;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use agent::channel::Message;
use model::code::Code;
use model::connection::ConnectionId;
use model::notification_event::TestNotificationResult;
use model::problem::Problem;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot::{Receiver, Sender, channel};

#[cfg(target_os = "linux")]
pub(crate) use connection::run;

/// What is known of the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
enum AgentState {
    /// This run uses none.
    Unused,
    /// It is being started, or did not answer yet.
    Starting,
    /// It answers.
    Connected {
        /// Whether it is a newer version than this process.
        is_newer: bool,
        /// Whether the tray shows its icon.
        has_tray: bool,
    },
    /// It cannot be used, for this reason.
    Absent(Problem),
}

/// The link to the agent.
pub(crate) struct AgentLink {
    state: Mutex<AgentState>,
    outgoing: Mutex<Option<UnboundedSender<Message>>>,
    /// The real connections that this process watches although an agent answers.
    watched: Mutex<BTreeSet<ConnectionId>>,
    /// Where the answer to the newest test notification is awaited.
    test_answer: Mutex<Option<Sender<TestNotificationResult>>>,
}

impl AgentLink {
    /// Creates the link; it is not connected yet.
    pub(crate) fn new(uses_agent: bool) -> Self {
        let state = if uses_agent { AgentState::Starting } else { AgentState::Unused };
        Self {
            state: Mutex::new(state),
            outgoing: Mutex::default(),
            watched: Mutex::default(),
            test_answer: Mutex::default(),
        }
    }

    /// Tells whether this process has to do the agent's work. A newer agent waits until this older process is gone.
    pub(crate) fn is_absent(&self) -> bool {
        match *self.state() {
            AgentState::Unused | AgentState::Absent(_) => true,
            AgentState::Connected { is_newer, .. } => is_newer,
            AgentState::Starting => false,
        }
    }

    /// Tells whether this run uses an agent, answering or not.
    #[cfg(target_os = "linux")]
    pub(crate) fn is_used(&self) -> bool {
        *self.state() != AgentState::Unused
    }

    /// Tells whether the agent is being started, or did not answer yet.
    pub(crate) fn is_starting(&self) -> bool {
        *self.state() == AgentState::Starting
    }

    /// Tells whether the agent answers.
    pub(crate) fn is_connected(&self) -> bool {
        matches!(*self.state(), AgentState::Connected { .. })
    }

    /// Tells whether a newer version of the agent is running, so that this process has to be started again.
    pub(crate) fn is_newer(&self) -> bool {
        matches!(*self.state(), AgentState::Connected { is_newer: true, .. })
    }

    /// Tells whether the tray shows the agent's icon.
    pub(crate) fn tray_is_there(&self) -> bool {
        matches!(*self.state(), AgentState::Connected { has_tray: true, .. })
    }

    /// Returns why this process does the agent's work.
    pub(crate) fn problem(&self) -> Option<Problem> {
        match &*self.state() {
            AgentState::Absent(problem) => Some(problem.clone()),
            AgentState::Unused | AgentState::Starting | AgentState::Connected { .. } => None,
        }
    }

    /// Reports to the agent which real connections changed; `None` when the settings or anything else may have changed.
    pub(crate) fn report_changes(&self, ids: Option<Vec<ConnectionId>>) {
        if ids.as_ref().is_none_or(|ids| !ids.is_empty()) {
            self.send(Message::Changed { ids });
        }
    }

    /// Reports to the agent whether the window has the focus.
    pub(crate) fn report_front(&self, front: bool) {
        self.send(Message::Front { front });
    }

    /// Records whether this process watches a connection itself, and tells the agent. Returns whether that is new.
    pub(crate) fn set_watched(&self, id: &ConnectionId, hosts: bool) -> bool {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = if hosts { watched.insert(id.clone()) } else { watched.remove(id) };
        if is_new {
            self.send(Message::Host { id: id.clone(), hosts });
        }
        is_new
    }

    /// Tells whether this process watches one of these real connections although an agent answers; `None` stands for all.
    #[cfg(target_os = "linux")]
    fn watches_any(&self, ids: Option<&[ConnectionId]>) -> bool {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        ids.map_or(!watched.is_empty(), |ids| ids.iter().any(|id| watched.contains(id)))
    }

    /// Asks the agent to end, so that a new one opens the database that is there now.
    pub(crate) fn ask_to_start_again(&self) {
        self.send(Message::Replace);
    }

    /// Asks the agent to end the whole app. Returns whether an agent was asked.
    pub(crate) fn ask_to_quit(&self) -> bool {
        self.send(Message::Quit)
    }

    /// Asks the agent to show a test notification. Returns where its answer arrives; `None` without an agent.
    pub(crate) fn test_notification(&self) -> Option<Receiver<TestNotificationResult>> {
        let (sender, receiver) = channel();
        *self.test_answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        self.send(Message::TestNotification).then_some(receiver)
    }

    /// Passes the agent's answer to a test notification on.
    #[cfg(target_os = "linux")]
    fn test_notification_answered(&self, result: TestNotificationResult) {
        let waiting = self.test_answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if waiting.is_none_or(|waiting| waiting.send(result).is_err()) {
            tracing::debug!("the answer to a test notification came too late");
        }
    }

    /// Sends a message if the agent answers.
    fn send(&self, message: Message) -> bool {
        let outgoing = self.outgoing.lock().unwrap_or_else(PoisonError::into_inner);
        outgoing.as_ref().is_some_and(|outgoing| outgoing.send(message).is_ok())
    }

    /// Replaces the state and returns whether it changed.
    fn set(&self, state: AgentState) -> bool {
        let mut now = self.state();
        let is_new = *now != state;
        *now = state;
        is_new
    }

    fn state(&self) -> MutexGuard<'_, AgentState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the problem of a process that holds the agent's place and does not answer.
fn not_responding(pid: Option<u32>) -> Problem {
    Problem::new(Code::AgentNotResponding).arg("pid", pid.map_or_else(|| "?".to_owned(), |pid| pid.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_does_the_agents_work_only_without_an_agent() {
        let link = AgentLink::new(true);
        assert!(!link.is_absent() && !link.is_connected(), "it may answer in a moment");
        assert!(link.set(AgentState::Absent(not_responding(Some(7)))));
        assert!(link.is_absent());
        assert_eq!(link.problem().unwrap().args["pid"], "7");
        assert!(link.set(AgentState::Connected { is_newer: false, has_tray: true }));
        assert!(link.is_connected() && !link.is_absent() && link.tray_is_there() && link.problem().is_none());
        link.set(AgentState::Connected { is_newer: true, has_tray: false });
        assert!(link.is_absent() && link.is_connected(), "a newer agent waits");
        assert!(AgentLink::new(false).is_absent(), "other systems have no agent");
    }

    #[test]
    fn a_connection_that_this_process_watches_is_reported_once() {
        let (link, id) = (AgentLink::new(true), ConnectionId("one".to_owned()));
        let (sender, mut sent) = tokio::sync::mpsc::unbounded_channel();
        *link.outgoing.lock().unwrap() = Some(sender);
        assert_eq!([true, true, false, false].map(|hosts| link.set_watched(&id, hosts)), [true, false, true, false]);
        assert_eq!(sent.try_recv().unwrap(), Message::Host { id: id.clone(), hosts: true });
        assert_eq!(sent.try_recv().unwrap(), Message::Host { id, hosts: false });
        sent.try_recv().unwrap_err();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_change_of_a_connection_that_this_process_watches_concerns_its_workers() {
        let (link, ids) = (AgentLink::new(true), ["one", "two"].map(|id| ConnectionId(id.to_owned())));
        assert!(!link.watches_any(None) && !link.watches_any(Some(&ids)));
        link.set_watched(&ids[1], true);
        assert!(link.watches_any(None) && link.watches_any(Some(&ids)));
        assert!(!link.watches_any(Some(&ids[..1])));
    }
}
