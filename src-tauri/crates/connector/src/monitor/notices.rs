//! What is worth a notice. Pure: once per worsening, once on recovery and only if the worsening was told, damped.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use model::active_conditions::root_cause;
use model::check::CheckId;
use model::condition_registry::Severity;
use model::monitor::MonitorState;
use model::notification::{NotificationEvent, NotifiedState};
use model::problem::Problem;
use model::reminder::{Reminder, ReminderState};
use model::status::{State, Status};

/// After a recovery, the same thing has to stand this long before it is told again: a fault that comes and goes is one fault.
const FLAPPING: TimeDelta = TimeDelta::minutes(30);

/// What is going on around a status.
#[derive(Debug, Clone, Copy)]
pub struct NotifyContext {
    /// The time.
    pub now: DateTime<Utc>,
    /// Whether notices are held back: switched off, paused, planned work.
    pub quiet: bool,
    /// Whether the window is in front and shows the status anyway.
    pub in_front: bool,
}

/// Tells whether what stands may be worth a notice: a cheap look before [`notice`] is asked.
#[must_use]
pub fn is_news(watched: &MonitorState) -> bool {
    watched.paused_since.is_none()
        && root_cause(&watched.standing).map(|(_, severity)| severity) != watched.told.severity
}

/// Returns the notice to show, if any, and what counts as told from now on.
#[must_use]
pub fn notice(
    told: &NotifiedState,
    status: &Status,
    around: NotifyContext,
) -> (Option<NotificationEvent>, NotifiedState) {
    match (&status.problem, status.severity()) {
        (Some(problem), Some(severity)) if Some(severity) > told.severity => {
            worse(told, status, problem, severity, around)
        }
        (_, Some(severity)) => (None, NotifiedState { severity: Some(severity).min(told.severity), ..told.clone() }),
        // Paused, in set-up, without a network: nothing is known to have become well.
        (_, None) if status.state != State::Ok => (None, told.clone()),
        (_, None) => recovered(told, around),
    }
}

/// Returns the notice of the reminders that became due, if any did, and what counts as told from now on. Held back, they are
/// told once the holding back ends and they still are due.
#[must_use]
pub fn remind(
    care: &ReminderState,
    due: &[Reminder],
    around: NotifyContext,
) -> (Option<NotificationEvent>, ReminderState) {
    let reminders = care.unnotified(due);
    if reminders.is_empty() || around.quiet {
        return (None, care.clone());
    }
    let told = care.clone().mark_notified(&reminders);
    ((!around.in_front).then_some(NotificationEvent::Remind { reminders }), told)
}

fn worse(
    told: &NotifiedState,
    status: &Status,
    problem: &Problem,
    severity: Severity,
    around: NotifyContext,
) -> (Option<NotificationEvent>, NotifiedState) {
    // It was told since all was well last, and only goes to and fro between that and something lesser.
    if told.since_well.contains(&problem.code) {
        return (None, NotifiedState { severity: Some(severity), ..told.clone() });
    }
    let again = told.problem.as_ref().is_some_and(|before| before.code == problem.code);
    let since = status.since.unwrap_or(around.now);
    let flaps = again && told.recovered.is_some_and(|at| since - at < FLAPPING);
    // Held back, it is told once the holding back ends and it still stands.
    if around.quiet || (flaps && around.now - since < FLAPPING) {
        return (None, told.clone());
    }
    let mut now_told = told.clone();
    now_told.severity = Some(severity);
    now_told.problem = Some(problem.clone());
    now_told.aloud |= !around.in_front;
    now_told.recovered = None;
    now_told.since_well.insert(problem.code);
    let notice =
        NotificationEvent::Worse { problem: problem.clone(), row: status.row.unwrap_or(CheckId::Domain), severity };
    ((!around.in_front).then_some(notice), now_told)
}

