//! Derives the status of a connection from its stored data and the time. Tray, window, notifications and command line all show
//! this one value, so that none of them says more than was observed.
//!
//! Three ages are distinguished: when Okta answered last, when a check ended last, whether or not Okta answered it, and since when
//! this computer has no network. A time in the future comes from a clock that was wrong and proves nothing.

use chrono::{DateTime, TimeDelta, Utc};

use crate::active_conditions::{ActiveCondition, root_cause};
use crate::check::{CheckId, CheckReport, Outcome};
use crate::code::Code;
use crate::condition_registry::Severity;
use crate::connection::Keep;
use crate::guide::GuideState;
use crate::monitor::MonitorState;
use crate::problem::Problem;
use crate::status::{State, Status};

/// The number of intervals after which a status that nobody renewed, or that nothing confirmed, is unknown.
const MAX_INTERVALS: i32 = 3;
/// How far ahead a stored time may be: another process may have stored it just now, and clocks are corrected by little.
const AHEAD: TimeDelta = TimeDelta::minutes(1);
/// How much later than now a token may be dated: one that replaces another is always dated later, also while a clock stands still.
const DATED_LATER: TimeDelta = TimeDelta::microseconds(1);
/// How long an event found in the guide proves that Radiant is receiving. This app's choice.
const ARRIVAL_VALIDITY: TimeDelta = TimeDelta::hours(24);

/// The time and the interval by which the age of a status is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusClock {
    /// The time.
    pub now: DateTime<Utc>,
    /// The time between heartbeats.
    pub interval: TimeDelta,
}

impl StatusClock {
    /// Returns whether a stored time is not in the future.
    #[must_use]
    pub fn is_past(&self, at: DateTime<Utc>) -> bool {
        at - self.now <= AHEAD
    }

    /// Returns how long a status is valid that nobody renews.
    #[must_use]
    pub fn patience(&self) -> TimeDelta {
        self.interval * MAX_INTERVALS
    }

    /// Returns whether a stored time proves nothing about the present: it is in the future, or too long ago.
    #[must_use]
    pub fn is_expired(&self, at: DateTime<Utc>) -> bool {
        !self.is_past(at) || self.now - at > self.patience()
    }

    /// Returns when a stored time will be too long ago.
    fn expiry(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        at.checked_add_signed(self.patience()).filter(|until| *until >= self.now)
    }
}

/// Returns when the status of a monitored connection was renewed last: by a check, or by finishing the guide. `None` if that
/// never happened, or if its time is in the future.
#[must_use]
pub fn last_renewal(
    finished: Option<DateTime<Utc>>,
    monitor: &MonitorState,
    clock: StatusClock,
) -> Option<DateTime<Utc>> {
    if monitor.heartbeat.is_some_and(|at| !clock.is_past(at)) {
        return None;
    }
    monitor.heartbeat.max(finished.filter(|at| clock.is_past(*at)))
}

/// Returns whether nobody is checking a monitored connection: no check has ended for three intervals.
#[must_use]
pub fn is_unrenewed(finished: Option<DateTime<Utc>>, monitor: &MonitorState, clock: StatusClock) -> bool {
    last_renewal(finished, monitor, clock).is_none_or(|at| clock.is_expired(at))
}

impl Status {
    /// Derives the status from the guide, the newest report, the state of monitoring and the time.
    ///
    /// Nobody is checking: unknown. Otherwise the root cause of the shown conditions determines it. Without one the connection is
    /// `ok` only if Okta answered within three intervals; before its first answer and without a network it is `working`, and
    /// `unknown` once nothing could be reached for three intervals. An answer from before `token_since`, when the token that Okta
    /// is asked with was stored, was an answer to another token.
    #[must_use]
    pub fn derive(
        setup: &GuideState,
        report: Option<&CheckReport>,
        monitor: &MonitorState,
        keep: Keep,
        token_since: Option<DateTime<Utc>>,
        clock: StatusClock,
    ) -> Self {
        let answered = newest_answer(report, monitor, token_since, clock);
        let arrival_verified = is_arrival_verified(setup, report, clock);
        let without_problem = |state| Self {
            state,
            problem: None,
            row: None,
            since: None,
            arrival_verified,
            as_of: answered,
            valid_until: None,
        };
        if setup.finished.is_none() {
            return without_problem(State::NeedsSetup);
        }
        if keep == Keep::Nothing {
            return Self::of_relay(monitor).unwrap_or(Self::unwatched(setup.finished, answered));
        }
        if monitor.paused_since.is_some() {
            return Self { since: monitor.paused_since, ..without_problem(State::Paused) };
        }
        let renewed = last_renewal(setup.finished, monitor, clock);
        if is_unrenewed(setup.finished, monitor, clock) {
            return Self::nobody_checks(renewed, answered);
        }
        let valid_until = renewed.and_then(|at| clock.expiry(at));
        let conditions: Vec<ActiveCondition> =
            monitor.all_conditions().filter(|one| !one.is_accepted(setup)).cloned().collect();
        if let Some((one, severity)) = root_cause(&conditions) {
            let found = report.and_then(|report| report.row(one.row)).map(|row| row.at).filter(|at| clock.is_past(*at));
            return Self {
                state: shown_state(severity),
                problem: Some(one.problem.clone()),
                row: Some(one.row),
                since: Some(one.since),
                as_of: answered.max(found),
                valid_until,
                ..without_problem(State::Attention)
            };
        }
        match answered.filter(|at| !clock.is_expired(*at)) {
            Some(at) if monitor.offline_since.is_none() => {
                let valid_until = valid_until.into_iter().chain(clock.expiry(at)).min();
                Self { valid_until, ..without_problem(State::Ok) }
            }
            _ => {
                let began = setup.finished.max(token_since).filter(|at| clock.is_past(*at));
                let working = Self { valid_until, ..without_problem(State::Working) };
                working.unreached(began, monitor, &conditions, clock)
            }
        }
    }

