//! The one status that tray, window, notices and CLI draw.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use super::{CheckId, CheckReport, CheckRow, Outcome, Problem, SetupState};

/// The state of a connection, by the table in the README.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// All that was asked holds.
    Ok,
    /// Checks are running for the first time.
    Working,
    /// Something wants a decision.
    Attention,
    /// The guide is not finished.
    NeedsSetup,
    /// Checks and relay are paused.
    Paused,
    /// Ingestion cannot work.
    Stopped,
}

/// What the tray shows: a shape, not only a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Face {
    /// All well.
    Ok,
    /// Busy.
    Working,
    /// Wants a decision.
    Attention,
    /// Stopped.
    Stopped,
}

impl State {
    /// Returns the tray's face.
    #[must_use]
    pub fn face(self) -> Face {
        match self {
            Self::Ok => Face::Ok,
            Self::Working => Face::Working,
            Self::Attention | Self::NeedsSetup => Face::Attention,
            Self::Paused | Self::Stopped => Face::Stopped,
        }
    }

    /// Returns the CLI's exit code.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Ok | Self::Working => 0,
            Self::Attention | Self::Paused => 1,
            Self::Stopped => 2,
            Self::NeedsSetup => 3,
        }
    }
}

/// The status of one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Status {
    /// The state.
    pub state: State,
    /// What is wrong or wants a decision, root cause only.
    pub problem: Option<Problem>,
    /// The row to look at, when there is one.
    pub row: Option<CheckId>,
    /// Whether an event was found in Radiant. "Receiving" is said only then.
    pub arrival_verified: bool,
    /// When that was last seen to hold.
    pub as_of: Option<DateTime<Utc>>,
}

impl Status {
    /// Folds where the guide stands and the newest report into one status.
    #[must_use]
    pub fn of(setup: &SetupState, report: Option<&CheckReport>) -> Self {
        let arrival_verified = setup.arrival.is_some()
            || report.and_then(|r| r.row(CheckId::Arrival)).is_some_and(|row| row.outcome == Outcome::Passed);
        let as_of = report.map(|r| r.finished);
        let Some(report) = report.filter(|_| setup.finished.is_some()) else {
            let state = if setup.finished.is_some() { State::Working } else { State::NeedsSetup };
            return Self { state, problem: None, row: None, arrival_verified, as_of };
        };
        // Write rights that no role could be read for are told in the table; they are no standing alarm.
        let quiet = |row: &CheckRow| {
            row.outcome == Outcome::Unknown && (!row.check.weighs() || row.check == CheckId::Capabilities)
        };
        let first = |outcome: Outcome| report.rows.iter().find(|row| row.outcome == outcome && !quiet(row));
        let (state, row) = match (first(Outcome::Failed), first(Outcome::Attention), first(Outcome::Unknown)) {
            (Some(row), _, _) => (State::Stopped, Some(row)),
            (None, Some(row), _) | (None, None, Some(row)) => (State::Attention, Some(row)),
            (None, None, None) => (State::Ok, None),
        };
        let problem = row.and_then(|row| row.code.map(|code| Problem { args: row.args.clone(), ..Problem::new(code) }));
        Self { state, problem, row: row.map(|row| row.check), arrival_verified, as_of }
    }
}
