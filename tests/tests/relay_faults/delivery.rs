//! Delivery to the webhook: only a true success settles, nothing is dropped, nothing is sent twice without need.

use std::time::Duration;

use chrono::TimeDelta;
use model::code::Code;
use model::relay::RelayPhase;
use practice::{Change, Options, RefusedEvent, VolumeLog, WebhookReply, WebhookRules};

use crate::harness::Org;

fn replying(reply: WebhookReply) -> WebhookRules {
    WebhookRules { reply, ..WebhookRules::default() }
}

fn refusing(status: u16) -> WebhookRules {
    replying(WebhookReply::Refuse { status, retry_after_s: None })
}

async fn with_events(count: u32) -> Org {
    let org = Org::begin().await;
    org.control().emit(count);
    org
}

#[tokio::test]
async fn only_a_success_with_an_acceptable_body_settles() {
    let elsewhere = "https://elsewhere.example/events".to_owned();
    for reply in [
        WebhookReply::Page,
        WebhookReply::Redirect { to: elsewhere },
        WebhookReply::Refuse { status: 500, retry_after_s: None },
        WebhookReply::Refuse { status: 503, retry_after_s: Some(60) },
        WebhookReply::Refuse { status: 429, retry_after_s: None },
        WebhookReply::Reset,
    ] {
        let org = with_events(40).await;
        org.webhook_rules(replying(reply.clone()));
        org.run(TimeDelta::minutes(10)).await;
        assert_eq!(org.record().events, 0, "{reply:?}");
        let view = org.view().await;
        assert_eq!((view.state.backlog_events, view.undeliverable), (40, 0), "{reply:?}");
        assert!(view.state.delivery_hold.is_some() && org.deliveries() <= 40, "{reply:?}: {}", org.deliveries());
        org.webhook_rules(WebhookRules::default());
        org.run(TimeDelta::minutes(10)).await;
        assert_eq!(org.problems().await, [], "{reply:?}");
        org.assert_all_arrived_once();
    }
    for status in [201, 202, 204] {
        let org = with_events(5).await;
        org.webhook_rules(replying(WebhookReply::AcceptWith { status }));
        org.cycle().await;
        assert_eq!(org.deliveries(), 1, "{status}");
        org.assert_all_arrived_once();
    }
}

#[tokio::test]
async fn an_error_inside_a_success_sets_nothing_aside_while_it_concerns_all() {
    let org = with_events(40).await;
    org.webhook_rules(replying(WebhookReply::ErrorInside));
    org.run(TimeDelta::minutes(20)).await;
    let view = org.view().await;
    assert_eq!(org.record().events, 0);
    assert!(view.undeliverable <= 10, "{} undeliverable events", view.undeliverable);
    assert_eq!(view.state.backlog_events + view.undeliverable, 40);
    org.webhook_rules(WebhookRules::default());
    org.run(TimeDelta::minutes(10)).await;
    assert_eq!(org.record().events + view.undeliverable, 40);
}

#[tokio::test]
async fn the_wait_that_a_receiver_asks_for_is_kept_although_events_come() {
    let log = VolumeLog { events: 5, per_second: 0.2, ..VolumeLog::default() };
    let org = Org::with_volume(Options::default(), log).await;
    let busy = WebhookReply::Refuse { status: 429, retry_after_s: Some(240) };
    org.webhook_rules(WebhookRules { times: Some(1), ..replying(busy) });
    org.run(TimeDelta::seconds(239)).await;
    assert_eq!(org.deliveries(), 1, "a request before the time that the receiver asked for");
    org.run(TimeDelta::minutes(2)).await;
    let record = org.record();
    assert!(record.volume_events >= 60 && record.volume_events == record.first_missing, "{record:?}");
    assert_eq!(record.repeated, 0);
}

#[tokio::test]
async fn f53_one_organization_that_hangs_raises_its_own_alarm_while_the_others_go_on() {
    use practice::FaultKind;
    let mut orgs = Vec::new();
    for kind in [None, Some(FaultKind::Hang), Some(FaultKind::HeadersOnly), Some(FaultKind::Trickle { ms: 100 })] {
        let mut org = Org::begin().await;
        org.http.timeout = Duration::from_millis(150);
        org.restart().await;
        org.cycle().await;
        let hangs = kind.is_some();
        if let Some(kind) = kind {
            org.okta_fails(kind);
        }
        org.control().emit(20);
        orgs.push((org, hangs));
    }
    let hour = orgs.iter().map(|(org, _)| org.run(TimeDelta::minutes(12)));
    futures_util::future::join_all(hour).await;
    for (org, hangs) in &orgs {
        let is_stopped = org.problems().await.contains(&Code::RelayStopped);
        assert_eq!((is_stopped, org.record().events), (*hangs, if *hangs { 0 } else { 20 }));
        org.okta_works();
        org.run(TimeDelta::minutes(6)).await;
        assert_eq!(org.problems().await, []);
        org.assert_all_arrived_once();
    }
}

