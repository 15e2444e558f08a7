//! Decides which status is worth a notification: one for each worsening, and one for a recovery if the worsening was notified.
//! Pure.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use model::active_conditions::root_cause;
use model::check::CheckId;
use model::condition_registry::Severity;
use model::monitor::MonitorState;
use model::notification_event::{NotificationEvent, NotifiedState};
use model::problem::Problem;
use model::reminder::{Reminder, ReminderState};
use model::status::{State, Status};

/// The time that a problem must persist after a recovery before it is notified again: a problem that comes and goes is one.
const FLAPPING: TimeDelta = TimeDelta::minutes(30);

/// The circumstances of a notification.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NotifyContext {
    /// The time.
    pub(crate) now: DateTime<Utc>,
    /// Whether notifications are held back: turned off, paused, or planned maintenance.
    pub(crate) is_quiet: bool,
    /// Whether the window is in front and shows the status.
    pub(crate) in_front: bool,
    /// How long Okta must have been out of reach before that is notified. A computer that wakes has no network at first, and its
    /// last answer may be from the day before.
    pub(crate) patience: TimeDelta,
}

/// Tells whether the active conditions may be worth a notification: a cheap test before [`next_notification`].
pub(crate) fn may_notify(state: &MonitorState, told: &NotifiedState) -> bool {
    let is_new = || {
        let all: Vec<_> = state.all_conditions().cloned().collect();
        root_cause(&all).map(|(_, severity)| severity) != told.severity
    };
    state.paused_since.is_none() && (state.offline_since.is_some() || is_new())
}

/// Returns the notification to show, if any, and what counts as notified from now on.
pub(crate) fn next_notification(
    told: &NotifiedState,
    status: &Status,
    context: NotifyContext,
) -> (Option<NotificationEvent>, NotifiedState) {
    match (&status.problem, status.severity()) {
        // What keeps this computer from its network is shown, never notified, however long it lasts.
        (Some(problem), _) if problem.code.is_offline() => (None, told.clone()),
        (Some(problem), Some(severity)) if Some(severity) > told.severity => {
            worse(told, status, problem, severity, context)
        }
        (_, Some(severity)) => (None, NotifiedState { severity: Some(severity).min(told.severity), ..told.clone() }),
        // Paused, in set-up or without a network: no recovery is known.
        (_, None) if status.state != State::Ok => (None, told.clone()),
        (_, None) => recovered(told, context),
    }
}

/// Moves what was notified in the `other` way, before the checks were paused or resumed, to `told` if it is of the same problem:
/// that is not notified again. It counts in one way only, because its recovery is notified once. Tells whether it was moved.
pub(crate) fn take_over(status: &Status, told: &mut NotifiedState, other: &mut NotifiedState) -> bool {
    let code = |problem: &Problem| problem.code;
    let is_same = other.problem.as_ref().map(code) == status.problem.as_ref().map(code);
    let is_taken = other.severity > told.severity && is_same;
    if is_taken {
        *told = std::mem::take(other);
    }
    is_taken
}

/// Returns the notification for a status that the checks decide, if any. What counts as notified is changed in `state`.
pub(crate) fn notify_by_checks(
    state: &mut MonitorState,
    status: &Status,
    context: NotifyContext,
) -> Option<NotificationEvent> {
    take_over(status, &mut state.notified, &mut state.relay_notified);
    state.relay_notified = NotifiedState::default();
    let (found, told) = next_notification(&state.notified, status, context);
    state.notified = told;
    found
}

/// Returns the notification of the reminders that became due, if any did, and what counts as notified from now on. Reminders
/// that are held back are notified later if they are still due.
pub(crate) fn reminder_notification(
    state: &ReminderState,
    due: &[Reminder],
    context: NotifyContext,
) -> (Option<NotificationEvent>, ReminderState) {
    let reminders = state.unnotified(due);
    if reminders.is_empty() || context.is_quiet {
        return (None, state.clone());
    }
    let told = state.clone().mark_notified(&reminders);
    ((!context.in_front).then_some(NotificationEvent::Remind { reminders }), told)
}

