//! Reading the System Log: cursors, late events, empty pages, links, tokens.

use std::time::Duration;

use chrono::TimeDelta;
use connector::NextStep;
use model::code::Code;
use model::relay::RelayPhase;
use model::relay_gap::GapReason;
use practice::{Change, CredentialTrap, FaultKind, Options, Variants, WebhookReply, WebhookRules};
use serde_json::{Value, json};

use crate::harness::{Org, wait_of};

/// Three events of the same millisecond (field note F52).
fn same_millisecond() -> Vec<Value> {
    (37..40)
        .map(|number| {
            json!({"uuid": format!("0f1e0000-0000-4000-8000-0000000000{number}"), "published": "2026-03-10T10:15:30.123Z",
                "eventType": "user.session.start"})
        })
        .collect()
}

#[tokio::test]
async fn t02_events_that_are_persisted_late_and_out_of_order_arrive() {
    let org = Org::begin().await;
    for round in 0..6 {
        for seconds_ago in [0, 7_200, 30, 86_400 * 3] {
            org.set(Change::AddEvent { seconds_ago });
        }
        org.control().emit(3);
        org.cycle().await;
        assert_eq!(org.record().events, (round + 1) * 7);
        org.pass(TimeDelta::seconds(30));
    }
    org.assert_all_arrived_once();
}

#[tokio::test]
async fn t04_a_short_page_ends_the_cycle_and_the_cursor_is_kept() {
    let mut org = Org::begin().await;
    for events in [34, 203, 66] {
        org.control().emit(events);
        let before = org.log_requests();
        let next = org.poll().await;
        assert_eq!(org.log_requests() - before, 1);
        assert_eq!(wait_of(next), Duration::from_secs(30));
        org.pass(TimeDelta::seconds(30));
    }
    org.restart().await;
    org.poll().await;
    assert!(org.log_queries().last().unwrap().contains("after="), "the stored cursor is used after a restart");
    assert_eq!(org.view().await.state.counters.duplicates, 0);
    org.send_all().await;
    org.assert_all_arrived_once();
}

#[tokio::test]
async fn t06_every_page_has_a_thousand_events_and_the_delay_is_shown() {
    let org = Org::begin().await;
    org.control().emit(2_300);
    org.pass(TimeDelta::seconds(20));
    org.cycle().await;
    org.pass(TimeDelta::seconds(30));
    org.cycle().await;
    let queries = org.log_queries();
    assert!(queries.len() >= 4 && queries.iter().all(|query| query.contains("limit=1000")), "{queries:?}");
    let state = org.view().await.state;
    assert!(state.delay_ms.is_some_and(|delay| (20_000..150_000).contains(&delay)), "{:?}", state.delay_ms);
    org.assert_all_arrived_once();
}

#[tokio::test]
async fn t07_a_restart_after_every_step_loses_and_repeats_nothing() {
    let mut org = Org::begin().await;
    org.control().emit(3_500);
    for _ in 0..5 {
        org.poll().await;
        org.restart().await;
        org.deliver().await;
        org.restart().await;
    }
    org.cycle().await;
    assert_eq!(org.view().await.state.counters.duplicates, 0);
    org.assert_all_arrived_once();
}

#[tokio::test]
async fn t08_a_step_that_is_cut_off_anywhere_loses_nothing_and_repeats_the_batch_in_flight_alone() {
    let mut org = Org::begin().await;
    org.control().emit(1_500);
    org.set(Change::Latency { ms: 60 });
    for ms in [5, 30, 55, 62, 70, 90] {
        // The step ends as at a kill: before the request, during it, or at any place after the response.
        drop(org.clock.within(Duration::from_millis(ms), org.relay().poll_step()).await);
        org.restart().await;
        drop(org.clock.within(Duration::from_millis(ms), org.relay().delivery_step()).await);
        org.restart().await;
    }
    org.set(Change::Latency { ms: 0 });
    org.webhook_rules(WebhookRules { reply: WebhookReply::AcceptThenDrop, times: Some(1), ..WebhookRules::default() });
    org.run(TimeDelta::minutes(2)).await;
    org.assert_all_arrived();
}

