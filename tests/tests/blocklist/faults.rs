//! Lost answers and refusals: the state is named correctly, and nothing is sent twice.

use model::blocklist::{BlockResult, UnblockResult};
use practice::{Fault, FaultKind, Options, Side};

use super::Org;

/// How a write fails, and what is true afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Done,
    Unknown,
    Failed,
}

fn named(result: &BlockResult) -> Expected {
    match result {
        BlockResult::Blocked => Expected::Done,
        BlockResult::Unknown { .. } | BlockResult::NotEffective => Expected::Unknown,
        BlockResult::Failed { .. } | BlockResult::NeedsSharedZone { .. } => Expected::Failed,
        BlockResult::AlreadyBlocked { .. } | BlockResult::Exempt | BlockResult::Unusable { .. } => panic!("{result:?}"),
    }
}

fn status(status: u16, code: &str) -> FaultKind {
    FaultKind::Status { status, code: code.to_owned() }
}

fn cases() -> Vec<(FaultKind, Expected)> {
    vec![
        (FaultKind::Reset, Expected::Unknown),
        (FaultKind::ResponseLost, Expected::Done),
        (FaultKind::Truncate, Expected::Done),
        (FaultKind::Unreadable, Expected::Unknown),
        (FaultKind::RateLimited { reset_s: 30 }, Expected::Failed),
        (status(400, "E0000001"), Expected::Failed),
        (status(403, "E0000006"), Expected::Failed),
        (status(404, "E0000007"), Expected::Failed),
        (status(401, "E0000011"), Expected::Failed),
        (status(503, "E0000010"), Expected::Failed),
        (status(500, "E0000009"), Expected::Unknown),
        (status(502, "E0000009"), Expected::Unknown),
    ]
}

#[tokio::test]
async fn a_replacement_that_fails_is_named_as_it_is_and_not_sent_again() {
    for (kind, expected) in cases() {
        let org = Org::simulated(Options::default()).await;
        let zone = org.block("203.0.113.7", None).await.zone.unwrap();
        let writes = org.writes();
        let fault = Fault::on(Side::Okta, kind.clone()).at("/api/v1/zones").with_method("PUT");
        org.practice.control().fault(Some(fault));
        let outcome = org.block("203.0.113.8", Some(&zone)).await;
        org.practice.control().fault(None);
        let result = named(&outcome.result);
        let is_there = org.entries(&zone.id).contains(&"203.0.113.8/32".to_owned());
        assert_eq!((result, is_there), (expected, expected == Expected::Done), "{kind:?}");
        let sent = if matches!(kind, FaultKind::Unreadable) { 3 } else { 1 };
        assert_eq!((org.writes() - writes, outcome.writes.len()), (sent, sent), "{kind:?}");
    }
}

#[tokio::test]
async fn a_creation_that_fails_is_found_again_or_named_as_it_is() {
    for (kind, expected) in cases() {
        let org = Org::simulated(Options::default()).await;
        let fault = Fault::on(Side::Okta, kind.clone()).at("/api/v1/zones").with_method("POST");
        org.practice.control().fault(Some(fault));
        let outcome = org.block("203.0.113.8", None).await;
        org.practice.control().fault(None);
        let result = named(&outcome.result);
        assert_eq!((result, outcome.zone.is_some()), (expected, expected == Expected::Done), "{kind:?}");
        assert_eq!(org.writes(), 1, "{kind:?}");
        if let Some(zone) = outcome.zone {
            assert_eq!(org.entries(&zone.id), ["203.0.113.8/32"]);
        }
    }
}

