//! The rate limit: its share, missing and wrong headers, refusals, clocks.

use std::time::Duration;

use chrono::TimeDelta;
use model::relay::RelayPhase;
use practice::{Change, Fault, FaultKind, Options, Side, VolumeLog};

use crate::harness::{Org, wait_of};

/// Options with so many requests per minute for the org; a token gets half.
fn limit(rate_limit: u32) -> Options {
    Options { rate_limit, ..Options::default() }
}

fn volume(events: u64) -> VolumeLog {
    VolumeLog { events, ..VolumeLog::default() }
}

/// Runs minute by minute and returns the requests of each.
async fn minutes(org: &Org, count: u32) -> Vec<u64> {
    let mut requests = Vec::new();
    for _ in 0..count {
        let before = org.log_requests();
        org.run(TimeDelta::minutes(1)).await;
        requests.push(org.log_requests() - before);
    }
    requests
}

#[tokio::test]
async fn t01_a_burst_of_50_000_events_progresses_steadily_within_the_limit_and_each_is_sent_once() {
    let org = Org::with_volume(limit(120), volume(50_000)).await;
    let mut arrived = Vec::new();
    for _ in 0..3 {
        let before = org.log_requests();
        org.run(TimeDelta::minutes(1)).await;
        assert!(org.log_requests() - before <= 31, "{} requests in a minute", org.log_requests() - before);
        arrived.push(org.record().volume_events);
    }
    assert!(arrived[0] >= 25_000 && arrived.is_sorted(), "{arrived:?}");
    let record = org.record();
    assert_eq!((record.volume_events, record.first_missing), (50_000, 50_000));
    assert_eq!((record.repeated, record.order_breaks), (0, 0));
    assert_eq!(org.view().await.phase, RelayPhase::CaughtUp);
}

#[tokio::test]
async fn t03_an_interval_takes_one_request_per_thousand_events_and_one_more() {
    let org = Org::with(limit(100_000)).await;
    for events in [0_u32, 1, 999, 1_000, 1_001, 2_500, 0] {
        org.control().emit(events);
        let before = org.log_requests();
        org.cycle().await;
        let requests = org.log_requests() - before;
        assert!(requests <= u64::from(events).div_ceil(1_000) + 1, "{requests} requests for {events} events");
        org.pass(TimeDelta::seconds(30));
    }
    org.assert_all_arrived_once();
}

#[tokio::test]
async fn t05_missing_garbage_and_past_rate_headers_neither_stop_nor_speed_up_the_relay() {
    for kind in [FaultKind::NoRateHeaders, FaultKind::GarbageRateHeaders] {
        let org = Org::with_volume(limit(120), volume(20_000)).await;
        org.okta_fails(kind.clone());
        let requests = minutes(&org, 6).await;
        assert!(requests.iter().all(|count| *count <= 31), "{kind:?}: {requests:?}");
        assert!(org.record().volume_events == 20_000, "{kind:?}: {} events", org.record().volume_events);
        assert_eq!((org.view().await.phase, org.problems().await), (RelayPhase::CaughtUp, vec![]), "{kind:?}");
    }
    let org = Org::begin().await;
    let past = Fault { times: Some(3), ..Fault::on(Side::Okta, FaultKind::RateLimited { reset_s: -30 }) };
    org.control().fault(Some(past.at("/api/v1/logs")));
    org.control().emit(10);
    org.run(TimeDelta::minutes(5)).await;
    assert_eq!(org.view().await.phase, RelayPhase::CaughtUp);
    org.assert_all_arrived_once();
}

#[tokio::test]
async fn t10_a_429_with_its_reset_in_37_seconds_is_waited_for_once() {
    let org = Org::begin().await;
    org.control().emit(10);
    let refusal = Fault { times: Some(1), ..Fault::on(Side::Okta, FaultKind::RateLimited { reset_s: 37 }) };
    org.control().fault(Some(refusal.at("/api/v1/logs")));
    let wait = wait_of(org.poll().await);
    assert!((Duration::from_secs(37)..=Duration::from_secs(41)).contains(&wait), "{wait:?}");
    org.run(TimeDelta::seconds(36)).await;
    assert_eq!(org.log_requests(), 1, "no request before the reset");
    org.run(TimeDelta::seconds(10)).await;
    assert_eq!(org.log_requests(), 2);
    org.assert_all_arrived_once();
}

#[tokio::test]
async fn f56_the_share_is_kept_beside_others_and_with_clocks_that_differ() {
    for skew in [0, 90, -90] {
        // Others used 20 of 60, so 40 are left: the relay takes at most 30 and never the last tenth.
        let org = Org::with_volume(limit(120), volume(60_000)).await;
        org.set(Change::OtherConsumers { requests: 20 });
        org.set(Change::ClockSkew { seconds: skew });
        let requests = minutes(&org, 4).await;
        assert!(requests.iter().all(|count| (10..=31).contains(count) || *count <= 31), "{skew}: {requests:?}");
        assert_eq!(org.record().volume_events, 60_000, "{skew}: {requests:?}");
        assert_eq!(org.problems().await, [], "{skew}");
    }
    let busy = Org::with_volume(limit(120), volume(60_000)).await;
    busy.set(Change::OtherConsumers { requests: 50 });
    let requests = minutes(&busy, 3).await;
    assert!(requests.iter().all(|count| (1..=6).contains(count)), "a tenth of the limit is left: {requests:?}");
}
