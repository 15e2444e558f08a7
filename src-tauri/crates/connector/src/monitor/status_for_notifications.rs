//! What notifications and alerts of a connection are decided by: its checks or, while it is not checked, its relay alone, which
//! runs nevertheless.

use model::active_conditions::root_cause;
use model::connection_view::ConnectionView;
use model::monitor::MonitorState;
use model::notification_event::NotifiedState;
use model::status::{State, Status};
use model::status_rules::StatusClock;

use crate::probe_pass;

/// What the notifications of a connection are decided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotificationBasis {
    /// Its checks, and the relay with them.
    Checks,
    /// Its relay, because it is not monitored or its checks are paused.
    RelayAlone,
}

impl NotificationBasis {
    /// Tells whether a connection may be worth a notification after `told`: a cheap test. `relay_told` is what was notified of the
    /// relay alone.
    pub(super) fn may_notify(self, state: &MonitorState, told: &NotifiedState, relay_told: &NotifiedState) -> bool {
        match self {
            Self::Checks => probe_pass::may_notify(state, told) || *relay_told != NotifiedState::default(),
            Self::RelayAlone => {
                root_cause(&state.relay_conditions).map(|(_, severity)| severity) != relay_told.severity
            }
        }
    }

    /// Returns the status that notifications are decided by.
    pub(super) fn status(self, view: &ConnectionView, state: &MonitorState, clock: StatusClock) -> Status {
        match self {
            Self::Checks => view.renewed_status(state, clock),
            Self::RelayAlone => Status::of_relay(state).unwrap_or_else(without_problem),
        }
    }
}

fn without_problem() -> Status {
    Status {
        state: State::Ok,
        problem: None,
        row: None,
        since: None,
        arrival_verified: false,
        as_of: None,
        valid_until: None,
    }
}
