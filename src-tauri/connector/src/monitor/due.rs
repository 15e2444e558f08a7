//! When to look at a connection, and how thoroughly. Pure: times in, a tier out.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{MonitorSettings, Tier, Watched};

/// A condition that is not believed yet is looked at again after this part of the usual time.
const SOONER: i32 = 2;
/// Never sooner than this: Okta's smallest orgs allow ten requests a minute.
const SOONEST: TimeDelta = TimeDelta::seconds(15);
/// A heartbeat missed this many times over means that the computer slept.
const SLEPT: i32 = 3;

/// Returns what is due now, the most thorough first; `None` when nothing is.
#[must_use]
pub fn due(watched: &Watched, settings: &MonitorSettings, now: DateTime<Utc>) -> Option<Tier> {
    if watched.paused_since.is_some() {
        return None;
    }
    if now >= full_at(watched, settings) {
        return Some(Tier::Full);
    }
    if now >= freshness_at(watched, settings) {
        return Some(Tier::Freshness);
    }
    (now >= heartbeat_at(watched, settings)).then_some(Tier::Heartbeat)
}

/// Returns when something will be due; `None` while checks are paused.
#[must_use]
pub fn next(watched: &Watched, settings: &MonitorSettings) -> Option<DateTime<Utc>> {
    let times = [full_at(watched, settings), freshness_at(watched, settings), heartbeat_at(watched, settings)];
    times.into_iter().min().filter(|_| watched.paused_since.is_none())
}

fn after(last: Option<DateTime<Utc>>, pause: TimeDelta) -> DateTime<Utc> {
    last.map_or(DateTime::UNIX_EPOCH, |last| last + pause)
}

fn full_at(watched: &Watched, settings: &MonitorSettings) -> DateTime<Utc> {
    let daily = after(watched.full, settings.full());
    // Without a network every look is a small one, until one gets through.
    if watched.offline_since.is_some() {
        return daily.max(heartbeat_at(watched, settings));
    }
    let slept = after(watched.heartbeat, settings.heartbeat() * SLEPT);
    if watched.wants_full { DateTime::UNIX_EPOCH } else { daily.min(slept) }
}

fn freshness_at(watched: &Watched, settings: &MonitorSettings) -> DateTime<Utc> {
    let pending = watched.standing.iter().any(|one| one.is_pending() && super::is_arrival(one.row));
    let usual = after(watched.freshness, sooner_if(pending, settings.freshness()));
    // Without a network it comes to no end, so it would stay due: its turn is a heartbeat's.
    if watched.offline_since.is_some() { usual.max(heartbeat_at(watched, settings)) } else { usual }
}

fn heartbeat_at(watched: &Watched, settings: &MonitorSettings) -> DateTime<Utc> {
    let pending = watched.standing.iter().any(|one| one.is_pending() && !super::is_arrival(one.row));
    after(watched.heartbeat, sooner_if(pending, settings.heartbeat()))
}

fn sooner_if(pending: bool, pause: TimeDelta) -> TimeDelta {
    if pending { (pause / SOONER).max(SOONEST).min(pause) } else { pause }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CheckId, Code, Problem, StandingCondition};

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    fn watched(minutes: i64) -> Watched {
        let now = Some(at(minutes));
        Watched { heartbeat: now, freshness: now, full: now, ..Watched::default() }
    }

    fn due_at(watched: &Watched, minutes: i64) -> Option<Tier> {
        due(watched, &MonitorSettings::default(), at(minutes))
    }

    #[test]
    fn a_connection_never_looked_at_gets_every_check() {
        assert_eq!(due_at(&Watched::default(), 0), Some(Tier::Full));
    }

    #[test]
    fn each_tier_comes_in_its_time() {
        assert_eq!(due_at(&watched(0), 9), None);
        assert_eq!(due_at(&watched(0), 10), Some(Tier::Heartbeat));
        let beaten = Watched { heartbeat: Some(at(29)), ..watched(0) };
        assert_eq!(due_at(&beaten, 30), Some(Tier::Freshness));
        let looked = Watched { heartbeat: Some(at(1435)), freshness: Some(at(1435)), ..watched(0) };
        assert_eq!(due_at(&looked, 1440), Some(Tier::Full));
        assert_eq!(next(&watched(0), &MonitorSettings::default()), Some(at(10)));
    }

    #[test]
    fn a_new_token_and_a_wake_from_sleep_ask_everything() {
        assert_eq!(due_at(&Watched { wants_full: true, ..watched(0) }, 0), Some(Tier::Full));
        assert_eq!(due_at(&watched(0), 31), Some(Tier::Full));
    }

    #[test]
    fn a_paused_connection_is_left_alone() {
        let paused = Watched { paused_since: Some(at(0)), wants_full: true, ..watched(0) };
        assert_eq!(due_at(&paused, 10_000), None);
        assert_eq!(next(&paused, &MonitorSettings::default()), None);
    }

    #[test]
    fn without_a_network_all_checks_wait_for_the_next_small_look() {
        let offline = Watched { offline_since: Some(at(0)), wants_full: true, ..watched(0) };
        assert_eq!(due_at(&offline, 9), None);
        assert_eq!(due_at(&offline, 10), Some(Tier::Heartbeat));
    }

    #[test]
    fn without_a_network_the_look_at_both_sides_is_not_due_again_at_once() {
        let offline = Watched { heartbeat: Some(at(45)), offline_since: Some(at(30)), ..watched(0) };
        assert_eq!(due_at(&offline, 54), None);
        assert_eq!(next(&offline, &MonitorSettings::default()), Some(at(55)));
        assert_eq!(due_at(&offline, 55), Some(Tier::Freshness));
    }

    #[test]
    fn what_is_not_believed_yet_is_looked_at_sooner() {
        let standing = StandingCondition {
            row: CheckId::Domain,
            problem: Problem::new(Code::OktaUnavailable),
            since: at(0),
            looks: 1,
        };
        let pending = Watched { standing: vec![standing], ..watched(0) };
        assert_eq!(due_at(&pending, 4), None);
        assert_eq!(due_at(&pending, 5), Some(Tier::Heartbeat));
    }
}