#[tokio::test]
async fn f54_a_crash_before_the_late_answer_repeats_that_batch_with_the_same_key() {
    let mut org = with_events(300).await;
    org.poll().await;
    org.webhook_rules(WebhookRules { times: Some(1), ..replying(WebhookReply::AcceptLate { ms: 40_000 }) });
    // The relay ends while the answer is awaited: a crash, a pause or a new token.
    drop(org.clock.within(Duration::from_millis(400), org.relay().delivery_step()).await);
    assert_eq!(org.record().events, 300);
    org.okta_token = org.practice.card().tokens.org_admin.clone();
    org.restart().await;
    org.control().emit(50);
    org.cycle().await;
    let record = org.record();
    assert_eq!((record.repeated, record.repeated_batches, record.key_conflicts), (300, 1, 0));
    assert!(org.log_queries().last().unwrap().contains("after="), "the stored cursor, not one in memory");
    org.assert_all_arrived();
}

#[tokio::test]
async fn a_receiver_that_answers_after_forty_seconds_gets_each_batch_once() {
    let org = with_events(10).await;
    org.webhook_rules(WebhookRules { times: Some(1), ..replying(WebhookReply::AcceptLate { ms: 40_000 }) });
    org.cycle().await;
    assert_eq!(org.deliveries(), 1);
    org.assert_all_arrived_once();
}

#[tokio::test]
async fn f58_a_413_for_a_batch_with_one_event_sets_that_event_aside_and_goes_on() {
    for status in [413, 400, 422] {
        let org = with_events(100).await;
        let refused = org.expected()[61].clone();
        let refused_events = vec![RefusedEvent { uuid: refused.clone(), status }];
        org.webhook_rules(WebhookRules { refused_events, ..WebhookRules::default() });
        org.run(TimeDelta::minutes(15)).await;
        let view = org.view().await;
        assert_eq!((view.undeliverable, view.state.backlog_events), (1, 0), "{status}");
        assert_eq!(org.problems().await, [Code::RelayDeadLetters], "{status}");
        let mut expected = org.expected();
        expected.retain(|uuid| *uuid != refused);
        assert_eq!(org.control().webhook_uuids(), expected, "{status}");
        assert_eq!(org.record().repeated, 0, "{status}: an accepted part was sent again");
        assert!(org.deliveries() <= 30, "{status}: {} requests", org.deliveries());
    }
}

#[tokio::test]
async fn f58_resets_of_large_bodies_lead_to_smaller_ones() {
    let org = Org::begin().await;
    for _ in 0..12 {
        org.control().emit(10);
        org.set(Change::AddLargeEvent { bytes: 60_000 });
    }
    let mut settings = org.settings.clone();
    settings.webhook.gzip = false;
    let mut org = org;
    org.settings = settings;
    org.restart().await;
    let rules = WebhookRules { max_body: Some(256_000), resets_larger: true, ..WebhookRules::default() };
    org.webhook_rules(rules);
    org.run(TimeDelta::minutes(20)).await;
    let record = org.record();
    assert!(record.largest_bytes <= 256_000 && record.batches >= 3, "{record:?}");
    assert_eq!(org.view().await.undeliverable, 0);
    org.assert_all_arrived_once();
}

#[tokio::test]
async fn f58_a_single_event_whose_body_is_always_reset_is_set_aside() {
    let mut org = Org::begin().await;
    org.settings.webhook.gzip = false;
    org.restart().await;
    org.control().emit(5);
    org.set(Change::AddLargeEvent { bytes: 400_000 });
    org.control().emit(5);
    org.webhook_rules(WebhookRules { max_body: Some(256_000), resets_larger: true, ..WebhookRules::default() });
    org.run(TimeDelta::minutes(30)).await;
    let view = org.view().await;
    assert_eq!((view.undeliverable, view.state.backlog_events, org.record().events), (1, 0, 10));
    assert_eq!(org.record().repeated, 0);
}

#[tokio::test]
async fn f58_refusals_of_the_sender_hold_the_queue_for_an_hour_and_lose_nothing() {
    for status in [401, 403, 404] {
        let mut org = with_events(30).await;
        org.webhook_rules(refusing(status));
        org.run(TimeDelta::minutes(30)).await;
        org.control().emit(30);
        org.restart().await;
        org.run(TimeDelta::minutes(30)).await;
        let view = org.view().await;
        assert_eq!((view.state.backlog_events, view.undeliverable), (60, 0), "{status}");
        assert_eq!(view.phase, RelayPhase::HeldByRadiant, "{status}");
        assert!(org.problems().await.contains(&Code::RelayHeld), "{status}");
        assert!(org.deliveries() <= 40, "{status}: {} requests", org.deliveries());
        org.webhook_rules(WebhookRules::default());
        org.run(TimeDelta::minutes(6)).await;
        assert_eq!(org.problems().await, [], "{status}");
        org.assert_all_arrived_once();
    }
}

#[tokio::test]
async fn at_the_bound_of_the_backlog_reading_waits_and_nothing_is_lost() {
    let mut org = Org::begin().await;
    org.settings.max_backlog_megabytes = 16;
    org.restart().await;
    org.webhook_rules(refusing(503));
    for _ in 0..6 {
        org.control().emit(1_000);
        for _ in 0..2 {
            org.set(Change::AddLargeEvent { bytes: 2_000_000 });
        }
    }
    org.run(TimeDelta::minutes(3)).await;
    let view = org.view().await;
    assert_eq!(view.phase, RelayPhase::Full);
    assert!(org.problems().await.contains(&Code::RelayBacklogFull));
    let requests = org.log_requests();
    org.run(TimeDelta::minutes(5)).await;
    assert_eq!(org.log_requests(), requests, "a full backlog asks Okta for nothing");
    org.webhook_rules(WebhookRules::default());
    org.run(TimeDelta::minutes(10)).await;
    org.assert_all_arrived_once();
}
