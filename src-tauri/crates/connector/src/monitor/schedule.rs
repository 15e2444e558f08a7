//! Decides when a connection is probed, and with which kind of probe. Pure.
//!
//! After a wake or the return of the network nothing is due until the network has settled. Then every check is due, one
//! connection after the other, but not again and again while a bad network comes and goes.

use chrono::{DateTime, TimeDelta, Utc};

use crate::power_events::WakeBurst;
use crate::probe_pass::{RESUME_INTERVAL, is_delivery_row};
use model::monitor::{MonitorState, ProbeKind};
use model::monitor_settings::MonitorSettings;

/// A pending condition is checked again after the usual interval divided by this.
const PENDING_DIVISOR: i32 = 2;
/// The shortest interval: Okta's smallest orgs allow ten requests per minute.
const MIN_INTERVAL: TimeDelta = TimeDelta::seconds(15);
/// The number of missed heartbeats that mean that the computer slept.
const MISSED_HEARTBEATS: i32 = 3;

/// The time between two connections after a wake or the return of the network.
const STAGGER: TimeDelta = TimeDelta::seconds(1);
/// The shortest interval of heartbeats that a wake or the return of the network causes.
const HEARTBEAT_RESUME_INTERVAL: TimeDelta = TimeDelta::minutes(1);
/// The interval of heartbeats while a network is slow to return.
const SLOW_INTERVAL: TimeDelta = TimeDelta::seconds(30);
/// The number of those heartbeats.
const SLOW_PROBES: i32 = 4;

/// The newest wake of the computer, for one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Resumed {
    /// The wake.
    pub(super) burst: WakeBurst,
    /// The number of connections that are probed before this one.
    pub(super) place: u32,
}

impl Resumed {
    /// Returns when this connection's turn is.
    fn turn(&self) -> DateTime<Utc> {
        self.burst.settles_at() + STAGGER * i32::try_from(self.place).unwrap_or(i32::MAX)
    }

    /// Returns when a probe is due that ran last at `last` and runs at most every `interval`; `None` if it ran since the wake.
    fn due_at(&self, last: Option<DateTime<Utc>>, interval: TimeDelta) -> Option<DateTime<Utc>> {
        let has_run = last.is_some_and(|last| last >= self.burst.last());
        (!has_run).then(|| self.turn().max(after(last, interval)))
    }
}

/// What the schedule of one connection depends on.
#[derive(Clone, Copy)]
pub(super) struct Schedule<'a> {
    /// Its state of monitoring.
    pub(super) state: &'a MonitorState,
    /// The settings of monitoring.
    pub(super) settings: &'a MonitorSettings,
    /// The newest wake of the computer.
    pub(super) resumed: Option<Resumed>,
    /// The time.
    pub(super) now: DateTime<Utc>,
}

