//! The one status that tray, window, notices and CLI draw.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::active_conditions::{ActiveCondition, root_cause};
use crate::check::{CheckId, CheckReport, Outcome};
use crate::code::Code;
use crate::condition_registry::Severity;
use crate::connection::Keep;
use crate::guide::GuideState;
use crate::monitor::MonitorState;
use crate::problem::Problem;

/// The state of a connection, by the table in the README.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// All that was asked holds.
    Ok,
    /// The administrator chose to keep nothing to watch with.
    Unwatched,
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
pub enum TrayIcon {
    /// All well, or nothing that wants anybody.
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
    pub fn tray_icon(self) -> TrayIcon {
        match self {
            Self::Ok | Self::Unwatched => TrayIcon::Ok,
            Self::Working => TrayIcon::Working,
            Self::Attention | Self::NeedsSetup => TrayIcon::Attention,
            Self::Paused | Self::Stopped => TrayIcon::Stopped,
        }
    }

    /// Returns the CLI's exit code.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Ok | Self::Unwatched | Self::Working => 0,
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
    /// Returns how much what is wrong weighs; `None` where nothing is known to be wrong.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        let code = self.problem.as_ref()?.code;
        match self.state {
            State::Attention | State::Stopped => code.condition().map(|one| one.severity),
            State::Ok | State::Unwatched | State::Working | State::NeedsSetup | State::Paused => None,
        }
    }

    /// Tells whether the newest look is too old to be believed, so that watching itself may have ended. What nobody looks
    /// at (no finished guide, paused, not watched) does not become old.
    #[must_use]
    pub fn is_stale(&self, heartbeat: TimeDelta, now: DateTime<Utc>) -> bool {
        match self.state {
            State::NeedsSetup | State::Paused | State::Unwatched => false,
            State::Ok | State::Working | State::Attention | State::Stopped => {
                self.as_of.is_none_or(|at| now - at > heartbeat * MISSED)
            }
        }
    }

    /// Tells whether it says something else than the one before, so that it is kept among the changes. An open guide says nothing.
    #[must_use]
    pub fn is_change_from(&self, before: &Self) -> bool {
        let said = |status: &Self| (status.state, status.problem.as_ref().map(|problem| problem.code));
        said(before) != said(self) && self.state != State::NeedsSetup
    }

    /// Folds where the guide stands, the newest report and what monitoring knows into one status.
    ///
    /// Only what [`super::ActiveCondition::shown`] shows counts, and of that the root cause alone. Without a network nothing new
    /// is known: what stood still stands, and what was well is `working`, never an alarm.
    #[must_use]
    pub fn of(setup: &GuideState, report: Option<&CheckReport>, watched: &MonitorState, keep: Keep) -> Self {
        let as_of = report.map(|r| r.finished).max(watched.heartbeat);
        let arrival_verified = arrived(setup, report, as_of);
        let plain = |state| Self { state, problem: None, row: None, since: None, arrival_verified, as_of };
        if setup.finished.is_none() {
            return plain(State::NeedsSetup);
        }
        if keep == Keep::Nothing {
            // What was seen before says nothing of a time in which nobody looks.
            return Self { since: setup.finished, arrival_verified: false, ..plain(State::Unwatched) };
        }
        if watched.paused_since.is_some() {
            return Self { since: watched.paused_since, ..plain(State::Paused) };
        }
        if report.is_none() {
            return plain(State::Working);
        }
        let standing: Vec<ActiveCondition> =
            watched.standing.iter().filter(|one| !one.is_accepted(setup)).cloned().collect();
        match (root_cause(&standing), watched.offline_since) {
            (Some((one, severity)), _) => Self {
                state: match severity {
                    Severity::Stopped => State::Stopped,
                    Severity::Quiet | Severity::Attention | Severity::InDoubt => State::Attention,
                },
                problem: Some(one.problem.clone()),
                row: Some(one.row),
                since: Some(one.since),
                arrival_verified,
                as_of,
            },
            (None, Some(since)) => Self {
                problem: Some(Problem::new(watched.offline.unwrap_or(Code::NetworkDown))),
                row: Some(CheckId::Domain),
                since: Some(since),
                ..plain(State::Working)
            },
            (None, None) => plain(State::Ok),
        }
    }
}

/// How long an event that was found in Radiant proves that Radiant is receiving. Ours.
const PROVES: TimeDelta = TimeDelta::hours(24);

