//! The addresses that are protected, as they are read from an organization.

use connector::blocklist::ProtectionQuery;
use model::protected_address::{ProtectionFacts, ProtectionReason, UnknownProtectionFact, judge};
use practice::{Change, Fault, FaultKind, Options, Side};

use super::{Org, client, range};

async fn facts(org: &Org, token: &str) -> ProtectionFacts {
    let okta = client(&org.practice, token, &org.clock);
    let owner_id = okta.me().await.unwrap().value.id;
    let query = ProtectionQuery { owner_id, okta_now: org.clock.now(), is_ipv6_allowed: false };
    let blocklist = connector::blocklist::Blocklist::new(&okta, &org.clock, org.pace, &|| 0.5);
    let survey = blocklist.survey().await.unwrap();
    blocklist.protection_facts(&survey, &query).await
}

/// Returns the reasons to refuse or type an address.
fn reasons(facts: &ProtectionFacts, address: &str) -> Vec<ProtectionReason> {
    let verdict = judge(&[range(address)], facts).remove(0);
    let mut reasons: Vec<_> = verdict.refusals.into_iter().chain(verdict.overrides).map(|one| one.reason).collect();
    reasons.sort();
    reasons.dedup();
    reasons
}

#[tokio::test]
async fn the_address_of_this_computer_is_known_after_its_first_change() {
    let org = Org::simulated(Options::default()).await;
    let token = org.practice.card().tokens.super_admin.clone();
    org.practice.control().set(Change::ClientAddress { address: "203.0.113.9".parse().unwrap() });
    let before = facts(&org, &token).await;
    assert_eq!(before.unknown, [UnknownProtectionFact::ThisComputer]);
    assert_eq!(reasons(&before, "203.0.113.9"), [], "unknown, which has to be confirmed");
    // The token was created from here.
    assert_eq!(reasons(&before, "198.51.100.7"), [ProtectionReason::TokenUse]);
    org.block("203.0.113.7", None).await;
    let after = facts(&org, &token).await;
    assert_eq!(after.unknown, []);
    assert_eq!(reasons(&after, "203.0.113.9"), [ProtectionReason::TokenUse, ProtectionReason::ThisComputer]);
    assert_eq!(reasons(&after, "203.0.113.8"), []);
}

#[tokio::test]
async fn the_zones_of_a_bound_token_are_protected() {
    let org = Org::simulated(Options::default()).await;
    org.practice.control().set(Change::Restrict { principal: "super_admin".to_owned(), on: true });
    let bound = org.practice.control();
    // The practice org refuses a restricted token, so that its entry is read with another token of the same kind.
    bound.set(Change::Restrict { principal: "super_admin".to_owned(), on: false });
    bound.set(Change::TokenMade { principal: "super_admin_next".to_owned() });
    bound.set(Change::Restrict { principal: "super_admin_next".to_owned(), on: true });
    let facts = facts(&org, &org.practice.card().tokens.super_admin.clone()).await;
    let office = facts.found.iter().find(|one| one.reason == ProtectionReason::TokenZone).unwrap();
    assert_eq!((office.range, office.of.as_deref()), (range("198.51.100.0/24"), Some("Office")));
    assert_eq!(reasons(&facts, "198.51.100.99"), [ProtectionReason::TokenZone]);
}

#[tokio::test]
async fn the_addresses_of_administrators_can_be_overridden_and_those_of_oktas_console_cannot() {
    let org = Org::simulated(Options::default()).await;
    let token = org.practice.card().tokens.super_admin.clone();
    let opens = |address: &str, console: Option<&str>| Change::AdministratorOpensConsole {
        address: address.parse().unwrap(),
        console_address: console.map(|console| console.parse().unwrap()),
    };
    org.practice.control().set(opens("192.0.2.99", None));
    org.practice.control().set(opens("192.0.2.17", Some("203.0.113.200")));
    let found = facts(&org, &token).await;
    for (address, expected) in [
        ("192.0.2.99", &[ProtectionReason::AdministratorSignIn][..]),
        ("192.0.2.17", &[ProtectionReason::AdministratorSignIn]),
        ("203.0.113.200", &[ProtectionReason::OktaConsole]),
        ("192.0.2.0/24", &[ProtectionReason::AdministratorSignIn]),
        ("203.0.113.201", &[]),
    ] {
        assert_eq!(reasons(&found, address), expected, "{address}");
    }
    let who = found.found.iter().find(|one| one.range == range("192.0.2.17")).unwrap();
    assert_eq!((who.of.as_deref(), who.at), (Some("jo.marsh@practice.example"), Some(org.clock.now())));
    org.practice.control().set(Change::AdvanceTime { ms: 31 * 86_400_000 });
    org.clock.advance(chrono::TimeDelta::days(31));
    assert_eq!(reasons(&facts(&org, &token).await, "192.0.2.17"), [], "a month ago");
}

#[tokio::test]
async fn what_cannot_be_read_is_named_as_unknown() {
    let org = Org::simulated(Options::default()).await;
    org.block("203.0.113.7", None).await;
    let token = org.practice.card().tokens.super_admin.clone();
    for (path, expected) in [
        (
            "/api/v1/logs",
            vec![
                UnknownProtectionFact::TokenUse,
                UnknownProtectionFact::ThisComputer,
                UnknownProtectionFact::AdministratorSignIns,
            ],
        ),
        ("/api/v1/api-tokens", vec![UnknownProtectionFact::TokenZones]),
    ] {
        let refused = FaultKind::Status { status: 403, code: "E0000006".to_owned() };
        org.practice.control().fault(Some(Fault::on(Side::Okta, refused).at(path)));
        assert_eq!(facts(&org, &token).await.unknown, expected, "{path}");
    }
}
