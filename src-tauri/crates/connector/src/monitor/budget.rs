//! How much of Okta's rate limits the looks may take. Pure: what was asked and told goes in, a wait comes out.
//!
//! Each request of a look is paid back over time: at 10 % of a limit of 60 a minute, one request every ten seconds. A look waits
//! until its requests fit into the share of a minute, or, where it makes more than that, until all before it is paid back;
//! over time the looks at all connections of an org therefore stay within the share. Where little is left of a limit, the
//! looks wait for its next window and come half as often. What a person asks for never waits.

use chrono::{DateTime, TimeDelta, Utc};

use model::monitor::ProbeKind;
use model::monitor_settings::MonitorSettings;
use model::rate_budget::{Bucket, BudgetHold, HoldReason, ObservedRate, RateUsage, RequestRecord};
use okta::LoggedRequest;

/// The limit that is reckoned with until Okta has told one: the smallest known, of an org on trial.
const UNTOLD: u32 = 10;
/// The window of Okta's limits.
const WINDOW: TimeDelta = TimeDelta::minutes(1);
/// Okta's headers are believed for this long; limits change seldom.
const BELIEVED: TimeDelta = TimeDelta::days(2);
/// How long a request is remembered. But at the smallest limits and shares it is paid back sooner.
const REMEMBERED: TimeDelta = TimeDelta::minutes(30);
/// Less than one part in so many left is little; the check of the rate limit says the same.
const LITTLE: u32 = 5;
/// A shorter wait is not worth a word.
const WORTH_A_WORD: TimeDelta = TimeDelta::seconds(60);
/// Where little is left, looks come after so many times the usual pause.
const STRETCHED: i32 = 2;

/// Requests a look is expected to make; what it really made is paid back.
fn expected(tier: ProbeKind) -> &'static [(Bucket, u32)] {
    match tier {
        ProbeKind::Heartbeat => &[(Bucket::User, 1)],
        ProbeKind::Freshness => &[(Bucket::Logs, 2)],
        ProbeKind::Full => &[(Bucket::Logs, 3), (Bucket::User, 1), (Bucket::Users, 2), (Bucket::Api, 2)],
    }
}

/// Notes what Okta said of its limits to somebody who may ask without waiting.
#[must_use]
pub fn heard(before: &RateUsage, metered: &[LoggedRequest]) -> RateUsage {
    let mut after = before.clone();
    for (bucket, rate) in metered.iter().filter_map(|one| Some((one.bucket, one.rate?))) {
        let known = after.seen.get(&bucket).map_or(UNTOLD, |known| known.limit);
        // A refusal for too many requests at once names a limit of its own, or 0: it is not that of a minute.
        let limit = if rate.remaining == 0 { rate.limit.max(known) } else { rate.limit };
        // Another probe of the org may have been answered later and recorded sooner.
        if after.seen.get(&bucket).is_none_or(|known| known.at <= rate.at) {
            after.seen.insert(bucket, ObservedRate { limit, ..rate });
        }
    }
    after
}

/// Notes what a look asked and was told, and forgets what has been paid back long ago.
#[must_use]
pub fn spent(before: &RateUsage, metered: &[LoggedRequest], now: DateTime<Utc>) -> RateUsage {
    let mut after = heard(before, metered);
    after.asked.retain(|one| now - one.at < REMEMBERED);
    for one in metered {
        match after.asked.iter_mut().find(|before| before.at == now && before.bucket == one.bucket) {
            Some(same) => same.requests = same.requests.saturating_add(1),
            None => after.asked.push(RequestRecord { at: now, bucket: one.bucket, requests: 1 }),
        }
    }
    after
}

/// Notes a look that is about to be taken, so that the next one of the same moment reckons with it.
#[must_use]
pub(super) fn promised(before: &RateUsage, tier: ProbeKind, now: DateTime<Utc>) -> RateUsage {
    let mut after = before.clone();
    after.asked.extend(expected(tier).iter().map(|&(bucket, requests)| RequestRecord { at: now, bucket, requests }));
    after
}