    /// Returns the status of a connection that is not monitored since its guide was `finished`: earlier findings say nothing about
    /// the time after it.
    fn unwatched(finished: Option<DateTime<Utc>>, as_of: Option<DateTime<Utc>>) -> Self {
        Self {
            state: State::Unwatched,
            problem: None,
            row: None,
            since: finished,
            arrival_verified: false,
            as_of,
            valid_until: None,
        }
    }

    /// Returns the status by the relay alone, for a connection that is not checked; `None` while the relay has no problem. It ends
    /// with the problem, not with time.
    #[must_use]
    pub fn of_relay(monitor: &MonitorState) -> Option<Self> {
        let (one, severity) = root_cause(&monitor.relay_conditions)?;
        Some(Self {
            state: shown_state(severity),
            problem: Some(one.problem.clone()),
            row: Some(one.row),
            since: Some(one.since),
            arrival_verified: false,
            as_of: None,
            valid_until: None,
        })
    }

    /// Returns the status of a connection that nobody checks: `renewed` is the end of the last check.
    #[must_use]
    pub fn nobody_checks(renewed: Option<DateTime<Utc>>, as_of: Option<DateTime<Utc>>) -> Self {
        Self {
            state: State::Unknown,
            problem: Some(Problem::new(Code::NobodyChecks)),
            row: None,
            since: renewed,
            arrival_verified: false,
            as_of,
            valid_until: None,
        }
    }

    /// Adds why Okta could not be reached, and decides whether that is unknown already. `began` is when the guide was finished or
    /// the token was stored.
    fn unreached(
        self,
        began: Option<DateTime<Utc>>,
        monitor: &MonitorState,
        conditions: &[ActiveCondition],
        clock: StatusClock,
    ) -> Self {
        let pending = conditions.iter().find(|one| one.is_pending());
        let (problem, row, since) = match (monitor.offline_since, pending) {
            (Some(since), _) => {
                let code = monitor.offline.unwrap_or(Code::NetworkDown);
                (Some(Problem::new(code)), Some(CheckId::Domain), Some(since))
            }
            (None, Some(one)) => (Some(one.problem.clone()), Some(one.row), Some(one.since)),
            (None, None) => (None, None, None),
        };
        // The first check after that has three intervals too.
        let last = self.as_of.max(began);
        let until = last.filter(|at| !clock.is_expired(*at)).and_then(|at| clock.expiry(at));
        let reached = Self { problem, row, since, ..self };
        match until {
            Some(until) => Self { valid_until: reached.valid_until.into_iter().chain([until]).min(), ..reached },
            None => Self { state: State::Unknown, since: since.or(last), arrival_verified: false, ..reached },
        }
    }
}

/// Returns the state that a condition of a severity leads to.
fn shown_state(severity: Severity) -> State {
    match severity {
        Severity::Stopped => State::Stopped,
        Severity::Quiet | Severity::Attention | Severity::InDoubt => State::Attention,
    }
}

/// Returns when Okta answered the token in use last.
fn newest_answer(
    report: Option<&CheckReport>,
    monitor: &MonitorState,
    token_since: Option<DateTime<Utc>>,
    clock: StatusClock,
) -> Option<DateTime<Utc>> {
    let in_report = report.into_iter().flat_map(CheckReport::answer_times);
    let is_of_token = |at| token_since.is_none_or(|since| since - at <= DATED_LATER);
    in_report.chain(monitor.answered).filter(|at| clock.is_past(*at) && is_of_token(*at)).max()
}

/// Returns whether the newest comparison found an event in Radiant or, without a comparison since the guide, whether the guide
/// found one less than a day ago. An older event proves nothing about the present. During a replacement only the guide counts: it
/// looks for an event that is newer than the change, whereas a comparison may find one that the old token delivered.
fn is_arrival_verified(setup: &GuideState, report: Option<&CheckReport>, clock: StatusClock) -> bool {
    let is_recent = |at| clock.is_past(at) && clock.now - at < ARRIVAL_VALIDITY;
    let in_guide = || setup.arrival.as_ref().is_some_and(|found| is_recent(found.found_at));
    if setup.replacement.is_some() {
        return in_guide();
    }
    match report.and_then(|report| report.row(CheckId::Arrival)).map(|row| row.outcome) {
        Some(Outcome::Passed) => true,
        Some(Outcome::Failed | Outcome::Attention) => false,
        Some(Outcome::Unknown | Outcome::Skipped) | None => in_guide(),
    }
}

#[cfg(test)]
#[path = "status_rules_tests.rs"]
mod tests;
