//! Blocking and unblocking addresses: creation, replacement, deactivation and reactivation of the blocklist zone.

use model::action::ActionKind;
use model::action_run::ActionOutcome::{Done, Failed, NothingToDo, Partly, Unknown};
use practice::{Fault, Side};
use serde_json::Value;

use super::support::TestConnection;
use super::{CASES, Case, assert_audit, story};

/// Name of the zone of our own.
const ZONE: &str = "Okta Connector blocklist";
const ADDRESS: &str = "192.0.2.17";
const OTHER: &str = "192.0.2.99";
const NEXT: &str = "192.0.2.55";

/// Which request the fault hits.
#[derive(Debug, Clone, Copy)]
enum Write {
    Create,
    Add,
    Remove,
    Deactivate,
    Reactivate,
}

impl Write {
    fn method(self) -> &'static str {
        match self {
            Self::Create | Self::Deactivate | Self::Reactivate => "POST",
            Self::Add | Self::Remove => "PUT",
        }
    }

    fn kind(self) -> ActionKind {
        match self {
            Self::Create | Self::Add | Self::Reactivate => ActionKind::BlockAddress,
            Self::Remove | Self::Deactivate => ActionKind::UnblockAddress,
        }
    }

    /// Brings the zone into the state before the request; returns how many entries of the audit that took.
    async fn prepare(self, story: &TestConnection) -> usize {
        let before: &[(ActionKind, &str)] = match self {
            Self::Create => &[],
            Self::Add => &[(ActionKind::BlockAddress, OTHER)],
            Self::Remove => &[(ActionKind::BlockAddress, OTHER), (ActionKind::BlockAddress, ADDRESS)],
            Self::Deactivate => &[(ActionKind::BlockAddress, ADDRESS)],
            Self::Reactivate => &[(ActionKind::BlockAddress, ADDRESS), (ActionKind::UnblockAddress, ADDRESS)],
        };
        for (kind, address) in before {
            let result = story.act(*kind, address).await;
            assert_eq!(result.outcome, Done, "{self:?}: {kind:?} {address}: {result:?}");
        }
        before.len()
    }
}

pub(super) fn zones(story: &TestConnection) -> Vec<Value> {
    story.control().zones().into_iter().filter(|zone| zone["name"] == ZONE).collect()
}

/// Returns whether the active zone of our own has this entry.
pub(super) fn is_blocked(story: &TestConnection, address: &str) -> bool {
    let has =
        |zone: &Value| zone["gateways"].as_array().is_some_and(|all| all.iter().any(|one| is_entry(one, address)));
    zones(story).iter().any(|zone| zone["status"] == "ACTIVE" && has(zone))
}

fn is_entry(entry: &Value, address: &str) -> bool {
    entry["value"].as_str().is_some_and(|value| value.split(['/', '-']).next() == Some(address))
}

/// Returns the methods of the requests to zones, in order.
fn asked(story: &TestConnection) -> Vec<String> {
    let requests = story.control().requests().into_iter();
    let of_zones = requests.filter(|one| one.side == "okta" && one.path.starts_with("/api/v1/zones"));
    of_zones.map(|one| one.method).collect()
}

async fn assert_case(write: Write, case: &Case) -> String {
    let name = format!("{write:?}: {}", case.name);
    let story = story().await;
    let before = write.prepare(&story).await;
    let asked_before = asked(&story).len();
    let path = if matches!(write, Write::Reactivate) { activation(&story) } else { "/api/v1/zones".to_owned() };
    let fault = Fault::on(Side::Okta, (case.fault)()).at(&path).with_method(write.method()).times(1);
    story.control().fault(Some(fault));
    let result = story.act(write.kind(), ADDRESS).await;
    story.control().fault(None);
    let wanted = write.kind() == ActionKind::BlockAddress;
    let is_reached = is_blocked(&story, ADDRESS) == wanted;
    // Whatever is said must be true; what nobody can know is said to be unknown.
    match result.outcome {
        Done => assert!(is_reached, "{name}: {result:?}"),
        Failed => assert!(!is_reached, "{name}: {result:?}"),
        Unknown => {}
        Partly | NothingToDo => panic!("{name}: {result:?}"),
    }
    let is_certain = case.is_applied || case.with_status == Failed && case.without_status == Failed;
    assert!(!is_certain || result.outcome != Unknown, "{name}: {result:?}");
    assert_eq!(zones(&story).len(), usize::from(is_reached || !matches!(write, Write::Create)), "{name}: one zone");
    if matches!(write, Write::Add | Write::Remove) {
        assert!(is_blocked(&story, OTHER), "{name}: the other entry");
    }
    let asked = asked(&story).split_off(asked_before);
    let changes = asked.iter().filter(|method| *method != "GET").count();
    // Reactivation replaces the entries first.
    assert_eq!(changes, if matches!(write, Write::Reactivate) { 2 } else { 1 }, "{name}: sent once: {asked:?}");
    let next = story.act(ActionKind::BlockAddress, NEXT).await;
    assert_eq!((next.outcome, is_blocked(&story, NEXT)), (Done, true), "{name}: the next block: {next:?}");
    assert_audit(&story, before + 2).await;
    format!("{:12} {:26} {:8} {changes} changes", format!("{write:?}"), case.name, result.outcome.as_str())
}

/// Returns the path of the request that makes the zone active again.
fn activation(story: &TestConnection) -> String {
    let zones = zones(story);
    format!("/api/v1/zones/{}/lifecycle/activate", zones[0]["id"].as_str().unwrap())
}

/// Tries every fault of a request, and prints the table.
async fn assert_all(write: Write) {
    for case in &CASES {
        println!("| {}", assert_case(write, case).await);
    }
}

#[tokio::test]
async fn every_fault_of_the_creation_of_the_zone_is_named_as_what_it_left() {
    assert_all(Write::Create).await;
}

#[tokio::test]
async fn every_fault_of_an_addition_is_named_as_what_it_left() {
    assert_all(Write::Add).await;
}

#[tokio::test]
async fn every_fault_of_a_removal_is_named_as_what_it_left() {
    assert_all(Write::Remove).await;
}

#[tokio::test]
async fn every_fault_of_the_deactivation_of_the_zone_is_named_as_what_it_left() {
    assert_all(Write::Deactivate).await;
}

#[tokio::test]
async fn every_fault_of_the_reactivation_of_the_zone_is_named_as_what_it_left() {
    assert_all(Write::Reactivate).await;
}