/// Tells whether an event was found in Radiant by the newest look at it or, where no look was taken since, in the guide within
/// a day of what is known. What was seen long ago proves nothing of today.
fn arrived(setup: &GuideState, report: Option<&CheckReport>, as_of: Option<DateTime<Utc>>) -> bool {
    let in_guide = || setup.arrival.as_ref().is_some_and(|seen| as_of.is_none_or(|now| now - seen.found_at < PROVES));
    match report.and_then(|report| report.row(CheckId::Arrival)).map(|row| row.outcome) {
        Some(Outcome::Passed) => true,
        Some(Outcome::Failed | Outcome::Attention) => false,
        Some(Outcome::Unknown | Outcome::Skipped) | None => in_guide(),
    }
}

/// A change of status, kept for 90 days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StatusChange {
    /// When it was seen.
    pub at: DateTime<Utc>,
    /// The new state.
    pub state: State,
    /// What is wrong, root cause only.
    pub problem: Option<Problem>,
    /// The row that found it.
    pub row: Option<CheckId>,
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;
    use crate::arrival::Arrival;

    const README: &str = include_str!("../../../../README.md");

    #[test]
    fn the_readme_has_every_state_with_its_face_and_its_exit_code() {
        let word = |value: serde_json::Value| value.as_str().unwrap().to_owned();
        for state in State::VARIANTS {
            let (state_word, face) =
                (serde_json::to_value(state).unwrap(), serde_json::to_value(state.tray_icon()).unwrap());
            let line = format!("| `{}` | {} | {} |", word(state_word), word(face), state.exit_code());
            assert!(README.lines().any(|one| one == line), "{line}");
        }
    }

    #[test]
    fn a_status_is_news_when_its_state_or_its_cause_is_another_and_its_guide_is_done() {
        let of = |state, code: Option<Code>, since: i64| Status {
            state,
            problem: code.map(Problem::new),
            row: None,
            since: DateTime::from_timestamp(since, 0),
            arrival_verified: false,
            as_of: None,
        };
        let (well, refused) = (of(State::Ok, None, 0), of(State::Stopped, Some(Code::TokenRefused), 0));
        assert!(refused.is_change_from(&well) && well.is_change_from(&refused));
        assert!(of(State::Stopped, Some(Code::OktaUnavailable), 0).is_change_from(&refused), "another cause");
        assert!(!of(State::Stopped, Some(Code::TokenRefused), 9).is_change_from(&refused), "the same, seen later");
        assert!(!of(State::NeedsSetup, None, 0).is_change_from(&well));
    }

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
        for state in [State::Paused, State::NeedsSetup, State::Unwatched] {
            assert!(!stale(state, Some(seen), 90_000) && !stale(state, None, 0), "{state:?}");
        }
    }

    #[test]
    fn keeping_nothing_is_a_choice_and_neither_an_alarm_nor_a_proof() {
        let arrival = Arrival {
            uuid: "u".to_owned(),
            event_type: "user.session.start".to_owned(),
            published: at(0),
            found_at: at(0),
        };
        let setup = GuideState { arrival: Some(arrival), finished: Some(at(1)), ..GuideState::default() };
        let report = CheckReport { started: at(0), finished: at(1), rows: Vec::new(), capabilities: Vec::new() };
        let watched = MonitorState { paused_since: Some(at(2)), heartbeat: Some(at(1)), ..MonitorState::default() };
        let of = |keep| Status::derive(&setup, Some(&report), &watched, keep);
        let chosen = of(Keep::Nothing);
        assert_eq!((chosen.state, chosen.since, chosen.as_of), (State::Unwatched, Some(at(1)), Some(at(1))));
        assert_eq!((chosen.state.tray_icon(), chosen.state.exit_code()), (TrayIcon::Ok, 0));
        assert!(!chosen.arrival_verified, "nobody looks whether Radiant is receiving");
        let paused = of(Keep::Token);
        assert_eq!((paused.state, paused.since), (State::Paused, Some(at(2))), "a pause stays a pause");
        assert_eq!((paused.state.tray_icon(), paused.state.exit_code()), (TrayIcon::Stopped, 1));
    }

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    #[test]
    fn what_was_seen_in_the_guide_proves_nothing_of_today() {
        let seen = Arrival {
            uuid: "u".to_owned(),
            event_type: "user.session.start".to_owned(),
            published: at(0),
            found_at: at(0),
        };
        let setup = GuideState { arrival: Some(seen), finished: Some(at(0)), ..GuideState::default() };
        let told = |hours| {
            let watched = MonitorState { heartbeat: Some(at(hours)), ..MonitorState::default() };
            let report = CheckReport { started: at(0), finished: at(0), rows: Vec::new(), capabilities: Vec::new() };
            Status::derive(&setup, Some(&report), &watched, Keep::Token)
        };
        assert!(told(23).arrival_verified);
        let later = told(25);
        assert!(!later.arrival_verified);
        assert_eq!(later.state, State::Ok, "the Okta side is ready all the same");
    }
}