impl Schedule<'_> {
    /// Returns every probe that is due now, the most thorough first: while that one waits, a smaller one may run.
    pub(super) fn due(self) -> impl Iterator<Item = ProbeKind> {
        let is_settling = self.resumed().is_some_and(|one| self.now < one.burst.settles_at());
        let may_probe = self.state.paused_since.is_none() && !is_settling;
        let times = [
            (ProbeKind::Full, self.full_at()),
            (ProbeKind::Freshness, self.freshness_at()),
            (ProbeKind::Heartbeat, self.heartbeat_at()),
        ];
        times.into_iter().filter(move |(_, at)| may_probe && self.now >= *at).map(|(kind, _)| kind)
    }

    /// Returns when the next probe will be due, or when a pause ends by itself; `None` while checks are paused without an end.
    pub(super) fn next(self) -> Option<DateTime<Utc>> {
        if self.state.paused_since.is_some() {
            return self.state.paused_until;
        }
        let times = [self.full_at(), self.freshness_at(), self.heartbeat_at()];
        let next = times.into_iter().min();
        next.map(|next| self.resumed().map_or(next, |one| next.max(one.burst.settles_at())))
    }

    /// Returns the newest wake, unless the clock was set back since.
    fn resumed(&self) -> Option<Resumed> {
        self.resumed.filter(|one| one.burst.last() <= self.now)
    }

    /// Returns when a probe is due again that ran last at `last`. One in the future was stored by a clock that was wrong: how
    /// long ago it ran is unknown, so it is due.
    fn after(&self, last: Option<DateTime<Utc>>, interval: TimeDelta) -> DateTime<Utc> {
        after(last.filter(|last| *last <= self.now), interval)
    }

    fn full_at(&self) -> DateTime<Utc> {
        let daily = self.after(self.state.full, self.settings.full());
        // Without a network only small probes run, until one succeeds.
        if self.state.offline_since.is_some() {
            return daily.max(self.heartbeat_at());
        }
        let slept = self.after(self.state.heartbeat, self.settings.heartbeat() * MISSED_HEARTBEATS);
        let resumed = self.resumed().and_then(|one| one.due_at(self.state.full, RESUME_INTERVAL));
        if self.state.full_check_requested {
            DateTime::UNIX_EPOCH
        } else {
            resumed.into_iter().fold(daily.min(slept), DateTime::min)
        }
    }

    fn freshness_at(&self) -> DateTime<Utc> {
        let is_pending = self.state.conditions.iter().any(|one| one.is_pending() && is_delivery_row(one.row));
        let usual = self.after(self.state.delivery, sooner_if(is_pending, self.settings.freshness()));
        // Without a network it does not complete and would stay due, so it runs with the heartbeats.
        if self.state.offline_since.is_some() { usual.max(self.heartbeat_at()) } else { usual }
    }

    fn heartbeat_at(&self) -> DateTime<Utc> {
        let last = self.state.heartbeat;
        let is_pending = self.state.conditions.iter().any(|one| one.is_pending() && !is_delivery_row(one.row));
        let usual = self.after(last, sooner_if(is_pending, self.settings.heartbeat()));
        let Some(one) = self.resumed() else { return usual };
        let is_offline = self.state.offline_since.is_some();
        let soon = one.due_at(last, if is_offline { MIN_INTERVAL } else { HEARTBEAT_RESUME_INTERVAL });
        // The network may be slow to return, so heartbeats go on for a while.
        let slow = Some(self.after(last, SLOW_INTERVAL))
            .filter(|at| is_offline && *at < one.burst.settles_at() + SLOW_INTERVAL * SLOW_PROBES);
        soon.into_iter().chain(slow).fold(usual, DateTime::min)
    }
}

fn after(last: Option<DateTime<Utc>>, interval: TimeDelta) -> DateTime<Utc> {
    last.map_or(DateTime::UNIX_EPOCH, |last| last + interval)
}