#[tokio::test]
async fn t09_an_empty_first_page_is_a_beginning() {
    for empty_first_page_has_cursor in [false, true] {
        let mut org = Org::begin().await;
        org.set(Change::Variants { variants: Variants { empty_first_page_has_cursor, ..Variants::default() } });
        org.cycle().await;
        assert_eq!(org.view().await.phase, RelayPhase::CaughtUp);
        org.restart().await;
        org.pass(TimeDelta::seconds(30));
        org.cycle().await;
        org.control().emit(5);
        org.pass(TimeDelta::seconds(30));
        org.cycle().await;
        org.assert_all_arrived_once();
    }
}

#[tokio::test]
async fn t11_silence_is_a_problem_of_its_own_whatever_the_reason() {
    let org = Org::begin().await;
    org.cycle().await;
    assert_eq!(org.problems().await, []);
    // Nothing runs, and nothing failed.
    org.pass(TimeDelta::minutes(11));
    assert_eq!((org.problems().await, org.view().await.phase), (vec![Code::RelayStopped], RelayPhase::Stopped));
    org.cycle().await;
    assert_eq!(org.problems().await, []);
    org.okta_fails(FaultKind::Status { status: 500, code: "E0000009".to_owned() });
    org.run(TimeDelta::minutes(12)).await;
    assert_eq!(org.problems().await.first(), Some(&Code::RelayStopped));
    org.okta_works();
    org.run(TimeDelta::minutes(6)).await;
    assert_eq!(org.problems().await, []);
}

#[tokio::test]
async fn t12_a_dead_token_stops_reading_keeps_the_cursor_and_is_one_problem() {
    let mut org = Org::begin().await;
    org.control().emit(10);
    org.cycle().await;
    org.set(Change::Revoke { principal: "read_only".to_owned() });
    let before = org.log_requests();
    org.run(TimeDelta::hours(1)).await;
    assert!(org.log_requests() - before <= 40, "{} requests with a dead token", org.log_requests() - before);
    let view = org.view().await;
    let hold = view.state.poll_hold.clone().unwrap();
    assert!([Code::TokenRefused, Code::TokenNotAccepted].contains(&hold.problem.code), "{:?}", hold.problem);
    assert_eq!(view.phase, RelayPhase::HeldByOkta);
    assert!((org.clock.now() - hold.since).num_minutes() >= 55, "it lasts since the first refusal");
    org.control().emit(10);
    org.okta_token = org.practice.card().tokens.org_admin.clone();
    org.restart().await;
    org.cycle().await;
    assert!(org.view().await.state.poll_hold.is_none());
    assert!(org.log_queries().last().unwrap().contains("after="));
    org.assert_all_arrived_once();
}

#[tokio::test]
async fn t13_a_refused_cursor_leads_to_one_bounded_read_with_overlap_and_a_gap_record() {
    let org = Org::begin().await;
    for bad_cursor_is_paging in [false, true] {
        org.set(Change::Variants { variants: Variants { bad_cursor_is_paging, ..Variants::default() } });
        org.control().emit(1_200);
        org.cycle().await;
        org.set(Change::ExpireCursors);
        org.pass(TimeDelta::minutes(40));
        org.control().emit(1_200);
        let before = org.log_requests();
        org.cycle().await;
        assert!(org.log_requests() - before <= 6, "{} requests", org.log_requests() - before);
        org.pass(TimeDelta::seconds(30));
        org.cycle().await;
    }
    let view = org.view().await;
    assert_eq!(view.gaps.iter().map(|gap| gap.reason).collect::<Vec<_>>(), [GapReason::CursorRefused; 2]);
    assert!(view.gaps.iter().all(|gap| gap.until > gap.from));
    org.assert_all_arrived_once();
}

