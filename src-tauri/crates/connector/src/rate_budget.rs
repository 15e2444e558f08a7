//! The rate budget: the part of Okta's rate limits that probes may use. Pure.
//!
//! Each request of a probe is paid back over time: at 10 % of a limit of 60 per minute, one request every ten seconds. A probe
//! waits until its requests fit into the share of a minute or, if it needs more than that, until all earlier requests are paid
//! back. So over time the probes of all connections of an org stay within the share. When little is left of a limit, probes
//! wait for its next window and run half as often. A check that a person runs never waits.

use chrono::{DateTime, TimeDelta, Utc};

use model::monitor::ProbeKind;
use model::monitor_settings::MonitorSettings;
use model::rate_usage::{Bucket, BudgetHold, HoldReason, ObservedRate, RateUsage, RequestRecord};
use okta::LoggedRequest;

/// The limit that is assumed until Okta has sent one: the smallest known one, of a trial org.
const DEFAULT_LIMIT: u32 = 10;
/// The window of Okta's rate limits.
const WINDOW: TimeDelta = TimeDelta::minutes(1);
/// The time for which Okta's headers are used; limits seldom change.
const MAX_RATE_AGE: TimeDelta = TimeDelta::days(2);
/// The time for which a request is remembered. Except at the smallest limits and shares it is paid back sooner.
const MAX_REQUEST_AGE: TimeDelta = TimeDelta::minutes(30);
/// Less than the limit divided by this is little, as in the rate limit check.
const LITTLE_LEFT_DIVISOR: u32 = 5;
/// The shortest wait that is shown.
const MIN_HOLD: TimeDelta = TimeDelta::seconds(60);
/// The factor of the interval between probes when little is left.
const STRETCH: i32 = 2;
/// How far ahead a stored time may be, because another process stored it just now. One further ahead comes from a clock that was
/// set back since, and says nothing about the present.
const AHEAD: TimeDelta = TimeDelta::minutes(1);

/// Returns the requests that a probe is expected to make; those that it made are paid back.
fn expected(kind: ProbeKind) -> &'static [(Bucket, u32)] {
    match kind {
        ProbeKind::Heartbeat => &[(Bucket::User, 1)],
        ProbeKind::Freshness => &[(Bucket::Logs, 2)],
        ProbeKind::Full => &[(Bucket::Logs, 3), (Bucket::User, 1), (Bucket::Users, 2), (Bucket::Api, 2)],
    }
}

/// Records the limits in Okta's responses, without the requests: for a run that a person started.
pub(crate) fn observe(before: &RateUsage, requests: &[LoggedRequest]) -> RateUsage {
    let mut after = before.clone();
    for (bucket, rate) in requests.iter().filter_map(|one| Some((one.bucket, one.rate?))) {
        let known = after.observed.get(&bucket).map_or(DEFAULT_LIMIT, |known| known.limit);
        // A refusal of concurrent requests has a limit of its own, or 0: it is not the limit per minute.
        let limit = if rate.remaining == 0 { rate.limit.max(known) } else { rate.limit };
        // Another probe of the org may have been answered later and recorded sooner.
        let is_newer = |known: &ObservedRate| known.at <= rate.at || !is_past(known.at, rate.at);
        if after.observed.get(&bucket).is_none_or(is_newer) {
            after.observed.insert(bucket, ObservedRate { limit, ..rate });
        }
    }
    after
}

/// Records the requests of a probe and the limits in their responses, and drops the requests that were paid back long ago.
pub(crate) fn record_requests(before: &RateUsage, requests: &[LoggedRequest], now: DateTime<Utc>) -> RateUsage {
    let mut after = observe(before, requests);
    after.requests.retain(|one| is_past(one.at, now) && now - one.at < MAX_REQUEST_AGE);
    for one in requests {
        match after.requests.iter_mut().find(|before| before.at == now && before.bucket == one.bucket) {
            Some(same) => same.requests = same.requests.saturating_add(1),
            None => after.requests.push(RequestRecord { at: now, bucket: one.bucket, requests: 1 }),
        }
    }
    after
}

/// Reserves the expected requests of a probe, so that the next probe of the same round counts them.
pub(crate) fn reserve(before: &RateUsage, kind: ProbeKind, now: DateTime<Utc>) -> RateUsage {
    let mut after = before.clone();
    after.requests.extend(expected(kind).iter().map(|&(bucket, requests)| RequestRecord { at: now, bucket, requests }));
    after
}

