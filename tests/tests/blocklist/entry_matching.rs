//! Entries are compared as intervals, and only ours is removed.

use model::blocklist::{BlockResult, UnblockResult};
use practice::Options;

use super::{Org, SHARED, range};

#[tokio::test]
async fn what_is_blocked_already_is_not_ours_in_whatever_notation() {
    let org = Org::simulated(Options::default()).await;
    org.other_edits(SHARED, &["203.0.113.7-203.0.113.7", "198.18.0.0/31", "198.18.0.2-198.18.0.3"], &[]);
    for address in ["203.0.113.7", "203.0.113.7/32", "203.0.113.7-203.0.113.7", "::ffff:203.0.113.7", "198.18.0.0/30"] {
        let outcome = org.block(address, None).await;
        let BlockResult::AlreadyBlocked { by } = &outcome.result else { panic!("{address}: {:?}", outcome.result) };
        assert!(by.iter().all(|entry| entry.zone_id == SHARED && entry.is_system), "{by:?}");
        assert_eq!(
            (by.len(), outcome.zone, outcome.writes.len()),
            (if address.contains("/30") { 2 } else { 1 }, None, 0)
        );
    }
    assert_eq!(org.writes(), 0);
    let part = org.block("198.18.0.0/29", None).await;
    assert_eq!(part.result, BlockResult::Blocked, "only a part of it was blocked");
}

#[tokio::test]
async fn an_entry_is_removed_in_whatever_notation_and_an_equal_one_of_others_stays() {
    let org = Org::simulated(Options::default()).await;
    let zone = org.block("203.0.113.7", None).await.zone.unwrap();
    org.other_edits(&zone.id, &["203.0.113.7-203.0.113.7", "203.0.113.0/24"], &["203.0.113.7/32"]);
    let lifted = org.unblock("203.0.113.7", &zone).await;
    assert_eq!((&lifted.result, org.entries(&zone.id)), (&UnblockResult::Unblocked, vec!["203.0.113.0/24".to_owned()]));
    let still: Vec<String> = lifted.still_blocked_by.unwrap().into_iter().map(|entry| entry.text).collect();
    assert_eq!(still, ["203.0.113.0/24"]);

    org.other_edits(&zone.id, &["198.18.0.1/32", "198.18.0.1"], &[]);
    let one_of_two = org.unblock("198.18.0.1", &zone).await;
    assert_eq!(one_of_two.result, UnblockResult::Unblocked);
    assert_eq!(org.entries(&zone.id), ["203.0.113.0/24", "198.18.0.1/32"]);
    assert_eq!(one_of_two.still_blocked_by.unwrap().len(), 1);
    let not_there = org.unblock("203.0.113.0/25", &zone).await;
    assert_eq!((not_there.result, not_there.writes.len()), (UnblockResult::AlreadyGone, 0), "a part is no entry");
    assert_eq!(not_there.still_blocked_by.unwrap().len(), 1);
}

#[tokio::test]
async fn an_exempt_address_is_not_called_blocked() {
    let org = Org::simulated(Options::default()).await;
    org.other_edits("nzoPRACTICEEXEMPT", &["203.0.113.0/28"], &[]);
    let outcome = org.block("203.0.113.7", None).await;
    assert_eq!((outcome.result, outcome.exempt, org.writes()), (BlockResult::Exempt, vec![range("203.0.113.7")], 0));
    let part = org.block("203.0.113.0/24", None).await;
    assert_eq!((part.result, part.exempt), (BlockResult::Blocked, vec![range("203.0.113.0/28")]));
}
