//! Addresses that no client on the Internet has (IANA special-purpose address registries, RFC 6890). Blocking them has no use or
//! locks out an organization's own network.
//!
//! The documentation ranges (RFC 5737, RFC 3849) are not among them: nobody is behind them, so that a rehearsal and the practice
//! organization use them.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::ip_range::IpRange;

/// The kind of a reserved range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReservedKind {
    /// This host, or no address.
    Unspecified,
    /// A private network, also the shared space of providers.
    Private,
    /// This computer.
    Loopback,
    /// One link of a network, also the address of a cloud's metadata service.
    LinkLocal,
    /// A group of receivers, or everybody.
    Multicast,
    /// Protocols, tests and future use.
    Reserved,
}

const TABLE: [(&str, ReservedKind); 23] = [
    ("0.0.0.0/8", ReservedKind::Unspecified),
    ("10.0.0.0/8", ReservedKind::Private),
    ("100.64.0.0/10", ReservedKind::Private),
    ("127.0.0.0/8", ReservedKind::Loopback),
    ("169.254.0.0/16", ReservedKind::LinkLocal),
    ("172.16.0.0/12", ReservedKind::Private),
    ("192.0.0.0/24", ReservedKind::Reserved),
    ("192.88.99.0/24", ReservedKind::Reserved),
    ("192.168.0.0/16", ReservedKind::Private),
    ("198.18.0.0/15", ReservedKind::Reserved),
    ("224.0.0.0/4", ReservedKind::Multicast),
    ("240.0.0.0-255.255.255.254", ReservedKind::Reserved),
    ("255.255.255.255", ReservedKind::Multicast),
    ("::", ReservedKind::Unspecified),
    ("::1", ReservedKind::Loopback),
    ("64:ff9b::/96", ReservedKind::Reserved),
    ("64:ff9b:1::/48", ReservedKind::Private),
    ("100::/64", ReservedKind::Reserved),
    ("2001::/23", ReservedKind::Reserved),
    ("2002::/16", ReservedKind::Reserved),
    ("fc00::/7", ReservedKind::Private),
    ("fe80::/10", ReservedKind::LinkLocal),
    ("ff00::/8", ReservedKind::Multicast),
];

/// Returns the reserved ranges that a range has addresses of, with their kinds.
#[must_use]
pub fn reserved_in(range: &IpRange) -> Vec<(IpRange, ReservedKind)> {
    let parsed = TABLE.into_iter().filter_map(|(text, kind)| Some((IpRange::parse(text).ok()?, kind)));
    parsed.filter(|(reserved, _)| reserved.overlaps(range)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_of_the_table_is_a_range() {
        for (text, kind) in TABLE {
            let range = IpRange::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert!(reserved_in(&range).contains(&(range, kind)), "{text}");
        }
    }

    #[test]
    fn a_range_that_reaches_into_reserved_addresses_is_found() {
        for (text, kind) in [
            ("10.1.2.3", Some(ReservedKind::Private)),
            ("172.31.255.255", Some(ReservedKind::Private)),
            ("172.32.0.0", None),
            ("100.100.1.1", Some(ReservedKind::Private)),
            ("127.0.0.53", Some(ReservedKind::Loopback)),
            ("169.254.169.254", Some(ReservedKind::LinkLocal)),
            ("9.255.255.250-10.0.0.1", Some(ReservedKind::Private)),
            ("255.255.255.255", Some(ReservedKind::Multicast)),
            ("8.8.8.8", None),
            ("198.51.100.7", None),
            ("203.0.113.0/24", None),
            ("::1", Some(ReservedKind::Loopback)),
            ("fd00::1", Some(ReservedKind::Private)),
            ("ff02::1", Some(ReservedKind::Multicast)),
            ("2001:db8::1", None),
            ("2a00::1", None),
        ] {
            let found = reserved_in(&IpRange::parse(text).unwrap()).first().map(|(_, kind)| *kind);
            assert_eq!(found, kind, "{text}");
        }
    }
}