/// Returns how many requests of a bucket the looks at all connections of an org made within the last window.
#[must_use]
pub fn asked_lately(org: &RateUsage, bucket: Bucket, now: DateTime<Utc>) -> u32 {
    let asked = org.asked.iter().filter(|one| one.bucket == bucket && now - one.at < WINDOW);
    asked.fold(0, |sum, one| sum.saturating_add(one.requests))
}

/// Returns what keeps a look that is due waiting, if anything does. `org` is what was taken by the looks at all connections
/// of the org; `followed` tells that something stands whose course is followed: the look is to come no later than it must.
#[must_use]
pub(super) fn held(
    org: &RateUsage,
    tier: ProbeKind,
    followed: bool,
    settings: &MonitorSettings,
    now: DateTime<Utc>,
) -> Option<BudgetHold> {
    let pause = match tier {
        ProbeKind::Freshness => settings.freshness(),
        ProbeKind::Heartbeat | ProbeKind::Full => settings.heartbeat(),
    };
    let waits = expected(tier).iter().flat_map(|&(bucket, requests)| {
        let rate = org.seen.get(&bucket).filter(|rate| now - rate.at < BELIEVED);
        let stretched = pause * if followed { 0 } else { STRETCHED };
        let each = each(rate.map_or(UNTOLD, |rate| rate.limit), settings.rate_share);
        let share = share(org, bucket, requests, each, now);
        let room = rate.and_then(|rate| head_room(rate, requests, stretched));
        [share.map(|until| (until, HoldReason::Share)), room.map(|until| (until, HoldReason::HeadRoom))]
    });
    let (until, by) = waits.flatten().filter(|(until, _)| *until > now).max_by_key(|(until, _)| *until)?;
    Some(BudgetHold { since: now, until, by })
}

/// Returns the wait that is to be noted, where it is worth a word and was not noted before.
#[must_use]
pub fn worth_a_word(before: Option<BudgetHold>, held: BudgetHold) -> Option<BudgetHold> {
    let same = before.is_some_and(|before| before.by == held.by && before.until >= held.since);
    let since = before.map_or(held.since, |before| before.since);
    (!same && held.until - held.since >= WORTH_A_WORD).then_some(BudgetHold { since, ..held })
}

/// How long one request takes to be paid back.
fn each(limit: u32, percent: u32) -> TimeDelta {
    WINDOW * 100 / i32::try_from(limit.saturating_mul(percent).max(1)).unwrap_or(i32::MAX)
}

/// When so many more requests fit into the share.
fn share(org: &RateUsage, bucket: Bucket, requests: u32, each: TimeDelta, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let paid = |requests: u32| each * i32::try_from(requests).unwrap_or(i32::MAX);
    let mut asked: Vec<&RequestRecord> = org.asked.iter().filter(|one| one.bucket == bucket).collect();
    asked.sort_by_key(|one| one.at);
    let first = asked.first()?.at;
    // What was forgotten may not have been paid back when the oldest that is remembered was asked.
    let owed = if now - first > REMEMBERED / 2 { WINDOW.max(paid(requests)) } else { TimeDelta::zero() };
    let back = asked.into_iter().fold(first + owed, |back, one| back.max(one.at) + paid(one.requests));
    Some(back - (WINDOW - paid(requests)).max(TimeDelta::zero()))
}

