//! The one status that tray, window, notices and CLI draw.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use super::{
    CheckId, CheckReport, Code, Confirmable, Keep, Outcome, Problem, SetupState, Severity, StandingCondition, Watched,
    root,
};

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
    /// Since when that stands.
    pub since: Option<DateTime<Utc>>,
    /// Whether an event was found in Radiant. "Receiving" is said only then.
    pub arrival_verified: bool,
    /// When that was last seen to hold.
    pub as_of: Option<DateTime<Utc>>,
}

/// Heartbeats that may be missed before what was kept is no longer believed.
const MISSED: i32 = 3;

impl Status {
    /// Tells whether the newest look is too old to be believed, so that watching itself may have ended. What nobody looks
    /// at (no finished guide, paused) does not become old.
    #[must_use]
    pub fn is_stale(&self, heartbeat: TimeDelta, now: DateTime<Utc>) -> bool {
        match self.state {
            State::NeedsSetup | State::Paused => false,
            State::Ok | State::Working | State::Attention | State::Stopped => {
                self.as_of.is_none_or(|at| now - at > heartbeat * MISSED)
            }
        }
    }

    /// Folds where the guide stands, the newest report and what monitoring knows into one status.
    ///
    /// Only what [`super::StandingCondition::shown`] shows counts, and of that the root cause alone. Without a network nothing new
    /// is known: what stood still stands, and what was well is `working`, never an alarm.
    #[must_use]
    pub fn of(setup: &SetupState, report: Option<&CheckReport>, watched: &Watched, keep: Keep) -> Self {
        let arrival_verified = setup.arrival.is_some()
            || report.and_then(|r| r.row(CheckId::Arrival)).is_some_and(|row| row.outcome == Outcome::Passed);
        let as_of = report.map(|r| r.finished).max(watched.heartbeat);
        let plain = |state| Self { state, problem: None, row: None, since: None, arrival_verified, as_of };
        if setup.finished.is_none() {
            return plain(State::NeedsSetup);
        }
        if keep == Keep::Nothing || watched.paused_since.is_some() {
            return Self { since: watched.paused_since, ..plain(State::Paused) };
        }
        if report.is_none() {
            return plain(State::Working);
        }
        let accepted =
            |one: &&StandingCondition| one.problem.code == Code::OwnerIsPerson && setup.has(Confirmable::OwnerIsPerson);
        let standing: Vec<StandingCondition> = watched.standing.iter().filter(|one| !accepted(one)).cloned().collect();
        match (root(&standing), watched.offline_since) {
            (Some((one, severity)), _) => Self {
                state: if severity == Severity::Stopped { State::Stopped } else { State::Attention },
                problem: Some(one.problem.clone()),
                row: Some(one.row),
                since: Some(one.since),
                arrival_verified,
                as_of,
            },
            (None, Some(since)) => Self {
                problem: Some(Problem::new(Code::NetworkDown)),
                row: Some(CheckId::Domain),
                since: Some(since),
                ..plain(State::Working)
            },
            (None, None) => plain(State::Ok),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_missed_heartbeats_are_too_many_unless_nobody_looks() {
        let seen = DateTime::UNIX_EPOCH;
        let of = |state, as_of| Status { state, problem: None, row: None, since: None, arrival_verified: false, as_of };
        let stale = |state, as_of, seconds| {
            of(state, as_of).is_stale(TimeDelta::seconds(600), seen + TimeDelta::seconds(seconds))
        };
        for state in [State::Ok, State::Working, State::Attention, State::Stopped] {
            assert!(!stale(state, Some(seen), 1_800), "{state:?}");
            assert!(stale(state, Some(seen), 1_801), "{state:?}");
            assert!(stale(state, None, 0), "never looked at: {state:?}");
        }
        assert!(!stale(State::Paused, Some(seen), 90_000) && !stale(State::NeedsSetup, None, 0));
    }
}
