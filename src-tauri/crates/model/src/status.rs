//! The status of a connection, which tray, window, notifications and command line share.

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
            Self::Attention | Self::NeedsSetup => TrayIcon::Attention,
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
            Self::NeedsSetup => 3,
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
    /// When the status was last verified.
    pub as_of: Option<DateTime<Utc>>,
}

/// Number of missed heartbeats after which a status is stale.
const MAX_MISSED_HEARTBEATS: i32 = 3;

impl Status {
    /// Returns the severity of the problem; `None` if there is no known problem.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        let code = self.problem.as_ref()?.code;
        match self.state {
            State::Attention | State::Stopped => code.condition().map(|one| one.severity),
            State::Ok | State::Unwatched | State::Working | State::NeedsSetup | State::Paused => None,
        }
    }

    /// Returns whether the status is too old to be valid, because monitoring may have ended. A connection that is not monitored
    /// (guide not finished, paused, no token kept) never becomes stale.
    #[must_use]
    pub fn is_stale(&self, heartbeat: TimeDelta, now: DateTime<Utc>) -> bool {
        match self.state {
            State::NeedsSetup | State::Paused | State::Unwatched => false,
            State::Ok | State::Working | State::Attention | State::Stopped => {
                self.as_of.is_none_or(|at| now - at > heartbeat * MAX_MISSED_HEARTBEATS)
            }
        }
    }

    /// Returns whether it is a change worth recording: another state or another problem, and the guide is finished.
    #[must_use]
    pub fn is_change_from(&self, before: &Self) -> bool {
        let summary = |status: &Self| (status.state, status.problem.as_ref().map(|problem| problem.code));
        summary(before) != summary(self) && self.state != State::NeedsSetup
    }

    /// Derives the status from the guide, the newest report and the state of monitoring.
    ///
    /// The root cause of the shown conditions determines it. Without a network nothing new is known: a problem stays, and a
    /// connection without a problem is `working`, never an alarm.
    #[must_use]
    pub fn derive(setup: &GuideState, report: Option<&CheckReport>, monitor: &MonitorState, keep: Keep) -> Self {
        let as_of = report.map(|r| r.finished).max(monitor.heartbeat);
        let arrival_verified = is_arrival_verified(setup, report, as_of);
        let without_problem = |state| Self { state, problem: None, row: None, since: None, arrival_verified, as_of };
        if setup.finished.is_none() {
            return without_problem(State::NeedsSetup);
        }
        if keep == Keep::Nothing {
            // Earlier findings say nothing about the time without monitoring.
            return Self { since: setup.finished, arrival_verified: false, ..without_problem(State::Unwatched) };
        }
        if monitor.paused_since.is_some() {
            return Self { since: monitor.paused_since, ..without_problem(State::Paused) };
        }
        if report.is_none() {
            return without_problem(State::Working);
        }
        let conditions: Vec<ActiveCondition> =
            monitor.conditions.iter().filter(|one| !one.is_accepted(setup)).cloned().collect();
        match (root_cause(&conditions), monitor.offline_since) {
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
                problem: Some(Problem::new(monitor.offline.unwrap_or(Code::NetworkDown))),
                row: Some(CheckId::Domain),
                since: Some(since),
                ..without_problem(State::Working)
            },
            (None, None) => without_problem(State::Ok),
        }
    }
}

/// How long an event found in the guide proves that Radiant is receiving. This app's choice.
const ARRIVAL_VALIDITY: TimeDelta = TimeDelta::hours(24);

/// Returns whether the newest comparison found an event in Radiant or, without a comparison since the guide, whether the guide
/// found one less than a day before the status. An older event proves nothing about the present.
fn is_arrival_verified(setup: &GuideState, report: Option<&CheckReport>, as_of: Option<DateTime<Utc>>) -> bool {
    let in_guide =
        || setup.arrival.as_ref().is_some_and(|found| as_of.is_none_or(|now| now - found.found_at < ARRIVAL_VALIDITY));
    match report.and_then(|report| report.row(CheckId::Arrival)).map(|row| row.outcome) {
        Some(Outcome::Passed) => true,
        Some(Outcome::Failed | Outcome::Attention) => false,
        Some(Outcome::Unknown | Outcome::Skipped) | None => in_guide(),
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
    use crate::arrival::Arrival;

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

    #[test]
    fn a_monitored_status_is_stale_after_three_missed_heartbeats() {
        let probed = DateTime::UNIX_EPOCH;
        let of = |state, as_of| Status { state, problem: None, row: None, since: None, arrival_verified: false, as_of };
        let stale = |state, as_of, seconds| {
            of(state, as_of).is_stale(TimeDelta::seconds(600), probed + TimeDelta::seconds(seconds))
        };
        for state in [State::Ok, State::Working, State::Attention, State::Stopped] {
            assert!(!stale(state, Some(probed), 1_800), "{state:?}");
            assert!(stale(state, Some(probed), 1_801), "{state:?}");
            assert!(stale(state, None, 0), "never probed: {state:?}");
        }
        for state in [State::Paused, State::NeedsSetup, State::Unwatched] {
            assert!(!stale(state, Some(probed), 90_000) && !stale(state, None, 0), "{state:?}");
        }
    }

    #[test]
    fn keeping_no_token_is_neither_an_alarm_nor_a_verified_arrival() {
        let arrival = Arrival {
            uuid: "u".to_owned(),
            event_type: "user.session.start".to_owned(),
            published: at(0),
            found_at: at(0),
        };
        let setup = GuideState { arrival: Some(arrival), finished: Some(at(1)), ..GuideState::default() };
        let report = CheckReport { started: at(0), finished: at(1), rows: Vec::new(), capabilities: Vec::new() };
        let monitor = MonitorState { paused_since: Some(at(2)), heartbeat: Some(at(1)), ..MonitorState::default() };
        let of = |keep| Status::derive(&setup, Some(&report), &monitor, keep);
        let chosen = of(Keep::Nothing);
        assert_eq!((chosen.state, chosen.since, chosen.as_of), (State::Unwatched, Some(at(1)), Some(at(1))));
        assert_eq!((chosen.state.tray_icon(), chosen.state.exit_code()), (TrayIcon::Ok, 0));
        assert!(!chosen.arrival_verified, "nothing checks whether Radiant is receiving");
        let paused = of(Keep::Token);
        assert_eq!((paused.state, paused.since), (State::Paused, Some(at(2))), "a pause has its own state");
        assert_eq!((paused.state.tray_icon(), paused.state.exit_code()), (TrayIcon::Stopped, 1));
    }

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    #[test]
    fn an_arrival_in_the_guide_expires() {
        let arrival = Arrival {
            uuid: "u".to_owned(),
            event_type: "user.session.start".to_owned(),
            published: at(0),
            found_at: at(0),
        };
        let setup = GuideState { arrival: Some(arrival), finished: Some(at(0)), ..GuideState::default() };
        let status_after = |hours| {
            let monitor = MonitorState { heartbeat: Some(at(hours)), ..MonitorState::default() };
            let report = CheckReport { started: at(0), finished: at(0), rows: Vec::new(), capabilities: Vec::new() };
            Status::derive(&setup, Some(&report), &monitor, Keep::Token)
        };
        assert!(status_after(23).arrival_verified);
        let later = status_after(25);
        assert!(!later.arrival_verified);
        assert_eq!(later.state, State::Ok, "the Okta side is still ready");
    }
}
