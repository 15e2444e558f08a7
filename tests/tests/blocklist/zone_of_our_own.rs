//! The zone that the app creates: created once, deactivated when it is empty, reactivated without what was lifted.

use model::blocklist::{
    BlockConsent, BlockResult, BlocklistZone, Interference, UnblockResult, UnusableZone, ZONE_NAME,
};
use practice::Options;

use super::{Org, SHARED, range};

#[tokio::test]
async fn a_zone_is_created_once_and_emptied_by_deactivating_it() {
    let org = Org::simulated(Options::default()).await;
    let first = org.block("203.0.113.7", None).await;
    assert_eq!(
        (&first.result, &first.before, &first.interference),
        (&BlockResult::Blocked, &None, &Interference::None)
    );
    let zone = first.zone.unwrap();
    assert_eq!((zone.name.as_str(), zone.is_shared, zone.parked), (ZONE_NAME, false, None));
    let second = org.block("203.0.113.64-203.0.113.99", Some(&zone)).await;
    assert_eq!((&second.result, second.zone.as_ref()), (&BlockResult::Blocked, Some(&zone)));
    assert_eq!(org.entries(&zone.id), ["203.0.113.7/32", "203.0.113.64-203.0.113.99"]);
    assert_eq!((second.writes.len(), second.before.unwrap().entries, second.after.unwrap().entries), (1, 1, 2));

    let lifted = org.unblock("203.0.113.7", &zone).await;
    assert_eq!((&lifted.result, lifted.still_blocked_by), (&UnblockResult::Unblocked, Some(Vec::new())));
    let last = org.unblock("203.0.113.64-203.0.113.99", &zone).await;
    assert_eq!((&last.result, last.after.unwrap().is_active), (&UnblockResult::Unblocked, false));
    assert_eq!(last.zone.parked, Some(range("203.0.113.64-203.0.113.99")));
    assert_eq!((org.zone(&zone.id)["status"].as_str(), org.writes()), (Some("INACTIVE"), 4));

    let again = org.block("203.0.113.8", Some(&last.zone)).await;
    assert_eq!((&again.result, again.zone.unwrap().parked), (&BlockResult::Blocked, None));
    assert_eq!(org.entries(&zone.id), ["203.0.113.8/32"], "what was lifted is not blocked again");
    assert_eq!(org.zone(&zone.id)["status"], "ACTIVE");
    let of_ours = org.practice.control().zones().into_iter().filter(|zone| zone["name"] == ZONE_NAME).count();
    assert_eq!(of_ours, 1);
}

#[tokio::test]
async fn the_zone_is_found_by_its_id_and_never_by_its_name() {
    let org = Org::simulated(Options::default()).await;
    let zone = org.block("203.0.113.7", None).await.zone.unwrap();
    let writes = org.writes();
    let unknown = org.block("203.0.113.8", None).await;
    let why = UnusableZone::NameTaken { zone_id: zone.id.clone() };
    assert_eq!(unknown.result, BlockResult::Unusable { why });
    assert_eq!(org.writes(), writes, "nothing was written");
    // Deleted by an administrator: the entries are gone with it.
    org.other_sets(&zone.id, false);
    let gone = BlocklistZone { id: "nzoGONE".to_owned(), ..zone.clone() };
    let lifted = org.unblock("203.0.113.7", &gone).await;
    assert_eq!((lifted.result, lifted.writes.len()), (UnblockResult::AlreadyGone, 0));
}

#[tokio::test]
async fn entries_of_others_in_the_inactive_zone_need_a_consent() {
    let org = Org::simulated(Options::default()).await;
    let zone = org.block("203.0.113.7", None).await.zone.unwrap();
    org.other_edits(&zone.id, &["203.0.113.99/32"], &[]);
    org.other_sets(&zone.id, false);
    let refused = org.block("203.0.113.8", Some(&zone)).await;
    let entries = vec!["203.0.113.7/32".to_owned(), "203.0.113.99/32".to_owned()];
    assert_eq!(refused.result, BlockResult::Unusable { why: UnusableZone::HasOthersEntries { entries } });
    let consent = BlockConsent { reactivation: true, ..BlockConsent::default() };
    let blocked = org.blocklist().block(&range("203.0.113.8"), Some(&zone), consent).await;
    assert_eq!(blocked.result, BlockResult::Blocked);
    assert_eq!(org.entries(&zone.id), ["203.0.113.7/32", "203.0.113.99/32", "203.0.113.8/32"]);
    assert_eq!(org.zone(&zone.id)["status"], "ACTIVE");
}

#[tokio::test]
async fn where_okta_refuses_a_second_zone_its_own_is_used_after_consent() {
    let org = Org::simulated(Options { only_blocked_ip_zone: true, ..Options::default() }).await;
    org.other_edits(SHARED, &["192.0.2.0/24"], &[]);
    let refused = org.block("203.0.113.7", None).await;
    assert!(matches!(refused.result, BlockResult::NeedsSharedZone { .. }), "{:?}", refused.result);
    assert_eq!((org.entries(SHARED), refused.zone), (vec!["192.0.2.0/24".to_owned()], None));
    let consent = BlockConsent { shared_zone: true, ..BlockConsent::default() };
    let blocked = org.blocklist().block(&range("203.0.113.7"), None, consent).await;
    let zone = blocked.zone.unwrap();
    assert_eq!((&blocked.result, zone.is_shared, zone.id.as_str()), (&BlockResult::Blocked, true, SHARED));
    assert_eq!(org.zone(SHARED)["system"], true);
    let lifted = org.unblock("203.0.113.7", &zone).await;
    assert_eq!((lifted.result, org.entries(SHARED)), (UnblockResult::Unblocked, vec!["192.0.2.0/24".to_owned()]));
    // Okta's own zone may become empty, and has no lifecycle.
    org.other_edits(SHARED, &["203.0.113.8/32"], &["192.0.2.0/24"]);
    let emptied = org.unblock("203.0.113.8", &zone).await;
    assert_eq!((emptied.result, org.entries(SHARED).len()), (UnblockResult::Unblocked, 0));
    assert_eq!(org.zone(SHARED)["status"], "ACTIVE");
}

#[tokio::test]
async fn a_full_zone_takes_no_further_entry() {
    let org = Org::simulated(Options::default()).await;
    let zone = org.block("203.0.113.7", None).await.zone.unwrap();
    let many: Vec<String> = (0..999).map(|n| format!("192.0.{}.{}/32", n / 250, n % 250)).collect();
    org.other_edits(&zone.id, &many.iter().map(String::as_str).collect::<Vec<_>>(), &[]);
    let full = org.block("203.0.113.8", Some(&zone)).await;
    assert_eq!(full.result, BlockResult::Unusable { why: UnusableZone::Full { entries: 1_000 } });
    assert_eq!(org.entries(&zone.id).len(), 1_000);
}