#[tokio::test]
async fn cursors_that_are_always_refused_are_not_asked_for_at_full_speed() {
    let org = Org::begin().await;
    org.control().emit(2_400);
    assert_eq!(org.poll().await, NextStep::Now);
    org.set(Change::ExpireCursors);
    assert_eq!(org.poll().await, NextStep::Now, "the first refusal leads to a read at once");
    let mut longest = Duration::ZERO;
    for _ in 0..4 {
        assert_eq!(org.poll().await, NextStep::Now, "the same page again");
        org.set(Change::ExpireCursors);
        let step = org.poll().await;
        let NextStep::BackOff(wait) = step else { panic!("{step:?}") };
        longest = longest.max(wait);
        assert!(org.view().await.state.poll_hold.is_some());
    }
    assert!(longest.as_secs() >= 2, "{longest:?}");
    assert!(org.view().await.state.poll_hold.unwrap().attempts >= 4, "it lasts since the first");
    org.run(TimeDelta::minutes(5)).await;
    assert!(org.view().await.state.poll_hold.is_none());
    org.assert_all_arrived_once();
}

#[tokio::test]
async fn t14_links_are_read_from_one_header_and_from_several() {
    let org = Org::begin().await;
    for kind in [None, Some(FaultKind::JoinedLinks)] {
        match kind {
            Some(kind) => org.okta_fails(kind),
            None => org.okta_works(),
        }
        org.control().emit(2_100);
        org.cycle().await;
        org.pass(TimeDelta::seconds(30));
    }
    org.assert_all_arrived_once();
}

#[tokio::test]
async fn t15_a_next_link_to_another_origin_is_never_followed() {
    let org = Org::begin().await;
    let other = CredentialTrap::start().await.unwrap();
    let lookalike = format!("{}.evil.example", org.practice.card().okta);
    let userinfo = format!("{}@127.0.0.1:9", org.practice.card().okta);
    for to in [other.url().to_owned(), lookalike, userinfo] {
        org.okta_fails(FaultKind::ForeignNext { to });
        org.control().emit(30);
        org.run(TimeDelta::minutes(3)).await;
        let hold = org.view().await.state.poll_hold.unwrap();
        assert_eq!(hold.problem.code, Code::NextLinkForeign);
        org.okta_works();
        org.run(TimeDelta::minutes(10)).await;
        assert_eq!(org.problems().await, []);
    }
    assert_eq!(other.requests(), 0);
    org.assert_all_arrived_once();
}

#[tokio::test]
async fn f51_empty_pages_with_next_are_the_end_of_a_cycle_a_thousand_times() {
    let org = Org::with(Options { rate_limit: 100_000, ..Options::default() }).await;
    for _ in 0..1_000 {
        assert_ne!(org.poll().await, NextStep::Now);
        org.pass(TimeDelta::seconds(30));
    }
    assert_eq!(org.log_requests(), 1_000);
    org.control().emit(2_050);
    org.cycle().await;
    assert_eq!(org.log_requests(), 1_003, "full pages with next are followed");
    org.assert_all_arrived_once();
}

#[tokio::test]
async fn f52_events_of_the_same_millisecond_on_two_pages_all_arrive() {
    let org = Org::begin().await;
    let [first, rest @ ..] = same_millisecond().try_into().map(|events: [Value; 3]| events).unwrap();
    org.set(Change::AddEventWith { event: first.clone() });
    org.cycle().await;
    org.pass(TimeDelta::seconds(30));
    for event in rest {
        org.set(Change::AddEventWith { event });
    }
    // Okta returns an event once more.
    org.set(Change::AddEventWith { event: first.clone() });
    org.cycle().await;
    let uuids: Vec<_> = same_millisecond().iter().map(|event| event["uuid"].as_str().unwrap().to_owned()).collect();
    assert_eq!(org.control().webhook_uuids(), uuids);
    assert_eq!((org.record().repeated, org.view().await.state.counters.duplicates), (0, 1));
}
