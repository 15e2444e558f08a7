use super::*;

/// What is known about an org in these tests.
fn facts() -> ProtectionFacts {
    let found = [
        ("203.0.113.50", ProtectionReason::TokenUse),
        ("198.51.100.0/25", ProtectionReason::TokenZone),
        ("203.0.113.9", ProtectionReason::ThisComputer),
        ("203.0.113.200", ProtectionReason::OktaConsole),
        ("192.0.2.17", ProtectionReason::AdministratorSignIn),
        ("2001:db8::17", ProtectionReason::ThisComputer),
    ];
    ProtectionFacts {
        found: found.map(|(range, reason)| ProtectedAddress::new(range.parse().unwrap(), reason)).to_vec(),
        unknown: Vec::new(),
        is_ipv6_allowed: false,
    }
}

fn ranges(targets: &[&str]) -> Vec<IpRange> {
    targets.iter().map(|target| target.parse().unwrap()).collect()
}

/// Returns the reasons to refuse a target, and those to have it typed.
fn reasons(target: &str, facts: &ProtectionFacts) -> (Vec<ProtectionReason>, Vec<ProtectionReason>) {
    let verdict = judge(&ranges(&[target]), facts).remove(0);
    let reasons = |found: Vec<ProtectedAddress>| {
        let mut reasons: Vec<_> = found.into_iter().map(|one| one.reason).collect();
        reasons.sort();
        reasons.dedup();
        reasons
    };
    (reasons(verdict.refusals), reasons(verdict.overrides))
}

#[test]
fn each_address_is_refused_for_every_reason_that_it_has() {
    use ProtectionReason::{
        AdministratorSignIn, Ipv6, OktaConsole, RadiantPublished, Reserved, ThisComputer, TokenUse, TokenZone, TooWide,
    };
    let facts = facts();
    for (target, refusals, overrides) in [
        ("203.0.113.77", &[][..], &[][..]),
        ("203.0.113.0/27", &[ThisComputer], &[]),
        ("203.0.113.64/26", &[], &[]),
        ("198.51.100.128/25", &[], &[]),
        ("10.1.2.3", &[Reserved], &[]),
        ("192.168.0.0/24", &[Reserved], &[]),
        ("172.16.5.5-172.16.5.9", &[Reserved], &[]),
        ("100.64.3.4", &[Reserved], &[]),
        ("127.0.0.1", &[Reserved], &[]),
        ("169.254.169.254", &[Reserved], &[]),
        ("224.0.0.251", &[Reserved], &[]),
        ("240.0.0.1", &[Reserved], &[]),
        ("255.255.255.255", &[Reserved], &[]),
        ("0.0.0.0", &[Reserved], &[]),
        ("9.255.255.255-10.0.0.0", &[Reserved], &[]),
        ("100.21.80.201", &[RadiantPublished], &[]),
        ("52.11.97.160/28", &[RadiantPublished], &[]),
        ("35.164.70.154/32", &[RadiantPublished], &[]),
        ("35.164.70.155", &[], &[]),
        ("203.0.113.50", &[TokenUse], &[]),
        ("198.51.100.7", &[TokenZone], &[]),
        ("198.51.100.0/24", &[TokenZone], &[]),
        ("203.0.113.9-203.0.113.9", &[ThisComputer], &[]),
        ("203.0.113.200", &[OktaConsole], &[]),
        ("192.0.2.17", &[], &[AdministratorSignIn]),
        ("192.0.2.0/24", &[], &[AdministratorSignIn]),
        ("203.0.113.0/24", &[TokenUse, ThisComputer, OktaConsole], &[]),
        ("192.0.2.0/23", &[TooWide], &[AdministratorSignIn]),
        ("203.0.112.0-203.0.113.0", &[TooWide], &[]),
        ("203.0.112.1-203.0.113.0", &[], &[]),
        ("8.0.0.0/8", &[TooWide], &[]),
        (
            "0.0.0.0/0",
            &[Reserved, RadiantPublished, TokenUse, TokenZone, ThisComputer, OktaConsole, TooWide],
            &[AdministratorSignIn],
        ),
        ("2001:db8::1", &[Ipv6], &[]),
        ("2001:db8::17", &[ThisComputer, Ipv6], &[]),
        ("::1", &[Reserved, Ipv6], &[]),
        ("fd00::1", &[Reserved, Ipv6], &[]),
        ("::ffff:10.1.2.3", &[Reserved], &[]),
        ("::ffff:203.0.113.9", &[ThisComputer], &[]),
    ] {
        assert_eq!(reasons(target, &facts), (refusals.to_vec(), overrides.to_vec()), "{target}");
    }
}

#[test]
fn ipv6_is_judged_like_ipv4_once_it_is_switched_on() {
    let facts = ProtectionFacts { is_ipv6_allowed: true, ..facts() };
    for (target, refusals) in [
        ("2001:db8::1", &[][..]),
        ("2001:db8:1::/64", &[]),
        ("2001:db8:1::/63", &[ProtectionReason::TooWide]),
        ("2001:db8::17", &[ProtectionReason::ThisComputer]),
        ("fe80::1", &[ProtectionReason::Reserved]),
    ] {
        assert_eq!(reasons(target, &facts).0, refusals.to_vec(), "{target}");
    }
}

#[test]
fn narrow_ranges_that_make_a_wide_one_together_are_refused_each() {
    let parts = ranges(&["203.0.112.0/25", "203.0.112.128/25", "203.0.113.0", "192.0.2.77"]);
    let wide: Vec<bool> = judge(&parts, &ProtectionFacts::default())
        .iter()
        .map(|verdict| verdict.refusals.iter().any(|refusal| refusal.reason == ProtectionReason::TooWide))
        .collect();
    assert_eq!(wide, [true, true, true, false]);
    let apart = ranges(&["203.0.112.0/24", "203.0.114.0/24"]);
    assert!(judge(&apart, &ProtectionFacts::default()).iter().all(|verdict| verdict.refusals.is_empty()));
}

#[test]
fn what_is_unknown_has_to_be_confirmed_for_every_target() {
    let unknown = vec![UnknownProtectionFact::ThisComputer, UnknownProtectionFact::TokenUse];
    let facts = ProtectionFacts { unknown: unknown.clone(), ..ProtectionFacts::default() };
    for verdict in judge(&ranges(&["203.0.113.1", "203.0.113.2"]), &facts) {
        assert_eq!((verdict.to_confirm, verdict.refusals), (unknown.clone(), Vec::new()));
    }
}

#[test]
fn only_an_administrators_sign_in_can_be_overridden() {
    let all = [
        ProtectionReason::Reserved,
        ProtectionReason::RadiantPublished,
        ProtectionReason::TokenUse,
        ProtectionReason::TokenZone,
        ProtectionReason::ThisComputer,
        ProtectionReason::OktaConsole,
        ProtectionReason::AdministratorSignIn,
        ProtectionReason::TooWide,
        ProtectionReason::Ipv6,
    ];
    let overridable: Vec<_> = all.into_iter().filter(|reason| reason.is_overridable()).collect();
    assert_eq!(overridable, [ProtectionReason::AdministratorSignIn]);
}
