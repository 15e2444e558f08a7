//! Other tools that edit the same zone, between two requests of ours.

use model::blocklist::{BlockResult, Interference, UnblockResult, UnusableZone};
use practice::{Change, Options, Variants};

use super::{Org, SHARED};

#[tokio::test]
async fn an_entry_that_is_shown_after_its_removal_is_asked_and_not_yet_effective() {
    for (stale_zone_reads, expected) in
        [(0, UnblockResult::Unblocked), (1, UnblockResult::Unblocked), (40, UnblockResult::NotEffective)]
    {
        let org = Org::simulated(Options::default()).await;
        let zone = org.block("203.0.113.7", None).await.zone.unwrap();
        org.block("203.0.113.8", Some(&zone)).await;
        let variants = Variants { stale_zone_reads, ..Variants::default() };
        org.practice.control().set(Change::Variants { variants });
        let lifted = org.unblock("203.0.113.7", &zone).await;
        assert_eq!(lifted.result, expected, "{stale_zone_reads}");
        assert_eq!(org.entries(&zone.id), ["203.0.113.8/32"]);

        let org = Org::simulated(Options::default()).await;
        let zone = org.block("203.0.113.7", None).await.zone.unwrap();
        org.practice.control().set(Change::Variants { variants: Variants { stale_zone_reads, ..Variants::default() } });
        let last = org.unblock("203.0.113.7", &zone).await;
        assert_eq!(last.result, expected, "deactivation, {stale_zone_reads}");
    }
}

#[tokio::test]
async fn a_zone_that_is_no_blocklist_any_more_is_not_written_to() {
    let org = Org::simulated(Options::default()).await;
    let zone = org.block("203.0.113.7", None).await.zone.unwrap();
    org.unblock("203.0.113.7", &zone).await;
    let mut changed = org.zone(&zone.id);
    changed["usage"] = "POLICY".into();
    org.other_replaces(&changed).await;
    let writes = org.writes();
    let outcome = org.block("203.0.113.8", Some(&zone)).await;
    assert_eq!(outcome.result, BlockResult::Unusable { why: UnusableZone::NotABlocklist });
    assert_eq!(org.writes(), writes);
}

#[tokio::test]
async fn a_change_of_somebody_else_in_the_same_second_is_reported_with_its_author() {
    let org = Org::simulated(Options::default()).await;
    let zone = org.block("203.0.113.7", None).await.zone.unwrap();
    // In simulated time everything happens in the same moment.
    org.other_edits(&zone.id, &["192.0.2.0/24"], &[]);
    let outcome = org.block("203.0.113.8", Some(&zone)).await;
    let Interference::Possible { changes } = outcome.interference else { panic!("{:?}", outcome.interference) };
    let authors: Vec<_> = changes.iter().map(|one| (one.event_type.as_str(), one.actor.as_deref())).collect();
    assert_eq!(authors, [("zone.update", Some("jo.marsh@practice.example"))], "our own creation is none");
    org.practice.control().set(Change::AdvanceTime { ms: 5_000 });
    let later = org.block("203.0.113.9", Some(&zone)).await;
    assert_eq!((later.result, later.interference), (BlockResult::Blocked, Interference::None));
    org.practice.control().set(Change::AdvanceTime { ms: 5_000 });
    org.practice.control().set(Change::OtherConsumers { requests: 1_000_000 });
    let unread = org.unblock("203.0.113.9", &zone).await;
    assert_eq!((unread.result, unread.interference), (UnblockResult::Unblocked, Interference::Unknown));
    assert!(!org.entries(SHARED).contains(&"203.0.113.9/32".to_owned()));
}