fn worse(
    told: &NotifiedState,
    status: &Status,
    problem: &Problem,
    severity: Severity,
    context: NotifyContext,
) -> (Option<NotificationEvent>, NotifiedState) {
    // It was notified since the last recovery and alternates with a lesser problem.
    if told.codes_since_ok.contains(&problem.code) {
        return (None, NotifiedState { severity: Some(severity), ..told.clone() });
    }
    let is_same = told.problem.as_ref().is_some_and(|before| before.code == problem.code);
    let since = status.since.unwrap_or(context.now);
    let is_flapping = is_same && told.recovered.is_some_and(|at| since - at < FLAPPING);
    let is_too_soon = status.state == State::Unknown && context.now - since < context.patience;
    // A notification that is held back is shown later if the problem persists.
    if context.is_quiet || is_too_soon || (is_flapping && context.now - since < FLAPPING) {
        return (None, told.clone());
    }
    let mut now_told = told.clone();
    now_told.severity = Some(severity);
    now_told.problem = Some(problem.clone());
    now_told.shown |= !context.in_front;
    now_told.recovered = None;
    now_told.codes_since_ok.insert(problem.code);
    let event =
        NotificationEvent::Worse { problem: problem.clone(), row: status.row.unwrap_or(CheckId::Domain), severity };
    ((!context.in_front).then_some(event), now_told)
}

