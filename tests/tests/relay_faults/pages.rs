//! Pages that are broken, unreadable in part, or too large.

use chrono::TimeDelta;
use connector::NextStep;
use model::code::Code;
use practice::{Change, FaultKind, Options, Variants, VolumeLog};
use serde_json::json;

use crate::harness::Org;

#[tokio::test]
async fn a_page_that_cannot_be_read_leaves_the_cursor_where_it_is() {
    for kind in [
        FaultKind::Unreadable,
        FaultKind::BrokenEntry,
        FaultKind::TruncatedGzip,
        FaultKind::Truncate,
        FaultKind::CaptivePage,
        FaultKind::Reset,
    ] {
        let org = Org::begin().await;
        org.control().emit(10);
        org.cycle().await;
        org.control().emit(1_500);
        org.okta_fails(kind.clone());
        org.run(TimeDelta::minutes(2)).await;
        assert_eq!(org.record().events, 10, "{kind:?}");
        assert!(org.view().await.state.poll_hold.is_some(), "{kind:?}");
        assert!(org.view().await.gaps.is_empty(), "{kind:?}");
        org.okta_works();
        org.run(TimeDelta::minutes(10)).await;
        assert!(org.view().await.state.poll_hold.is_none(), "{kind:?}");
        org.assert_all_arrived_once();
    }
}

#[tokio::test]
async fn entries_that_are_no_events_are_forwarded_and_counted() {
    let org = Org::begin().await;
    org.control().emit(2);
    for event in [json!("text"), json!({"published": 7}), json!({"uuid": null}), json!(17)] {
        org.set(Change::AddEventWith { event });
    }
    org.control().emit(2);
    org.cycle().await;
    let record = org.record();
    assert_eq!((record.events, record.without_uuid), (4, 4));
    assert_eq!(org.view().await.state.counters.unreadable, 4);
    let sent = org.control().webhook_events();
    assert!(sent.contains(&json!({"published": 7})) && sent.contains(&json!("text")));
    org.assert_all_arrived_once();
}

#[tokio::test]
async fn a_full_page_without_times_does_not_move_the_time_of_a_later_read() {
    let org = Org::begin().await;
    // Two full pages of a back-fill; the last events of the first have no time that can be read.
    for number in 0..1_000 {
        org.set(Change::AddEventWith { event: json!({"uuid": format!("no-time-{number}"), "published": "soon"}) });
    }
    org.pass(TimeDelta::minutes(30));
    org.control().emit(1_500);
    org.pass(TimeDelta::hours(3));
    assert_eq!(org.poll().await, NextStep::Now);
    org.set(Change::ExpireCursors);
    org.pass(TimeDelta::seconds(1));
    org.cycle().await;
    org.assert_all_arrived_once();
}

#[tokio::test]
async fn f57_an_event_of_six_megabytes_passes_between_small_ones() {
    let org = Org::begin().await;
    org.control().emit(20);
    org.set(Change::AddLargeEvent { bytes: 6_000_000 });
    org.control().emit(20);
    org.cycle().await;
    let record = org.record();
    assert!(record.largest_bytes > 6_000_000 && record.batches >= 2, "{record:?}");
    org.assert_all_arrived_once();
}

#[tokio::test]
async fn f57_a_page_above_the_limit_is_asked_for_in_smaller_ones() {
    for cursor_keeps_limit in [false, true] {
        let org = Org::with(Options { rate_limit: 100_000, ..Options::default() }).await;
        org.set(Change::Variants { variants: Variants { cursor_keeps_limit, ..Variants::default() } });
        org.control().emit(5);
        org.cycle().await;
        for _ in 0..3 {
            org.control().emit(250);
            org.set(Change::AddLargeEvent { bytes: 6_000_000 });
        }
        org.control().emit(150);
        org.run(TimeDelta::minutes(3)).await;
        assert_eq!(org.problems().await, [], "{cursor_keeps_limit}");
        org.assert_all_arrived_once();
        let gaps = org.view().await.gaps.len();
        assert!(if cursor_keeps_limit { gaps >= 1 } else { gaps == 0 }, "{gaps} gaps");
        // Later pages are large again.
        org.control().emit(3_000);
        let before = org.log_requests();
        org.run(TimeDelta::minutes(3)).await;
        let requests = org.log_requests() - before;
        assert!(cursor_keeps_limit || requests <= 12, "{requests} requests for three pages");
        org.assert_all_arrived_once();
    }
}

#[tokio::test]
async fn the_memory_of_uuids_covers_the_whole_overlap_of_a_read_without_a_cursor() {
    let log = VolumeLog { events: 5_000, seconds: 3_000, ..VolumeLog::default() };
    let org = Org::with_volume(Options { rate_limit: 100_000, ..Options::default() }, log).await;
    org.cycle().await;
    for _ in 0..3 {
        org.set(Change::ExpireCursors);
        org.pass(TimeDelta::seconds(40));
        org.cycle().await;
    }
    let record = org.record();
    assert_eq!((record.volume_events, record.repeated), (5_000, 0));
    assert!(org.view().await.state.counters.duplicates > 1_000);
}

#[tokio::test]
async fn f55_a_refused_first_query_is_no_refused_token() {
    let org = Org::begin().await;
    org.okta_fails(FaultKind::Status { status: 400, code: "E0000031".to_owned() });
    org.poll().await;
    let code = org.view().await.state.poll_hold.unwrap().problem.code;
    assert!(![Code::TokenRefused, Code::TokenNotAccepted, Code::TokenMissing].contains(&code), "{code:?}");
    org.okta_works();
    org.control().emit(3);
    org.run(TimeDelta::minutes(10)).await;
    org.assert_all_arrived_once();
}