fn sooner_if(is_pending: bool, interval: TimeDelta) -> TimeDelta {
    if is_pending { (interval / PENDING_DIVISOR).max(MIN_INTERVAL).min(interval) } else { interval }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::active_conditions::ActiveCondition;
    use model::check::CheckId;
    use model::code::Code;
    use model::problem::Problem;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    fn state(minutes: i64) -> MonitorState {
        let now = Some(at(minutes));
        MonitorState { heartbeat: now, delivery: now, full: now, ..MonitorState::default() }
    }

    fn due(state: &MonitorState, resumed: Option<Resumed>, now: DateTime<Utc>) -> Option<ProbeKind> {
        Schedule { state, settings: &MonitorSettings::default(), resumed, now }.due().next()
    }

    fn next(state: &MonitorState, resumed: Option<Resumed>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        Schedule { state, settings: &MonitorSettings::default(), resumed, now }.next()
    }

    fn due_at(state: &MonitorState, minutes: i64) -> Option<ProbeKind> {
        due(state, None, at(minutes))
    }

    /// Returns what is due `seconds` after the computer woke at the given minute.
    fn due_after_wake(state: &MonitorState, minutes: i64, place: u32, seconds: i64) -> Option<ProbeKind> {
        let resumed = Some(Resumed { burst: WakeBurst::new(at(minutes)), place });
        due(state, resumed, at(minutes) + TimeDelta::seconds(seconds))
    }

    #[test]
    fn a_connection_that_was_never_probed_gets_every_check() {
        assert_eq!(due_at(&MonitorState::default(), 0), Some(ProbeKind::Full));
    }

    #[test]
    fn each_kind_of_probe_is_due_at_its_time() {
        assert_eq!(due_at(&state(0), 9), None);
        assert_eq!(due_at(&state(0), 10), Some(ProbeKind::Heartbeat));
        let after_heartbeat = MonitorState { heartbeat: Some(at(29)), ..state(0) };
        assert_eq!(due_at(&after_heartbeat, 30), Some(ProbeKind::Freshness));
        let after_delivery = MonitorState { heartbeat: Some(at(1435)), delivery: Some(at(1435)), ..state(0) };
        assert_eq!(due_at(&after_delivery, 1440), Some(ProbeKind::Full));
        assert_eq!(next(&state(0), None, at(0)), Some(at(10)));
    }

    #[test]
    fn a_new_token_and_a_wake_from_sleep_cause_every_check() {
        assert_eq!(due_at(&MonitorState { full_check_requested: true, ..state(0) }, 0), Some(ProbeKind::Full));
        assert_eq!(due_at(&state(0), 31), Some(ProbeKind::Full));
    }

    #[test]
    fn after_a_wake_every_check_runs_once_the_network_has_settled() {
        // A heartbeat that was due while the computer slept waits too.
        assert_eq!(due_after_wake(&state(0), 12, 0, 4), None);
        assert_eq!(due_after_wake(&state(0), 12, 0, 5), Some(ProbeKind::Full));
        let checked = MonitorState { full: Some(at(13)), heartbeat: Some(at(13)), delivery: Some(at(13)), ..state(0) };
        assert_eq!(due_after_wake(&checked, 12, 0, 300), None, "once");
        let just = MonitorState { full: Some(at(11)), heartbeat: Some(at(11)), delivery: Some(at(11)), ..state(0) };
        assert_eq!(due_after_wake(&just, 12, 0, 5), Some(ProbeKind::Heartbeat), "every check ran a minute before");
        let burst = WakeBurst::new(at(12));
        let soon = next(&state(0), Some(Resumed { burst, place: 0 }), at(12));
        assert_eq!(soon, Some(burst.settles_at()));
    }

    #[test]
    fn a_hundred_connections_are_probed_one_after_the_other() {
        let fresh = MonitorState {
            heartbeat: Some(at(11)),
            delivery: Some(at(11)),
            full: Some(at(0)),
            ..MonitorState::default()
        };
        let probed = |seconds| (0..100).filter(|place| due_after_wake(&fresh, 12, *place, seconds).is_some()).count();
        assert_eq!([4, 5, 14, 64, 104].map(probed), [0, 1, 10, 60, 100]);
    }

    #[test]
    fn a_network_that_comes_and_goes_causes_every_check_at_most_every_five_minutes() {
        let (mut flapping, mut burst, mut probes) = (state(0), None::<WakeBurst>, [0, 0]);
        for second in 0..3_600 {
            let now = at(1) + TimeDelta::seconds(second);
            if second % 20 == 0 {
                burst = Some(burst.map_or(WakeBurst::new(now), |burst| burst.with_event(now)));
            }
            let resumed = burst.map(|burst| Resumed { burst, place: 0 });
            let Some(kind) = due(&flapping, resumed, now) else { continue };
            flapping.heartbeat = Some(now);
            if kind == ProbeKind::Full {
                (flapping.delivery, flapping.full) = (Some(now), Some(now));
                probes[0] += 1;
            } else {
                probes[1] += 1;
            }
        }
        assert!((11..=12).contains(&probes[0]) && probes[1] <= 60, "{probes:?} in an hour");
    }

    #[test]
    fn a_heartbeat_finds_out_at_once_whether_a_network_returned() {
        let offline = MonitorState { offline_since: Some(at(0)), ..state(0) };
        assert_eq!(due_after_wake(&offline, 2, 0, 5), Some(ProbeKind::Heartbeat));
        let tried = MonitorState { heartbeat: Some(at(2) + TimeDelta::seconds(5)), ..offline };
        assert_eq!(due_after_wake(&tried, 2, 0, 34), None);
        assert_eq!(due_after_wake(&tried, 2, 0, 35), Some(ProbeKind::Heartbeat), "it was slow to return");
        let later = MonitorState { heartbeat: Some(at(2) + TimeDelta::seconds(100)), ..tried };
        assert_eq!(due_after_wake(&later, 2, 0, 200), None, "and then waits for another event");
    }

    #[test]
    fn a_paused_connection_is_not_probed() {
        let paused = MonitorState { paused_since: Some(at(0)), full_check_requested: true, ..state(0) };
        assert_eq!(due_at(&paused, 10_000), None);
        assert_eq!(next(&paused, None, at(0)), None);
        let until = MonitorState { paused_until: Some(at(60)), ..paused };
        assert_eq!(due_at(&until, 61), None, "the pause is ended first");
        assert_eq!(next(&until, None, at(0)), Some(at(60)), "then the pause ends");
        assert!(!until.pause_is_over(at(59)) && until.pause_is_over(at(60)));
    }

    #[test]
    fn without_a_network_every_check_waits_for_the_next_heartbeat() {
        let offline = MonitorState { offline_since: Some(at(0)), full_check_requested: true, ..state(0) };
        assert_eq!(due_at(&offline, 9), None);
        assert_eq!(due_at(&offline, 10), Some(ProbeKind::Heartbeat));
    }

    #[test]
    fn without_a_network_the_delivery_probe_is_not_due_again_at_once() {
        let offline = MonitorState { heartbeat: Some(at(45)), offline_since: Some(at(30)), ..state(0) };
        assert_eq!(due_at(&offline, 54), None);
        assert_eq!(next(&offline, None, at(46)), Some(at(55)));
        assert_eq!(due_at(&offline, 55), Some(ProbeKind::Freshness));
    }

    #[test]
    fn a_pending_condition_is_checked_sooner() {
        let condition = ActiveCondition {
            row: CheckId::Domain,
            problem: Problem::new(Code::OktaUnavailable),
            since: at(0),
            probes: 1,
        };
        let pending = MonitorState { conditions: vec![condition], ..state(0) };
        assert_eq!(due_at(&pending, 4), None);
        assert_eq!(due_at(&pending, 5), Some(ProbeKind::Heartbeat));
    }

    #[test]
    fn a_probe_in_the_future_is_due_however_far_the_clock_was_set_back() {
        for ahead in [1, 5 * 60, 30 * 24 * 60] {
            assert_eq!(due_at(&state(ahead), 0), Some(ProbeKind::Full), "{ahead} minutes");
            let heartbeat_only = MonitorState { heartbeat: Some(at(ahead)), ..state(0) };
            assert!(due_at(&heartbeat_only, 0).is_some(), "{ahead} minutes");
            let offline = MonitorState { offline_since: Some(at(ahead)), ..state(ahead) };
            assert!(due_at(&offline, 0).is_some(), "{ahead} minutes, without a network");
        }
    }

    #[test]
    fn a_wake_in_the_future_does_not_delay_a_probe() {
        let burst = WakeBurst::new(at(300));
        let resumed = Some(Resumed { burst, place: 0 });
        assert_eq!((due(&state(0), resumed, at(5)), next(&state(0), resumed, at(5))), (None, Some(at(10))));
        assert_eq!(due(&state(0), resumed, at(10)), Some(ProbeKind::Heartbeat));
    }
}