/// Returns the number of requests to a bucket by the probes of an org within the last window.
pub(crate) fn recent_requests(org: &RateUsage, bucket: Bucket, now: DateTime<Utc>) -> u32 {
    let is_recent = |at| is_past(at, now) && now - at < WINDOW;
    let asked = org.requests.iter().filter(|one| one.bucket == bucket && is_recent(one.at));
    asked.fold(0, |sum, one| sum.saturating_add(one.requests))
}

/// Returns why a probe that is due waits, if it does. `org` is the use of the org by all of its connections. An urgent probe,
/// which follows a pending condition, waits no longer than it must.
pub(crate) fn hold(
    org: &RateUsage,
    kind: ProbeKind,
    is_urgent: bool,
    settings: &MonitorSettings,
    now: DateTime<Utc>,
) -> Option<BudgetHold> {
    let interval = match kind {
        ProbeKind::Freshness => settings.freshness(),
        ProbeKind::Heartbeat | ProbeKind::Full => settings.heartbeat(),
    };
    let waits = expected(kind).iter().flat_map(|&(bucket, requests)| {
        let rate = org.observed.get(&bucket).filter(|rate| is_past(rate.at, now) && now - rate.at < MAX_RATE_AGE);
        let stretched = interval * if is_urgent { 0 } else { STRETCH };
        let each = payback_time(rate.map_or(DEFAULT_LIMIT, |rate| rate.limit), settings.rate_share);
        let share = share(org, bucket, requests, each, now);
        let room = rate.and_then(|rate| headroom(rate, requests, stretched));
        [share.map(|until| (until, HoldReason::Share)), room.map(|until| (until, HoldReason::HeadRoom))]
    });
    let (until, by) = waits.flatten().filter(|(until, _)| *until > now).max_by_key(|(until, _)| *until)?;
    Some(BudgetHold { since: now, until, reason: by })
}

/// Returns the wait to store, if it is long enough to show and was not stored before.
pub(crate) fn new_hold(before: Option<BudgetHold>, held: BudgetHold) -> Option<BudgetHold> {
    let before = before.filter(|before| is_past(before.since, held.since));
    let is_same = before.is_some_and(|before| before.reason == held.reason && before.until >= held.since);
    let since = before.map_or(held.since, |before| before.since);
    (!is_same && held.until - held.since >= MIN_HOLD).then_some(BudgetHold { since, ..held })
}

/// Returns the usage of an org with the requests that could not be stored.
pub(crate) fn with_unstored(stored: &RateUsage, unstored: &RateUsage) -> RateUsage {
    let mut all = stored.clone();
    all.requests.extend(&unstored.requests);
    all.requests.sort_by_key(|one| one.at);
    for (bucket, rate) in &unstored.observed {
        if all.observed.get(bucket).is_none_or(|known| known.at <= rate.at) {
            all.observed.insert(*bucket, *rate);
        }
    }
    all
}

/// Tells whether a wait is one of the present. One that began in the future was stored by a clock that was set back since.
pub(crate) fn is_current(hold: &BudgetHold, now: DateTime<Utc>) -> bool {
    is_past(hold.since, now) && hold.until > now
}

/// Tells whether a stored time is not in the future.
fn is_past(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at - now <= AHEAD
}

/// Returns the time in which one request is paid back.
fn payback_time(limit: u32, percent: u32) -> TimeDelta {
    WINDOW * 100 / i32::try_from(limit.saturating_mul(percent).max(1)).unwrap_or(i32::MAX)
}

/// Returns when a number of requests fits into the share.
fn share(org: &RateUsage, bucket: Bucket, requests: u32, each: TimeDelta, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let paid = |requests: u32| each * i32::try_from(requests).unwrap_or(i32::MAX);
    let is_counted = |one: &&RequestRecord| one.bucket == bucket && is_past(one.at, now);
    let mut asked: Vec<&RequestRecord> = org.requests.iter().filter(is_counted).collect();
    asked.sort_by_key(|one| one.at);
    let first = asked.first()?.at;
    // Requests that were dropped may not have been paid back at the time of the oldest one that is remembered.
    let owed = if now - first > MAX_REQUEST_AGE / 2 { WINDOW.max(paid(requests)) } else { TimeDelta::zero() };
    let back = asked.into_iter().fold(first + owed, |back, one| back.max(one.at) + paid(one.requests));
    Some(back - (WINDOW - paid(requests)).max(TimeDelta::zero()))
}

