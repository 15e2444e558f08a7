//! When to look at a connection, and how thoroughly. Pure: times in, a tier out.
//!
//! When the computer woke or its network came back, nothing is due before the network has settled; then every check is, one
//! connection after the other, and not again and again while a bad network comes and goes.

use chrono::{DateTime, TimeDelta, Utc};

use crate::power_events::WakeBurst;
use model::check::CheckId;
use model::monitor::{MonitorState, ProbeKind};
use model::monitor_settings::MonitorSettings;

/// A condition that is not believed yet is looked at again after this part of the usual time.
const SOONER: i32 = 2;
/// Never sooner than this: Okta's smallest orgs allow ten requests a minute.
const SOONEST: TimeDelta = TimeDelta::seconds(15);
/// A heartbeat missed this many times over means that the computer slept.
const SLEPT: i32 = 3;

/// After a wake or a return of the network, connections are asked this far apart.
const APART: TimeDelta = TimeDelta::seconds(1);
/// All checks because of a wake or a return of the network, at most this often.
const ALL_AGAIN: TimeDelta = TimeDelta::minutes(5);

/// A small look for the same reason, where all checks were asked just before, at most this often.
const ONE_AGAIN: TimeDelta = TimeDelta::minutes(1);
/// A network that is slow to come is asked for after this long, so many times.
const SLOW: TimeDelta = TimeDelta::seconds(30);
const SLOW_LOOKS: i32 = 4;

/// What the computer went through last, as one connection meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resumed {
    /// What it went through.
    pub burst: WakeBurst,
    /// How many connections are asked before this one.
    pub place: u32,
}

impl Resumed {
    /// When this connection's turn is.
    fn turn(&self) -> DateTime<Utc> {
        self.burst.settles_at() + APART * i32::try_from(self.place).unwrap_or(i32::MAX)
    }

    /// When a look is due that was taken last at `last`, and at most every `pause`; `None` when it was taken since.
    fn wants(&self, last: Option<DateTime<Utc>>, pause: TimeDelta) -> Option<DateTime<Utc>> {
        let taken = last.is_some_and(|last| last >= self.burst.last());
        (!taken).then(|| self.turn().max(after(last, pause)))
    }
}

/// Returns the most thorough look that is due now; `None` when nothing is.
#[must_use]
pub fn due(
    watched: &MonitorState,
    settings: &MonitorSettings,
    resumed: Option<Resumed>,
    now: DateTime<Utc>,
) -> Option<ProbeKind> {
    all_due(watched, settings, resumed, now).next()
}

/// Returns every look that is due now, the most thorough first: where that one has to wait, a lesser one may not.
pub(super) fn all_due(
    watched: &MonitorState,
    settings: &MonitorSettings,
    resumed: Option<Resumed>,
    now: DateTime<Utc>,
) -> impl Iterator<Item = ProbeKind> {
    let settling = resumed.is_some_and(|one| now < one.burst.settles_at());
    let asks = watched.paused_since.is_none() && !settling;
    let times = [
        (ProbeKind::Full, full_at(watched, settings, resumed)),
        (ProbeKind::Freshness, freshness_at(watched, settings, resumed)),
        (ProbeKind::Heartbeat, heartbeat_at(watched, settings, resumed)),
    ];
    times.into_iter().filter(move |(_, at)| asks && now >= *at).map(|(tier, _)| tier)
}

/// Returns when something will be due; `None` while checks are paused.
#[must_use]
pub(super) fn next(
    watched: &MonitorState,
    settings: &MonitorSettings,
    resumed: Option<Resumed>,
) -> Option<DateTime<Utc>> {
    let times = [
        full_at(watched, settings, resumed),
        freshness_at(watched, settings, resumed),
        heartbeat_at(watched, settings, resumed),
    ];
    let next = times.into_iter().min().filter(|_| watched.paused_since.is_none());
    next.map(|next| resumed.map_or(next, |one| next.max(one.burst.settles_at())))
}

/// Tells whether all checks may be asked because a look reached Okta again: not each time a bad network comes back.
pub(super) fn is_back(before: &MonitorState, now: DateTime<Utc>) -> bool {
    before.offline_since.is_some() && now >= after(before.came_back, ALL_AGAIN)
}

/// Tells whether a row is asked by the look at both sides, not by the heartbeat.
pub(super) fn is_arrival(row: CheckId) -> bool {
    matches!(row, CheckId::Arrival | CheckId::RadiantSearch | CheckId::SystemLog | CheckId::RateLimit)
}

fn after(last: Option<DateTime<Utc>>, pause: TimeDelta) -> DateTime<Utc> {
    last.map_or(DateTime::UNIX_EPOCH, |last| last + pause)
}