fn recovered(told: &NotifiedState, context: NotifyContext) -> (Option<NotificationEvent>, NotifiedState) {
    // A recovery that is held back is notified later, because the problem was notified.
    if told.severity.is_none() || (told.shown && context.is_quiet) {
        return (None, told.clone());
    }
    let recovered = Some(context.now);
    let now_told =
        NotifiedState { severity: None, shown: false, recovered, codes_since_ok: BTreeSet::new(), ..told.clone() };
    let aloud = told.shown && !context.in_front;
    (told.problem.clone().filter(|_| aloud).map(|problem| NotificationEvent::Recovered { problem }), now_told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    use model::code::Code;
    use model::problem::Problem;
    use model::reminder::ReminderKind;

    const PATIENCE: TimeDelta = TimeDelta::minutes(30);

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    fn status(state: State, code: Option<Code>, since: i64) -> Status {
        Status {
            state,
            problem: code.map(Problem::new),
            row: code.map(|_| CheckId::Token),
            since: code.map(|_| at(since)),
            arrival_verified: false,
            as_of: None,
            valid_until: None,
        }
    }

    fn ok() -> Status {
        status(State::Ok, None, 0)
    }

    fn dead(since: i64) -> Status {
        status(State::Stopped, Some(Code::TokenRefused), since)
    }

    /// Passes in one status per time, in minutes, and returns the notifications.
    fn notifications(days: &[(i64, Status)], context: impl Fn(i64) -> (bool, bool)) -> Vec<String> {
        let (mut told, mut out) = (NotifiedState::default(), Vec::new());
        for (minute, status) in days {
            let (is_quiet, in_front) = context(*minute);
            let (event, next) = next_notification(
                &told,
                status,
                NotifyContext { now: at(*minute), is_quiet, in_front, patience: PATIENCE },
            );
            told = next;
            out.extend(event.map(|event| match event {
                NotificationEvent::Worse { problem, .. } => format!("{minute} worse {}", problem.code),
                NotificationEvent::Recovered { problem } => format!("{minute} recovered {}", problem.code),
                NotificationEvent::Remind { reminders } => format!("{minute} remind {}", reminders.len()),
            }));
        }
        out
    }

    #[test]
    fn each_worsening_and_the_recovery_are_notified_once() {
        let days = [(0, ok()), (10, dead(10)), (20, dead(10)), (30, ok()), (40, ok())];
        assert_eq!(notifications(&days, |_| (false, false)), ["10 worse token_refused", "30 recovered token_refused"]);
    }

    #[test]
    fn a_worse_status_is_notified_and_a_lesser_one_is_not() {
        let lag = status(State::Attention, Some(Code::RadiantLagging), 5);
        let days = [(5, lag.clone()), (10, dead(10)), (20, lag), (30, ok())];
        assert_eq!(
            notifications(&days, |_| (false, false)),
            ["5 worse radiant_lagging", "10 worse token_refused", "30 recovered token_refused"]
        );
    }

    #[test]
    fn a_stopped_feed_is_notified_after_a_lesser_problem_and_its_alternation_is_not() {
        let person = status(State::Attention, Some(Code::OwnerIsPerson), 0);
        let lag = status(State::Attention, Some(Code::RadiantLagging), 30);
        let nothing = status(State::Stopped, Some(Code::RadiantNoMatch), 60);
        let mut days = vec![(0, person.clone()), (30, lag.clone())];
        for hour in 1..9 {
            days.extend([(60 * hour, nothing.clone()), (60 * hour + 30, lag.clone())]);
        }
        days.extend([(600, person), (630, ok()), (645, status(State::Stopped, Some(Code::RadiantNoMatch), 645))]);
        assert_eq!(
            notifications(&days, |_| (false, false)),
            [
                "0 worse owner_is_person",
                "30 worse radiant_lagging",
                "60 worse radiant_no_match",
                "630 recovered radiant_no_match",
            ]
        );
    }

    #[test]
    fn a_recovery_that_was_held_back_is_notified_later() {
        let days = [(0, dead(0)), (10, ok()), (20, ok()), (60, ok())];
        let quiet = |minute| ((5..60).contains(&minute), false);
        assert_eq!(notifications(&days, quiet), ["0 worse token_refused", "60 recovered token_refused"]);
    }

    #[test]
    fn a_problem_that_comes_and_goes_is_notified_once_until_it_persists() {
        let mut days = vec![(0, dead(0)), (10, ok()), (20, dead(20)), (25, ok()), (30, dead(30))];
        days.extend((31..70).map(|minute| (minute, dead(30))));
        assert_eq!(
            notifications(&days, |_| (false, false)),
            ["0 worse token_refused", "10 recovered token_refused", "60 worse token_refused"]
        );
    }

    #[test]
    fn a_notification_that_was_held_back_is_shown_later_if_the_problem_persists() {
        let days = [(0, dead(0)), (10, dead(0)), (60, dead(0))];
        assert_eq!(notifications(&days, |minute| (minute < 60, false)), ["60 worse token_refused"]);
        let resolved = [(0, dead(0)), (10, ok()), (60, ok())];
        assert_eq!(notifications(&resolved, |minute| (minute < 60, false)), Vec::<String>::new());
    }

    #[test]
    fn a_window_in_front_makes_a_notification_unnecessary() {
        let days = [(0, dead(0)), (10, dead(0)), (20, ok())];
        assert_eq!(notifications(&days, |minute| (false, minute < 5)), Vec::<String>::new());
    }

    #[test]
    fn a_reminder_is_notified_once_and_not_while_the_window_shows_it() {
        let due = [Reminder {
            kind: ReminderKind::TokenAge,
            of: at(0),
            since: at(5),
            observed_at: None,
            args: BTreeMap::new(),
            act: None,
            link: None,
        }];
        let context = |is_quiet, in_front| NotifyContext { now: at(10), is_quiet, in_front, patience: PATIENCE };
        let (held, state) = reminder_notification(&ReminderState::default(), &due, context(true, false));
        assert_eq!((held, &state), (None, &ReminderState::default()), "it is held back");
        let (event, state) = reminder_notification(&state, &due, context(false, false));
        assert_eq!(event, Some(NotificationEvent::Remind { reminders: due.to_vec() }));
        assert_eq!(reminder_notification(&state, &due, context(false, false)).0, None, "it is notified once");
        let (shown, state) = reminder_notification(&ReminderState::default(), &due, context(false, true));
        assert_eq!(shown, None, "the window shows it");
        assert_eq!(reminder_notification(&state, &due, context(false, false)).0, None);
    }

    #[test]
    fn a_missing_network_is_neither_a_worsening_nor_a_recovery() {
        let offline = status(State::Working, Some(Code::NetworkDown), 5);
        let days = [(0, dead(0)), (5, offline.clone()), (10, dead(0)), (15, offline), (20, ok())];
        assert_eq!(notifications(&days, |_| (false, false)), ["0 worse token_refused", "20 recovered token_refused"]);
    }

    #[test]
    fn this_computers_own_network_is_never_notified_however_long_it_is_missing() {
        for code in [Code::NetworkDown, Code::DnsUnavailable, Code::CaptivePortal] {
            let unknown = status(State::Unknown, Some(code), 5);
            let days =
                [(0, ok()), (5, unknown.clone()), (40, unknown.clone()), (90_000, unknown.clone()), (90_001, ok())];
            assert_eq!(notifications(&days, |_| (false, false)), Vec::<String>::new(), "{code}");
            let days = [(0, dead(0)), (5, unknown.clone()), (40, unknown), (50, dead(0)), (60, ok())];
            let told = ["0 worse token_refused", "60 recovered token_refused"];
            assert_eq!(notifications(&days, |_| (false, false)), told, "{code}: what was notified stays notified");
        }
    }

    #[test]
    fn that_nobody_is_checking_is_notified() {
        let unknown = status(State::Unknown, Some(Code::NobodyChecks), 5);
        let days = [(0, ok()), (40, unknown), (60, ok())];
        assert_eq!(notifications(&days, |_| (false, false)), ["40 worse nobody_checks", "60 recovered nobody_checks"]);
    }

    #[test]
    fn an_unknown_status_is_notified_once_okta_was_out_of_reach_for_three_intervals_and_then_its_end() {
        let unknown = status(State::Unknown, Some(Code::ProxyFailed), 5);
        let days =
            [(0, ok()), (5, unknown.clone()), (20, unknown.clone()), (40, unknown.clone()), (50, unknown), (60, ok())];
        assert_eq!(notifications(&days, |_| (false, false)), ["40 worse proxy_failed", "60 recovered proxy_failed"]);
    }
}