/// Returns when there is headroom again; `None` if there is now.
fn headroom(rate: &ObservedRate, requests: u32, stretched: TimeDelta) -> Option<DateTime<Utc>> {
    let is_little = rate.remaining.saturating_sub(requests).saturating_mul(LITTLE_LEFT_DIVISOR) < rate.limit;
    is_little.then(|| rate.until.unwrap_or(rate.at + WINDOW).max(rate.at + stretched))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_wait_is_stored_once_and_only_from_a_minute_on() {
        let wait = |since, until| BudgetHold { since: at(since), until: at(until), reason: HoldReason::Share };
        assert_eq!(new_hold(None, wait(0, 59)), None);
        assert_eq!(new_hold(None, wait(0, 60)), Some(wait(0, 60)));
        assert_eq!(new_hold(Some(wait(0, 60)), wait(10, 130)), None, "it goes on");
        assert_eq!(new_hold(Some(wait(0, 60)), wait(70, 200)), Some(wait(0, 200)), "it waits since the first");
        let other = BudgetHold { reason: HoldReason::HeadRoom, ..wait(10, 130) };
        assert_eq!(
            new_hold(Some(wait(0, 60)), other),
            Some(BudgetHold { since: at(0), ..other }),
            "for another reason"
        );
    }

    #[test]
    fn a_refusal_with_its_own_limit_does_not_reduce_the_share() {
        let many = |seconds: i64| (0..20_i64).map(move |one| logged(Bucket::Logs, rate(120, 100, seconds + one, None)));
        let before = record_requests(&RateUsage::default(), &many(0).collect::<Vec<_>>(), at(20));
        let after = record_requests(&before, &[logged(Bucket::Logs, rate(0, 0, 30, Some(45)))], at(30));
        let urgent_wait = |org: &RateUsage, seconds| {
            let held = hold(org, ProbeKind::Freshness, true, &MonitorSettings::default(), at(seconds)).unwrap();
            (held.until - at(seconds)).num_seconds()
        };
        // Twenty-one requests at twelve per minute, less the minute that a probe may be ahead.
        assert!(urgent_wait(&after, 30) <= 60, "{} s", urgent_wait(&after, 30));
        let unknown = record_requests(&RateUsage::default(), &[logged(Bucket::Logs, rate(0, 0, 0, Some(15)))], at(0));
        assert!(urgent_wait(&unknown, 0) <= 120, "the smallest known limit is assumed");
    }

    fn rate(limit: u32, remaining: u32, observed: i64, until: Option<i64>) -> ObservedRate {
        ObservedRate { at: at(observed), limit, remaining, until: until.map(at) }
    }

    fn logged(bucket: Bucket, rate: ObservedRate) -> LoggedRequest {
        LoggedRequest { bucket, at: rate.at, rate: Some(rate) }
    }

    fn wait(org: &RateUsage, kind: ProbeKind, seconds: i64) -> Option<(i64, HoldReason)> {
        let held = hold(org, kind, false, &MonitorSettings::default(), at(seconds))?;
        Some(((held.until - at(seconds)).num_seconds(), held.reason))
    }

    /// Probes as often as possible and counts the requests to the System Log.
    fn asked_in(minutes: i64, limit: u32, kind: ProbeKind) -> u32 {
        let mut org = RateUsage::default();
        let mut requests = 0;
        for second in 0..minutes * 60 {
            while wait(&org, kind, second).is_none() {
                let all: Vec<LoggedRequest> = expected(kind)
                    .iter()
                    .flat_map(|&(bucket, count)| {
                        (0..count).map(move |_| logged(bucket, rate(limit, limit, second, None)))
                    })
                    .collect();
                requests += u32::try_from(all.iter().filter(|one| one.bucket == Bucket::Logs).count()).unwrap();
                org = record_requests(&org, &all, at(second));
            }
        }
        requests
    }

    #[test]
    fn probes_stay_within_their_share_however_many_connections_an_org_has() {
        for limit in [5, 10, 60, 600] {
            for (kind, most) in [(ProbeKind::Freshness, 2), (ProbeKind::Full, 3)] {
                let asked = asked_in(45, limit, kind);
                // A tenth of the limit per minute, and the requests of the first probe, which has nothing to pay back.
                let share = limit * 45 / 10 + (limit / 10).max(most);
                assert!(asked <= share, "{limit} per minute, {kind:?}: {asked} > {share}");
                assert!(asked * 2 >= share, "the share is used: {asked} of {share}");
            }
        }
    }

    #[test]
    fn at_the_default_intervals_even_the_smallest_org_never_waits() {
        let settings = MonitorSettings::default();
        let (mut one, mut next) =
            (RateUsage::default(), [(ProbeKind::Full, 0), (ProbeKind::Heartbeat, 600), (ProbeKind::Freshness, 1_800)]);
        for second in 0..86_400 {
            for (kind, due) in &mut next {
                if second < *due {
                    continue;
                }
                assert_eq!(hold(&one, *kind, false, &settings, at(second)), None, "{kind:?} after {second} s");
                let all: Vec<LoggedRequest> =
                    expected(*kind).iter().map(|&(bucket, _)| logged(bucket, rate(10, 9, second, None))).collect();
                one = record_requests(&one, &all, at(second));
                *due = second
                    + match kind {
                        ProbeKind::Heartbeat => 600,
                        ProbeKind::Freshness => 1_800,
                        ProbeKind::Full => 86_400,
                    };
            }
        }
    }

    #[test]
    fn probes_wait_for_the_window_and_run_less_often_when_little_is_left() {
        let low =
            |until| record_requests(&RateUsage::default(), &[logged(Bucket::User, rate(100, 10, 0, until))], at(0));
        let settings = MonitorSettings::default();
        assert_eq!(
            wait(&low(Some(40)), ProbeKind::Heartbeat, 30),
            Some((1_170, HoldReason::HeadRoom)),
            "twice ten minutes"
        );
        let pending = |until, seconds| hold(&low(until), ProbeKind::Heartbeat, true, &settings, at(seconds));
        assert_eq!(
            pending(Some(40), 30).map(|one| one.until),
            Some(at(40)),
            "a pending condition waits for the window"
        );
        assert_eq!(pending(Some(40), 41), None);
        assert_eq!(pending(None, 30).map(|one| one.until), Some(at(60)), "without a reset time: a minute");
        assert_eq!(wait(&low(Some(40)), ProbeKind::Freshness, 30), None, "another bucket has room");
    }

    #[test]
    fn requests_of_all_connections_of_an_org_within_a_minute_are_our_own() {
        let asked =
            |org, seconds| record_requests(&org, &[logged(Bucket::Logs, rate(60, 50, seconds, None))], at(seconds));
        let org = [0, 30, 50].into_iter().fold(RateUsage::default(), asked);
        assert_eq!(recent_requests(&org, Bucket::Logs, at(60)), 2);
        assert_eq!(recent_requests(&org, Bucket::User, at(60)), 0);
    }

    #[test]
    fn limits_observed_by_other_connections_count_and_the_newest_applies() {
        let low = record_requests(&RateUsage::default(), &[logged(Bucket::User, rate(100, 0, 0, Some(60)))], at(0));
        assert!(wait(&low, ProbeKind::Heartbeat, 10).is_some());
        let better = record_requests(&low, &[logged(Bucket::User, rate(100, 90, 70, Some(120)))], at(70));
        assert_eq!(wait(&better, ProbeKind::Heartbeat, 80), None);
        // A probe that was answered sooner may be recorded later.
        let late = record_requests(&better, &[logged(Bucket::User, rate(100, 0, 65, Some(120)))], at(75));
        assert_eq!(wait(&late, ProbeKind::Heartbeat, 80), None);
    }

    #[test]
    fn without_a_limit_from_okta_the_smallest_is_assumed() {
        let quiet = |count| vec![LoggedRequest { bucket: Bucket::User, at: at(0), rate: None }; count];
        let one = record_requests(&RateUsage::default(), &quiet(1), at(0));
        // A tenth of ten a minute: one a minute.
        assert_eq!(wait(&one, ProbeKind::Heartbeat, 0), Some((60, HoldReason::Share)));
        assert_eq!(wait(&one, ProbeKind::Heartbeat, 60), None);
    }

    #[test]
    fn probes_of_one_round_count_each_other_and_old_requests_are_dropped() {
        let first = reserve(&RateUsage::default(), ProbeKind::Heartbeat, at(0));
        assert_eq!(wait(&first, ProbeKind::Heartbeat, 0), Some((60, HoldReason::Share)));
        let later = record_requests(&first, &[], at(3 * 3_600));
        assert_eq!(later.requests, Vec::new());
    }
}