/// When there is head-room again; `None` where there is some.
fn head_room(rate: &ObservedRate, requests: u32, stretched: TimeDelta) -> Option<DateTime<Utc>> {
    let little = rate.remaining.saturating_sub(requests).saturating_mul(LITTLE) < rate.limit;
    little.then(|| rate.until.unwrap_or(rate.at + WINDOW).max(rate.at + stretched))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_wait_is_worth_a_word_once_and_from_a_minute_on() {
        let wait = |since, until| BudgetHold { since: at(since), until: at(until), by: HoldReason::Share };
        assert_eq!(worth_a_word(None, wait(0, 59)), None);
        assert_eq!(worth_a_word(None, wait(0, 60)), Some(wait(0, 60)));
        assert_eq!(worth_a_word(Some(wait(0, 60)), wait(10, 130)), None, "it goes on");
        assert_eq!(worth_a_word(Some(wait(0, 60)), wait(70, 200)), Some(wait(0, 200)), "it waits since the first");
        let other = BudgetHold { by: HoldReason::HeadRoom, ..wait(10, 130) };
        assert_eq!(
            worth_a_word(Some(wait(0, 60)), other),
            Some(BudgetHold { since: at(0), ..other }),
            "for another reason"
        );
    }

    #[test]
    fn a_refusal_with_a_limit_of_its_own_does_not_shrink_the_share() {
        let many = |seconds: i64| (0..20_i64).map(move |one| told(Bucket::Logs, rate(120, 100, seconds + one, None)));
        let before = spent(&RateUsage::default(), &many(0).collect::<Vec<_>>(), at(20));
        let after = spent(&before, &[told(Bucket::Logs, rate(0, 0, 30, Some(45)))], at(30));
        let followed = |org: &RateUsage, seconds| {
            let held = held(org, ProbeKind::Freshness, true, &MonitorSettings::default(), at(seconds)).unwrap();
            (held.until - at(seconds)).num_seconds()
        };
        // Twenty-one requests at twelve a minute, less the minute that a look may be ahead.
        assert!(followed(&after, 30) <= 60, "{} s", followed(&after, 30));
        let unknown = spent(&RateUsage::default(), &[told(Bucket::Logs, rate(0, 0, 0, Some(15)))], at(0));
        assert!(followed(&unknown, 0) <= 120, "the smallest limit known is reckoned with");
    }

    fn rate(limit: u32, remaining: u32, heard: i64, until: Option<i64>) -> ObservedRate {
        ObservedRate { at: at(heard), limit, remaining, until: until.map(at) }
    }

    fn told(bucket: Bucket, rate: ObservedRate) -> LoggedRequest {
        LoggedRequest { bucket, at: rate.at, rate: Some(rate) }
    }

    fn waits(org: &RateUsage, tier: ProbeKind, seconds: i64) -> Option<(i64, HoldReason)> {
        let held = held(org, tier, false, &MonitorSettings::default(), at(seconds))?;
        Some(((held.until - at(seconds)).num_seconds(), held.by))
    }

    /// Looks as often as it may and counts the requests of the System Log.
    fn asked_in(minutes: i64, limit: u32, tier: ProbeKind) -> u32 {
        let mut org = RateUsage::default();
        let mut requests = 0;
        for second in 0..minutes * 60 {
            while waits(&org, tier, second).is_none() {
                let all: Vec<LoggedRequest> = expected(tier)
                    .iter()
                    .flat_map(|&(bucket, count)| {
                        (0..count).map(move |_| told(bucket, rate(limit, limit, second, None)))
                    })
                    .collect();
                requests += u32::try_from(all.iter().filter(|one| one.bucket == Bucket::Logs).count()).unwrap();
                org = spent(&org, &all, at(second));
            }
        }
        requests
    }

    #[test]
    fn looks_never_take_more_than_their_share_however_many_connections_share_an_org() {
        for limit in [5, 10, 60, 600] {
            for (tier, most) in [(ProbeKind::Freshness, 2), (ProbeKind::Full, 3)] {
                let asked = asked_in(45, limit, tier);
                // A tenth of the limit a minute, and what the first look may take before it has paid anything back.
                let share = limit * 45 / 10 + (limit / 10).max(most);
                assert!(asked <= share, "{limit} a minute, {tier:?}: {asked} > {share}");
                assert!(asked * 2 >= share, "the share is there to be used: {asked} of {share}");
            }
        }
    }

    #[test]
    fn at_the_usual_pauses_even_the_smallest_org_is_never_kept_waiting() {
        let settings = MonitorSettings::default();
        let (mut one, mut next) =
            (RateUsage::default(), [(ProbeKind::Full, 0), (ProbeKind::Heartbeat, 600), (ProbeKind::Freshness, 1_800)]);
        for second in 0..86_400 {
            for (tier, due) in &mut next {
                if second < *due {
                    continue;
                }
                assert_eq!(held(&one, *tier, false, &settings, at(second)), None, "{tier:?} after {second} s");
                let all: Vec<LoggedRequest> =
                    expected(*tier).iter().map(|&(bucket, _)| told(bucket, rate(10, 9, second, None))).collect();
                one = spent(&one, &all, at(second));
                *due = second
                    + match tier {
                        ProbeKind::Heartbeat => 600,
                        ProbeKind::Freshness => 1_800,
                        ProbeKind::Full => 86_400,
                    };
            }
        }
    }

    #[test]
    fn little_left_waits_for_the_window_and_stretches_the_looks() {
        let low = |until| spent(&RateUsage::default(), &[told(Bucket::User, rate(100, 10, 0, until))], at(0));
        let settings = MonitorSettings::default();
        assert_eq!(
            waits(&low(Some(40)), ProbeKind::Heartbeat, 30),
            Some((1_170, HoldReason::HeadRoom)),
            "twice ten minutes"
        );
        let pending = |until, seconds| held(&low(until), ProbeKind::Heartbeat, true, &settings, at(seconds));
        assert_eq!(
            pending(Some(40), 30).map(|one| one.until),
            Some(at(40)),
            "what is not believed waits for the window"
        );
        assert_eq!(pending(Some(40), 41), None);
        assert_eq!(pending(None, 30).map(|one| one.until), Some(at(60)), "no reset was told: a minute");
        assert_eq!(waits(&low(Some(40)), ProbeKind::Freshness, 30), None, "another bucket has room");
    }

    #[test]
    fn what_all_connections_of_an_org_asked_within_a_minute_is_our_own() {
        let asked = |org, seconds| spent(&org, &[told(Bucket::Logs, rate(60, 50, seconds, None))], at(seconds));
        let org = [0, 30, 50].into_iter().fold(RateUsage::default(), asked);
        assert_eq!(asked_lately(&org, Bucket::Logs, at(60)), 2);
        assert_eq!(asked_lately(&org, Bucket::User, at(60)), 0);
    }

    #[test]
    fn what_others_connections_saw_counts_and_the_newest_word_holds() {
        let low = spent(&RateUsage::default(), &[told(Bucket::User, rate(100, 0, 0, Some(60)))], at(0));
        assert!(waits(&low, ProbeKind::Heartbeat, 10).is_some());
        let better = spent(&low, &[told(Bucket::User, rate(100, 90, 70, Some(120)))], at(70));
        assert_eq!(waits(&better, ProbeKind::Heartbeat, 80), None);
        // A probe that was answered sooner may be recorded later.
        let late = spent(&better, &[told(Bucket::User, rate(100, 0, 65, Some(120)))], at(75));
        assert_eq!(waits(&late, ProbeKind::Heartbeat, 80), None);
    }

    #[test]
    fn without_a_word_of_oktas_the_smallest_limit_is_reckoned_with() {
        let quiet = |count| vec![LoggedRequest { bucket: Bucket::User, at: at(0), rate: None }; count];
        let one = spent(&RateUsage::default(), &quiet(1), at(0));
        // A tenth of ten a minute: one a minute.
        assert_eq!(waits(&one, ProbeKind::Heartbeat, 0), Some((60, HoldReason::Share)));
        assert_eq!(waits(&one, ProbeKind::Heartbeat, 60), None);
    }

    #[test]
    fn looks_of_one_moment_reckon_with_each_other_and_old_ones_are_forgotten() {
        let first = promised(&RateUsage::default(), ProbeKind::Heartbeat, at(0));
        assert_eq!(waits(&first, ProbeKind::Heartbeat, 0), Some((60, HoldReason::Share)));
        let later = spent(&first, &[], at(3 * 3_600));
        assert_eq!(later.asked, Vec::new());
    }
}