fn full_at(watched: &MonitorState, settings: &MonitorSettings, resumed: Option<Resumed>) -> DateTime<Utc> {
    let daily = after(watched.full, settings.full());
    // Without a network every look is a small one, until one gets through.
    if watched.offline_since.is_some() {
        return daily.max(heartbeat_at(watched, settings, resumed));
    }
    let slept = after(watched.heartbeat, settings.heartbeat() * SLEPT);
    let resumed = resumed.and_then(|one| one.wants(watched.full, ALL_AGAIN));
    if watched.wants_full { DateTime::UNIX_EPOCH } else { resumed.into_iter().fold(daily.min(slept), DateTime::min) }
}

fn freshness_at(watched: &MonitorState, settings: &MonitorSettings, resumed: Option<Resumed>) -> DateTime<Utc> {
    let pending = watched.standing.iter().any(|one| one.is_pending() && is_arrival(one.row));
    let usual = after(watched.freshness, sooner_if(pending, settings.freshness()));
    // Without a network it comes to no end, so it would stay due: its turn is a heartbeat's.
    if watched.offline_since.is_some() { usual.max(heartbeat_at(watched, settings, resumed)) } else { usual }
}

fn heartbeat_at(watched: &MonitorState, settings: &MonitorSettings, resumed: Option<Resumed>) -> DateTime<Utc> {
    let pending = watched.standing.iter().any(|one| one.is_pending() && !is_arrival(one.row));
    let usual = after(watched.heartbeat, sooner_if(pending, settings.heartbeat()));
    let Some(one) = resumed else { return usual };
    let offline = watched.offline_since.is_some();
    let soon = one.wants(watched.heartbeat, if offline { SOONEST } else { ONE_AGAIN });
    // The network may be slow to come: small looks go on finding out for a while.
    let slow =
        Some(after(watched.heartbeat, SLOW)).filter(|at| offline && *at < one.burst.settles_at() + SLOW * SLOW_LOOKS);
    soon.into_iter().chain(slow).fold(usual, DateTime::min)
}