#[tokio::test]
async fn a_removal_that_fails_is_named_as_it_is_and_not_sent_again() {
    for (kind, expected) in cases() {
        for is_last in [false, true] {
            let org = Org::simulated(Options::default()).await;
            let zone = org.block("203.0.113.7", None).await.zone.unwrap();
            if !is_last {
                org.block("203.0.113.8", Some(&zone)).await;
            }
            let writes = org.writes();
            let fault = Fault::on(Side::Okta, kind.clone()).at("/api/v1/zones");
            let fault = fault.with_method(if is_last { "POST" } else { "PUT" });
            org.practice.control().fault(Some(fault));
            let outcome = org.unblock("203.0.113.7", &zone).await;
            org.practice.control().fault(None);
            let result = match outcome.result {
                UnblockResult::Unblocked => Expected::Done,
                UnblockResult::Unknown { .. } | UnblockResult::NotEffective => Expected::Unknown,
                UnblockResult::Failed { .. } => Expected::Failed,
                UnblockResult::AlreadyGone => panic!("{kind:?}"),
            };
            let is_blocked = !org.entries(&zone.id).is_empty()
                && org.zone(&zone.id)["status"] == "ACTIVE"
                && org.entries(&zone.id).contains(&"203.0.113.7/32".to_owned());
            assert_eq!((result, !is_blocked), (expected, expected == Expected::Done), "{kind:?} {is_last}");
            let sent = if matches!(kind, FaultKind::Unreadable) { 3 } else { 1 };
            assert_eq!(org.writes() - writes, sent, "{kind:?} {is_last}");
        }
    }
}

#[tokio::test]
async fn a_zone_that_cannot_be_read_back_is_unknown_and_one_that_cannot_be_read_is_untouched() {
    let org = Org::simulated(Options::default()).await;
    let zone = org.block("203.0.113.7", None).await.zone.unwrap();
    let writes = org.writes();
    let one = format!("/api/v1/zones/{}", zone.id);
    let gone = || Fault::on(Side::Okta, status(500, "E0000009")).at(&one).with_method("GET");
    org.practice.control().fault(Some(gone()));
    let outcome = org.block("203.0.113.8", Some(&zone)).await;
    assert!(matches!(outcome.result, BlockResult::Failed { .. }), "{:?}", outcome.result);
    let lifted = org.unblock("203.0.113.7", &zone).await;
    assert!(matches!(lifted.result, UnblockResult::Failed { .. }), "{:?}", lifted.result);
    assert_eq!(org.writes(), writes);
    org.practice.control().fault(None);
    let list = Fault::on(Side::Okta, status(500, "E0000009")).at("/api/v1/zones").with_method("GET");
    org.practice.control().fault(Some(list));
    let outcome = org.block("203.0.113.8", Some(&zone)).await;
    assert!(matches!(outcome.result, BlockResult::Failed { .. }), "{:?}", outcome.result);
    assert_eq!((org.writes(), outcome.zone), (writes, Some(zone)));
}

#[tokio::test]
async fn a_zone_whose_reactivation_failed_takes_the_next_entry() {
    for (method, at) in [("POST", "/activate"), ("PUT", "/api/v1/zones")] {
        for kind in [FaultKind::RateLimited { reset_s: 30 }, status(403, "E0000006"), FaultKind::Reset] {
            let org = Org::simulated(Options::default()).await;
            let zone = org.block("203.0.113.7", None).await.zone.unwrap();
            let parked = org.unblock("203.0.113.7", &zone).await.zone;
            let path =
                if method == "POST" { format!("/api/v1/zones/{}/lifecycle{at}", zone.id) } else { at.to_owned() };
            let fault = Fault::on(Side::Okta, kind.clone()).at(&path).with_method(method);
            org.practice.control().fault(Some(fault));
            let outcome = org.block("203.0.113.8", Some(&parked)).await;
            org.practice.control().fault(None);
            assert!(named(&outcome.result) != Expected::Done, "{method}, {kind:?}: {:?}", outcome.result);
            let again = org.block("203.0.113.9", outcome.zone.as_ref()).await;
            assert_eq!(again.result, BlockResult::Blocked, "{method}, {kind:?}");
            assert_eq!(org.entries(&zone.id), ["203.0.113.9/32"], "{method}, {kind:?}");
        }
    }
}

#[tokio::test]
async fn a_lifted_entry_stays_known_when_another_one_is_already_gone() {
    let org = Org::simulated(Options::default()).await;
    let zone = org.block("203.0.113.7", None).await.zone.unwrap();
    let parked = org.unblock("203.0.113.7", &zone).await.zone;
    let gone = org.unblock("203.0.113.8", &parked).await;
    assert_eq!((gone.result, gone.zone.parked), (UnblockResult::AlreadyGone, parked.parked));
}