fn recovered(told: &NotifiedState, around: NotifyContext) -> (Option<NotificationEvent>, NotifiedState) {
    // Held back, it is told once the holding back ends: what was told as worse is told as well again.
    if told.severity.is_none() || (told.aloud && around.quiet) {
        return (None, told.clone());
    }
    let recovered = Some(around.now);
    let now_told =
        NotifiedState { severity: None, aloud: false, recovered, since_well: BTreeSet::new(), ..told.clone() };
    let aloud = told.aloud && !around.in_front;
    (told.problem.clone().filter(|_| aloud).map(|problem| NotificationEvent::Recovered { problem }), now_told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    use model::code::Code;
    use model::problem::Problem;
    use model::reminder::ReminderKind;

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
        }
    }

    fn ok() -> Status {
        status(State::Ok, None, 0)
    }

    fn dead(since: i64) -> Status {
        status(State::Stopped, Some(Code::TokenRefused), since)
    }

    /// Feeds statuses minute by minute and returns what was told.
    fn told(days: &[(i64, Status)], around: impl Fn(i64) -> (bool, bool)) -> Vec<String> {
        let (mut told, mut out) = (NotifiedState::default(), Vec::new());
        for (minute, status) in days {
            let (quiet, in_front) = around(*minute);
            let (said, next) = notice(&told, status, NotifyContext { now: at(*minute), quiet, in_front });
            told = next;
            out.extend(said.map(|notice| match notice {
                NotificationEvent::Worse { problem, .. } => format!("{minute} worse {}", problem.code),
                NotificationEvent::Recovered { problem } => format!("{minute} recovered {}", problem.code),
                NotificationEvent::Remind { reminders } => format!("{minute} remind {}", reminders.len()),
            }));
        }
        out
    }

    #[test]
    fn once_per_worsening_and_once_on_recovery() {
        let days = [(0, ok()), (10, dead(10)), (20, dead(10)), (30, ok()), (40, ok())];
        assert_eq!(told(&days, |_| (false, false)), ["10 worse token_refused", "30 recovered token_refused"]);
    }

    #[test]
    fn a_graver_state_is_told_and_a_lesser_one_is_not() {
        let lag = status(State::Attention, Some(Code::RadiantLagging), 5);
        let days = [(5, lag.clone()), (10, dead(10)), (20, lag), (30, ok())];
        assert_eq!(
            told(&days, |_| (false, false)),
            ["5 worse radiant_lagging", "10 worse token_refused", "30 recovered token_refused"]
        );
    }

    #[test]
    fn a_stopped_feed_is_told_although_something_lesser_was_and_its_going_to_and_fro_is_not() {
        let person = status(State::Attention, Some(Code::OwnerIsPerson), 0);
        let lag = status(State::Attention, Some(Code::RadiantLagging), 30);
        let nothing = status(State::Stopped, Some(Code::RadiantNoMatch), 60);
        let mut days = vec![(0, person.clone()), (30, lag.clone())];
        for hour in 1..9 {
            days.extend([(60 * hour, nothing.clone()), (60 * hour + 30, lag.clone())]);
        }
        days.extend([(600, person), (630, ok()), (645, status(State::Stopped, Some(Code::RadiantNoMatch), 645))]);
        assert_eq!(
            told(&days, |_| (false, false)),
            [
                "0 worse owner_is_person",
                "30 worse radiant_lagging",
                "60 worse radiant_no_match",
                "630 recovered radiant_no_match",
            ]
        );
    }

    #[test]
    fn what_was_told_as_worse_is_told_as_well_again_once_the_holding_back_ends() {
        let days = [(0, dead(0)), (10, ok()), (20, ok()), (60, ok())];
        let quiet = |minute| ((5..60).contains(&minute), false);
        assert_eq!(told(&days, quiet), ["0 worse token_refused", "60 recovered token_refused"]);
    }

    #[test]
    fn what_comes_and_goes_is_told_once_until_it_stays() {
        let mut days = vec![(0, dead(0)), (10, ok()), (20, dead(20)), (25, ok()), (30, dead(30))];
        days.extend((31..70).map(|minute| (minute, dead(30))));
        assert_eq!(
            told(&days, |_| (false, false)),
            ["0 worse token_refused", "10 recovered token_refused", "60 worse token_refused"]
        );
    }

    #[test]
    fn held_back_it_is_told_afterwards_if_it_still_stands() {
        let days = [(0, dead(0)), (10, dead(0)), (60, dead(0))];
        assert_eq!(told(&days, |minute| (minute < 60, false)), ["60 worse token_refused"]);
        let over = [(0, dead(0)), (10, ok()), (60, ok())];
        assert_eq!(told(&over, |minute| (minute < 60, false)), Vec::<String>::new());
    }

    #[test]
    fn the_window_in_front_is_notice_enough() {
        let days = [(0, dead(0)), (10, dead(0)), (20, ok())];
        assert_eq!(told(&days, |minute| (false, minute < 5)), Vec::<String>::new());
    }

    #[test]
    fn a_reminder_is_told_once_when_it_may_be_and_not_while_the_window_shows_it() {
        let due = [Reminder {
            kind: ReminderKind::TokenAge,
            of: at(0),
            since: at(5),
            seen: None,
            args: BTreeMap::new(),
            act: None,
            link: None,
        }];
        let around = |quiet, in_front| NotifyContext { now: at(10), quiet, in_front };
        let (held, care) = remind(&ReminderState::default(), &due, around(true, false));
        assert_eq!((held, &care), (None, &ReminderState::default()), "held back, it is not told");
        let (told, care) = remind(&care, &due, around(false, false));
        assert_eq!(told, Some(NotificationEvent::Remind { reminders: due.to_vec() }));
        assert_eq!(remind(&care, &due, around(false, false)).0, None, "told once");
        let (shown, care) = remind(&ReminderState::default(), &due, around(false, true));
        assert_eq!(shown, None, "the window shows it");
        assert_eq!(remind(&care, &due, around(false, false)).0, None);
    }

    #[test]
    fn no_network_is_neither_worse_nor_well() {
        let offline = status(State::Working, Some(Code::NetworkDown), 5);
        let days = [(0, dead(0)), (5, offline.clone()), (10, dead(0)), (15, offline), (20, ok())];
        assert_eq!(told(&days, |_| (false, false)), ["0 worse token_refused", "20 recovered token_refused"]);
    }
}