fn sooner_if(pending: bool, pause: TimeDelta) -> TimeDelta {
    if pending { (pause / SOONER).max(SOONEST).min(pause) } else { pause }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::active_conditions::ActiveCondition;
    use model::code::Code;
    use model::problem::Problem;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    fn watched(minutes: i64) -> MonitorState {
        let now = Some(at(minutes));
        MonitorState { heartbeat: now, freshness: now, full: now, ..MonitorState::default() }
    }

    fn due_at(watched: &MonitorState, minutes: i64) -> Option<ProbeKind> {
        due(watched, &MonitorSettings::default(), None, at(minutes))
    }

    /// What is due `seconds` after the given minute, the computer having woken at it.
    fn due_after_wake(watched: &MonitorState, minutes: i64, place: u32, seconds: i64) -> Option<ProbeKind> {
        let resumed = Some(Resumed { burst: WakeBurst::new(at(minutes)), place });
        due(watched, &MonitorSettings::default(), resumed, at(minutes) + TimeDelta::seconds(seconds))
    }

    #[test]
    fn a_connection_never_looked_at_gets_every_check() {
        assert_eq!(due_at(&MonitorState::default(), 0), Some(ProbeKind::Full));
    }

    #[test]
    fn each_tier_comes_in_its_time() {
        assert_eq!(due_at(&watched(0), 9), None);
        assert_eq!(due_at(&watched(0), 10), Some(ProbeKind::Heartbeat));
        let beaten = MonitorState { heartbeat: Some(at(29)), ..watched(0) };
        assert_eq!(due_at(&beaten, 30), Some(ProbeKind::Freshness));
        let looked = MonitorState { heartbeat: Some(at(1435)), freshness: Some(at(1435)), ..watched(0) };
        assert_eq!(due_at(&looked, 1440), Some(ProbeKind::Full));
        assert_eq!(next(&watched(0), &MonitorSettings::default(), None), Some(at(10)));
    }

    #[test]
    fn a_new_token_and_a_wake_from_sleep_ask_everything() {
        assert_eq!(due_at(&MonitorState { wants_full: true, ..watched(0) }, 0), Some(ProbeKind::Full));
        assert_eq!(due_at(&watched(0), 31), Some(ProbeKind::Full));
    }

    #[test]
    fn after_a_wake_everything_is_asked_once_the_network_had_its_moment() {
        // A heartbeat was due while the computer slept: it waits too.
        assert_eq!(due_after_wake(&watched(0), 12, 0, 4), None);
        assert_eq!(due_after_wake(&watched(0), 12, 0, 5), Some(ProbeKind::Full));
        let asked = MonitorState { full: Some(at(13)), heartbeat: Some(at(13)), freshness: Some(at(13)), ..watched(0) };
        assert_eq!(due_after_wake(&asked, 12, 0, 300), None, "once");
        let just = MonitorState { full: Some(at(11)), heartbeat: Some(at(11)), freshness: Some(at(11)), ..watched(0) };
        assert_eq!(due_after_wake(&just, 12, 0, 5), Some(ProbeKind::Heartbeat), "all was asked a minute before");
        let burst = WakeBurst::new(at(12));
        let soon = next(&watched(0), &MonitorSettings::default(), Some(Resumed { burst, place: 0 }));
        assert_eq!(soon, Some(burst.settles_at()));
    }

    #[test]
    fn a_hundred_connections_are_asked_one_after_the_other() {
        let fresh = MonitorState {
            heartbeat: Some(at(11)),
            freshness: Some(at(11)),
            full: Some(at(0)),
            ..MonitorState::default()
        };
        let asked = |seconds| (0..100).filter(|place| due_after_wake(&fresh, 12, *place, seconds).is_some()).count();
        assert_eq!([4, 5, 14, 64, 104].map(asked), [0, 1, 10, 60, 100]);
    }

    #[test]
    fn a_network_that_comes_and_goes_asks_everything_at_most_every_five_minutes() {
        let (mut flapping, mut burst, mut looks) = (watched(0), None::<WakeBurst>, [0, 0]);
        for second in 0..3_600 {
            let now = at(1) + TimeDelta::seconds(second);
            if second % 20 == 0 {
                burst = Some(burst.map_or(WakeBurst::new(now), |burst| burst.with_event(now)));
            }
            let resumed = burst.map(|burst| Resumed { burst, place: 0 });
            let Some(tier) = due(&flapping, &MonitorSettings::default(), resumed, now) else { continue };
            flapping.heartbeat = Some(now);
            if tier == ProbeKind::Full {
                (flapping.freshness, flapping.full) = (Some(now), Some(now));
                looks[0] += 1;
            } else {
                looks[1] += 1;
            }
        }
        assert!((11..=12).contains(&looks[0]) && looks[1] <= 60, "{looks:?} in an hour");
    }

    #[test]
    fn a_small_look_finds_out_at_once_whether_a_network_that_was_gone_is_back() {
        let offline = MonitorState { offline_since: Some(at(0)), ..watched(0) };
        assert_eq!(due_after_wake(&offline, 2, 0, 5), Some(ProbeKind::Heartbeat));
        let tried = MonitorState { heartbeat: Some(at(2) + TimeDelta::seconds(5)), ..offline };
        assert_eq!(due_after_wake(&tried, 2, 0, 34), None);
        assert_eq!(due_after_wake(&tried, 2, 0, 35), Some(ProbeKind::Heartbeat), "it was slow to come");
        let tired = MonitorState { heartbeat: Some(at(2) + TimeDelta::seconds(100)), ..tried };
        assert_eq!(due_after_wake(&tired, 2, 0, 200), None, "and then waits for more news");
    }

    #[test]
    fn a_paused_connection_is_left_alone() {
        let paused = MonitorState { paused_since: Some(at(0)), wants_full: true, ..watched(0) };
        assert_eq!(due_at(&paused, 10_000), None);
        assert_eq!(next(&paused, &MonitorSettings::default(), None), None);
    }

    #[test]
    fn without_a_network_all_checks_wait_for_the_next_small_look() {
        let offline = MonitorState { offline_since: Some(at(0)), wants_full: true, ..watched(0) };
        assert_eq!(due_at(&offline, 9), None);
        assert_eq!(due_at(&offline, 10), Some(ProbeKind::Heartbeat));
    }

    #[test]
    fn without_a_network_the_look_at_both_sides_is_not_due_again_at_once() {
        let offline = MonitorState { heartbeat: Some(at(45)), offline_since: Some(at(30)), ..watched(0) };
        assert_eq!(due_at(&offline, 54), None);
        assert_eq!(next(&offline, &MonitorSettings::default(), None), Some(at(55)));
        assert_eq!(due_at(&offline, 55), Some(ProbeKind::Freshness));
    }

    #[test]
    fn what_is_not_believed_yet_is_looked_at_sooner() {
        let standing = ActiveCondition {
            row: CheckId::Domain,
            problem: Problem::new(Code::OktaUnavailable),
            since: at(0),
            looks: 1,
        };
        let pending = MonitorState { standing: vec![standing], ..watched(0) };
        assert_eq!(due_at(&pending, 4), None);
        assert_eq!(due_at(&pending, 5), Some(ProbeKind::Heartbeat));
    }
}
