//! Other tools that edit a shared zone while the app blocks and unblocks addresses in it.
//!
//! What is asserted does not depend on the speed of the machine: a change that another tool sends later than the app looks again is
//! found in a last pass, as the view of blocked addresses would find it, and is counted.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use connector::blocklist::Pace;
use model::blocklist::{BlockResult, BlocklistZone, Interference, UnblockResult};
use okta::{Okta, Zone, ZoneAddress, ZoneId};
use practice::Options;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use runtime::Clock;

use super::{Org, SHARED, client, range};

/// Changes of the app and of the other tool.
const OUR_CHANGES: usize = 200;
const THEIR_CHANGES: usize = 50;

/// Another tool with a token of its own.
struct OtherTool {
    okta: Okta,
    zone: ZoneId,
    rng: StdRng,
}

impl OtherTool {
    fn new(org: &Org) -> Self {
        let okta = client(&org.practice, &org.practice.card().tokens.org_admin, &org.clock);
        Self { okta, zone: ZoneId::parse(SHARED).unwrap(), rng: StdRng::seed_from_u64(7) }
    }

    async fn read(&self) -> Zone {
        self.okta.zone_api().zone(&self.zone).await.unwrap().value
    }

    /// Reads the zone, changes its entries and writes it. Returns the ID of the write.
    async fn edit(&mut self, entry: &str, is_added: bool) -> String {
        let zone = self.read().await;
        let mut entries = zone.gateways.clone();
        entries.retain(|one| one.text != entry);
        entries.extend(is_added.then(|| ZoneAddress::new(&range(entry))));
        let pause = self.rng.random_range(0..4_000);
        tokio::time::sleep(Duration::from_micros(pause)).await;
        self.okta.zone_api().replace_zone(&zone.with_gateways(entries)).await.unwrap().evidence.request_id.unwrap()
    }

    async fn has(&self, entry: &str) -> bool {
        self.read().await.gateways.iter().any(|one| one.text == entry)
    }

    /// Edits until the entry is as wanted, twice with a pause between: as a careful tool does.
    async fn edit_until_settled(&mut self, entry: &str, is_added: bool) {
        loop {
            self.edit(entry, is_added).await;
            if self.has(entry).await != is_added {
                continue;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
            if self.has(entry).await == is_added {
                return;
            }
        }
    }
}

fn theirs(number: usize) -> String {
    format!("192.0.2.{}/32", number + 1)
}

/// What the app did beside the other tool.
#[derive(Debug, Default)]
struct OurRun {
    expected: BTreeSet<String>,
    reported: BTreeSet<String>,
    not_effective: usize,
    unknown_interference: usize,
    restored: usize,
}

impl OurRun {
    fn record(&mut self, interference: Interference) {
        match interference {
            Interference::None => {}
            Interference::Possible { changes } => self.reported.extend(changes.into_iter().map(|one| one.event)),
            Interference::Unknown => self.unknown_interference += 1,
        }
    }

    /// Adds and removes entries until both tools have made their changes.
    async fn run(&mut self, org: &Org, zone: &BlocklistZone, is_other_done: &AtomicBool) {
        let mut rng = StdRng::seed_from_u64(11);
        let mut made = 0;
        while made < OUR_CHANGES || !is_other_done.load(Ordering::Relaxed) {
            made += 1;
            let address = format!("203.0.113.{}", rng.random_range(1..40));
            let is_blocked = self.expected.contains(&address);
            let (is_done, _) = match is_blocked {
                true => self.remove(org, &address, zone).await,
                false => self.add(org, &address, zone).await,
            };
            if is_done {
                let known = if is_blocked { self.expected.remove(&address) } else { self.expected.insert(address) };
                assert!(known);
            } else {
                self.not_effective += 1;
            }
        }
    }

    /// Blocks an address. Returns whether it is blocked, and whether something was written.
    async fn add(&mut self, org: &Org, address: &str, zone: &BlocklistZone) -> (bool, bool) {
        let outcome = org.block(address, Some(zone)).await;
        self.record(outcome.interference);
        let is_done = matches!(outcome.result, BlockResult::Blocked | BlockResult::AlreadyBlocked { .. });
        (is_done, !outcome.writes.is_empty())
    }

    /// Unblocks an address. Returns whether it is unblocked, and whether something was written.
    async fn remove(&mut self, org: &Org, address: &str, zone: &BlocklistZone) -> (bool, bool) {
        let outcome = org.unblock(address, zone).await;
        self.record(outcome.interference);
        let is_done = matches!(outcome.result, UnblockResult::Unblocked | UnblockResult::AlreadyGone);
        (is_done, !outcome.writes.is_empty())
    }

