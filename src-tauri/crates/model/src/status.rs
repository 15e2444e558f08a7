//! The status of a connection, which tray, window, notifications and command line share.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::check::CheckId;
use crate::code::Code;
use crate::condition_registry::Severity;
use crate::problem::Problem;

/// The state of a connection, as in the table of the README.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// All checks passed.
    Ok,
    /// The administrator chose to keep no token, so that nothing is monitored.
    Unwatched,
    /// Checks are running for the first time.
    Working,
    /// Something needs a decision.
    Attention,
    /// The guide is not finished.
    NeedsSetup,
    /// Checks and forwarding are paused.
    Paused,
    /// Radiant cannot receive events.
    Stopped,
    /// Nothing could be reached for three intervals, or nobody is checking.
    Unknown,
}

/// The tray icon. Icons differ in shape, not only in color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum TrayIcon {
    /// No problem, or none that needs attention.
    Ok,
    /// Checks are running.
    Working,
    /// Something needs a decision.
    Attention,
    /// Ingestion is stopped or paused.
    Stopped,
}

impl State {
    /// Returns the tray icon.
    #[must_use]
    pub fn tray_icon(self) -> TrayIcon {
        match self {
            Self::Ok | Self::Unwatched => TrayIcon::Ok,
            Self::Working => TrayIcon::Working,
            Self::Attention | Self::NeedsSetup | Self::Unknown => TrayIcon::Attention,
            Self::Paused | Self::Stopped => TrayIcon::Stopped,
        }
    }

    /// Returns the exit code of the command line.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Ok | Self::Unwatched | Self::Working => 0,
            Self::Attention | Self::Paused => 1,
            Self::Stopped => 2,
            Self::NeedsSetup | Self::Unknown => 3,
        }
    }
}

/// The status of one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Status {
    /// The state.
    pub state: State,
    /// The root cause of the state, if there is a problem.
    pub problem: Option<Problem>,
    /// The check row of that problem.
    pub row: Option<CheckId>,
    /// Since when the problem or the state exists.
    pub since: Option<DateTime<Utc>>,
    /// Whether an event was found in Radiant. Only then "receiving" is shown.
    pub arrival_verified: bool,
    /// When the newest fact behind the status was observed. A request without an answer observes nothing.
    pub as_of: Option<DateTime<Utc>>,
    /// Until when the status holds without another check; `None` if it does not change by itself.
    pub valid_until: Option<DateTime<Utc>>,
}

impl Status {
    /// Returns the severity of the problem; `None` if there is no known problem.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        let code = self.problem.as_ref()?.code;
        match self.state {
            State::Attention | State::Stopped => code.condition().map(|one| one.severity),
            // The app can no longer determine whether events arrive.
            State::Unknown => Some(Severity::InDoubt),
            State::Ok | State::Unwatched | State::Working | State::NeedsSetup | State::Paused => None,
        }
    }

    /// Returns whether nobody is checking: no pass has ended for three intervals.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.problem.as_ref().is_some_and(|problem| problem.code == Code::NobodyChecks)
    }

    /// Returns whether it is that of the relay of a connection that is not checked: a status that checks found ends by itself.
    #[must_use]
    pub fn is_of_relay_alone(&self) -> bool {
        matches!(self.state, State::Attention | State::Stopped) && self.valid_until.is_none()
    }

    /// Returns whether it is a change worth recording: another state or another problem, and the guide is finished.
    #[must_use]
    pub fn is_change_from(&self, before: &Self) -> bool {
        let summary = |status: &Self| (status.state, status.problem.as_ref().map(|problem| problem.code));
        summary(before) != summary(self) && self.state != State::NeedsSetup
    }
}

/// A status change, kept for at most 90 days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StatusChange {
    /// When it was observed.
    pub at: DateTime<Utc>,
    /// The new state.
    pub state: State,
    /// The root cause, if there is a problem.
    pub problem: Option<Problem>,
    /// The check row that found it.
    pub row: Option<CheckId>,
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;

    const README: &str = include_str!("../../../../README.md");

    #[test]
    fn the_readme_has_every_state_with_its_icon_and_its_exit_code() {
        let text = |value: serde_json::Value| value.as_str().unwrap().to_owned();
        for state in State::VARIANTS {
            let (state_text, icon) =
                (serde_json::to_value(state).unwrap(), serde_json::to_value(state.tray_icon()).unwrap());
            let line = format!("| `{}` | {} | {} |", text(state_text), text(icon), state.exit_code());
            assert!(README.lines().any(|one| one == line), "{line}");
        }
    }

    #[test]
    fn a_status_is_a_change_if_its_state_or_its_problem_differs_and_its_guide_is_finished() {
        let of = |state, code: Option<Code>, since: i64| Status {
            state,
            problem: code.map(Problem::new),
            row: None,
            since: DateTime::from_timestamp(since, 0),
            arrival_verified: false,
            as_of: None,
            valid_until: None,
        };
        let (ok, refused) = (of(State::Ok, None, 0), of(State::Stopped, Some(Code::TokenRefused), 0));
        assert!(refused.is_change_from(&ok) && ok.is_change_from(&refused));
        assert!(of(State::Stopped, Some(Code::OktaUnavailable), 0).is_change_from(&refused), "another problem");
        assert!(
            !of(State::Stopped, Some(Code::TokenRefused), 9).is_change_from(&refused),
            "the same problem, found later"
        );
        assert!(!of(State::NeedsSetup, None, 0).is_change_from(&ok));
    }
}