    /// Looks once more at each address, after the other tool has ended.
    async fn last_pass(&mut self, org: &Org, zone: &BlocklistZone) {
        for number in 1..40 {
            let address = format!("203.0.113.{number}");
            let (is_done, is_restored) = match self.expected.contains(&address) {
                true => self.add(org, &address, zone).await,
                false => self.remove(org, &address, zone).await,
            };
            assert!(is_done, "{address}");
            self.restored += usize::from(is_restored);
        }
    }

    fn entries(&self) -> BTreeSet<String> {
        self.expected.iter().map(|address| format!("{address}/32")).collect()
    }
}

async fn org(settle: Duration) -> (Org, BlocklistZone) {
    let org = Org::with(Options::default(), Clock::system()).await;
    let org = Org { pace: Pace { settle, ..org.pace }, ..org };
    let zone = BlocklistZone { id: SHARED.to_owned(), name: "BlockedIpZone".to_owned(), is_shared: true, parked: None };
    (org, zone)
}

#[tokio::test]
async fn beside_a_tool_that_merges_the_result_is_exact() {
    let (org, zone) = org(Duration::from_millis(30)).await;
    let mut tool = OtherTool::new(&org);
    let is_other_done = Arc::new(AtomicBool::new(false));
    let other = async {
        for number in 0..THEIR_CHANGES {
            tool.edit_until_settled(&theirs(number), true).await;
        }
        is_other_done.store(true, Ordering::Relaxed);
    };
    let mut ours = OurRun::default();
    tokio::join!(other, ours.run(&org, &zone, &is_other_done));
    ours.last_pass(&org, &zone).await;
    let mut restored_by_tool = 0;
    for number in 0..THEIR_CHANGES {
        if !tool.has(&theirs(number)).await {
            restored_by_tool += 1;
            tool.edit_until_settled(&theirs(number), true).await;
        }
    }
    let found: BTreeSet<String> = org.entries(SHARED).into_iter().collect();
    let expected: BTreeSet<String> = (0..THEIR_CHANGES).map(theirs).chain(ours.entries()).collect();
    println!(
        "merging writer: {THEIR_CHANGES} edits beside at least {OUR_CHANGES} changes of ours; exact: {}; not effective at first: {}; \
         restored in the last pass: {} of ours, {restored_by_tool} of theirs; reported changes: {}; interference unknown: {}",
        found == expected,
        ours.not_effective,
        ours.restored,
        ours.reported.len(),
        ours.unknown_interference
    );
    assert_eq!(found, expected);
    assert_eq!(org.entries(SHARED).len(), expected.len(), "nothing is there twice");
}

#[tokio::test]
async fn beside_a_tool_that_does_not_look_again_every_loss_is_reported() {
    let (org, zone) = org(Duration::from_millis(5)).await;
    let mut tool = OtherTool::new(&org);
    let is_other_done = Arc::new(AtomicBool::new(false));
    let mut requests = Vec::new();
    let other = async {
        for number in 0..THEIR_CHANGES {
            requests.push(tool.edit(&theirs(number), true).await);
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
        is_other_done.store(true, Ordering::Relaxed);
    };
    let mut ours = OurRun::default();
    tokio::join!(other, ours.run(&org, &zone, &is_other_done));
    ours.last_pass(&org, &zone).await;
    let events = org.practice.control().events();
    let event_of = |request: &String| {
        let event = events.iter().find(|event| event["transaction"]["id"] == request.as_str()).unwrap();
        event["uuid"].as_str().unwrap().to_owned()
    };
    let found: BTreeSet<String> = org.entries(SHARED).into_iter().collect();
    let lost: Vec<usize> = (0..THEIR_CHANGES).filter(|number| !found.contains(&theirs(*number))).collect();
    let unreported: Vec<&usize> =
        lost.iter().filter(|number| !ours.reported.contains(&event_of(&requests[**number]))).collect();
    let of_ours: BTreeSet<String> = found.iter().filter(|entry| entry.starts_with("203.0.113.")).cloned().collect();
    println!(
        "naive writer: {THEIR_CHANGES} edits, {} lost, {} of them unreported; reported changes: {}; ours exact: {}; not effective at \
         first: {}; restored in the last pass: {}; interference unknown: {}",
        lost.len(),
        unreported.len(),
        ours.reported.len(),
        of_ours == ours.entries(),
        ours.not_effective,
        ours.restored,
        ours.unknown_interference
    );
    assert!(unreported.is_empty() || ours.unknown_interference > 0, "{unreported:?}");
    assert_eq!(of_ours, ours.entries());
}
