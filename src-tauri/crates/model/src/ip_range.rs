//! A range of IP addresses as a closed interval. Okta changes the notation of an entry (REAL: `a` comes back as `a-a`), so that
//! entries are compared as intervals and never as text.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// The addresses from a first to a last one, both included and of one family. An IPv4 address in its IPv6 form
/// (`::ffff:192.0.2.1`) is the IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IpRange {
    // The order of the fields is that of the comparison: by family, then by the first address.
    first: IpAddr,
    last: IpAddr,
}

/// Why a text is no range of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IpRangeError {
    /// The text is no address, no CIDR block and no range.
    #[error("not an IP address, a CIDR block or a range")]
    NotAnAddress,
    /// The ends are addresses of both families.
    #[error("a range of IPv4 and IPv6")]
    MixedFamilies,
    /// The first address is after the last one.
    #[error("the first address is after the last one")]
    Reversed,
}

impl IpRange {
    /// Returns the range of a single address.
    #[must_use]
    pub fn single(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self { first: address, last: address }
    }

    /// Returns the range between two addresses.
    ///
    /// # Errors
    /// [`IpRangeError::MixedFamilies`] or [`IpRangeError::Reversed`].
    pub fn between(first: IpAddr, last: IpAddr) -> Result<Self, IpRangeError> {
        let (first, last) = match (first.to_canonical(), last.to_canonical()) {
            // Only one end is an IPv4 address in its IPv6 form: the range reaches beyond IPv4.
            (canonical, other) if canonical.is_ipv4() != other.is_ipv4() => (first, last),
            canonical => canonical,
        };
        match (first, last) {
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => Err(IpRangeError::MixedFamilies),
            (first, last) if first > last => Err(IpRangeError::Reversed),
            (first, last) => Ok(Self { first, last }),
        }
    }

    /// Parses `a`, `a/n` or `a-b`. Bits of the host in a CIDR block are ignored, as Okta ignores them.
    ///
    /// # Errors
    /// Why the text is no range.
    pub fn parse(text: &str) -> Result<Self, IpRangeError> {
        let text = text.trim();
        if let Some((first, last)) = text.split_once('-') {
            return Self::between(address(first)?, address(last)?);
        }
        if text.contains('/') {
            let block: IpNet = text.parse().map_err(|_| IpRangeError::NotAnAddress)?;
            return Self::between(block.network(), block.broadcast());
        }
        address(text).map(Self::single)
    }

    /// Returns the first address.
    #[must_use]
    pub fn first(&self) -> IpAddr {
        self.first
    }

    /// Returns the last address.
    #[must_use]
    pub fn last(&self) -> IpAddr {
        self.last
    }

    /// Returns whether it is a range of IPv6 addresses.
    #[must_use]
    pub fn is_ipv6(&self) -> bool {
        self.first.is_ipv6()
    }

    /// Returns whether it is one address.
    #[must_use]
    pub fn is_single(&self) -> bool {
        self.first == self.last
    }

    /// Returns the number of addresses; one less than all of IPv6, which no integer holds.
    #[must_use]
    pub fn size(&self) -> u128 {
        (number(self.last) - number(self.first)).saturating_add(1)
    }

    /// Returns whether every address of `other` is in this range.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.is_ipv6() == other.is_ipv6() && self.first <= other.first && other.last <= self.last
    }

    /// Returns whether an address is in this range.
    #[must_use]
    pub fn contains_address(&self, address: IpAddr) -> bool {
        self.contains(&Self::single(address))
    }

    /// Returns the addresses in both ranges.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        Self::between(self.first.max(other.first), self.last.min(other.last))
            .ok()
            .filter(|_| self.is_ipv6() == other.is_ipv6())
    }

    /// Returns whether both ranges have an address in common.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.intersection(other).is_some()
    }

    /// Returns the length of the longest prefix that all addresses share: 24 for `192.0.2.0-192.0.2.255`.
    #[must_use]
    pub fn prefix_length(&self) -> u8 {
        let different = number(self.first) ^ number(self.last);
        let bits = u32::from(self.bits());
        u8::try_from(bits.saturating_sub(u128::BITS - different.leading_zeros())).unwrap_or_default()
    }

    /// Returns whether the range is one CIDR block; a single address is one.
    #[must_use]
    pub fn is_cidr(&self) -> bool {
        self.block().is_some()
    }

    /// Returns the notation of a CIDR block, also of a single address (`192.0.2.1/32`); `None` for a range that is none.
    #[must_use]
    pub fn to_cidr(&self) -> Option<String> {
        self.block().map(|block| block.to_string())
    }

    fn block(&self) -> Option<IpNet> {
        let block = IpNet::new(self.first, self.prefix_length()).ok()?;
        (block.network() == self.first && block.broadcast() == self.last).then_some(block)
    }

    fn bits(&self) -> u8 {
        if self.is_ipv6() { 128 } else { 32 }
    }

    /// Returns whether the other range overlaps this one or begins where it ends.
    pub(crate) fn touches(&self, other: &Self) -> bool {
        self.is_ipv6() == other.is_ipv6()
            && number(self.first) <= number(other.last).saturating_add(1)
            && number(other.first) <= number(self.last).saturating_add(1)
    }

    /// Returns the smallest range that contains both; `None` for two families.
    pub(crate) fn hull(&self, other: &Self) -> Option<Self> {
        Self::between(self.first.min(other.first), self.last.max(other.last))
            .ok()
            .filter(|_| self.is_ipv6() == other.is_ipv6())
    }

    /// Returns the parts of this range that are not in the other one.
    pub(crate) fn without(&self, other: &Self) -> impl Iterator<Item = Self> + use<> {
        let common = self.intersection(other);
        let before = common.and_then(|common| previous(common.first)).filter(|last| *last >= self.first);
        let after = common.and_then(|common| next(common.last)).filter(|first| *first <= self.last);
        let parts = [
            before.map(|last| Self { first: self.first, last }),
            after.map(|first| Self { first, last: self.last }),
            common.is_none().then_some(*self),
        ];
        parts.into_iter().flatten()
    }
}

/// Writes `a`, `a/n` or, for a range that is no CIDR block, `a-b`.
impl fmt::Display for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.block() {
            _ if self.is_single() => self.first.fmt(f),
            Some(block) => block.fmt(f),
            None => write!(f, "{}-{}", self.first, self.last),
        }
    }
}

impl FromStr for IpRange {
    type Err = IpRangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for IpRange {
    type Error = IpRangeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<IpRange> for String {
    fn from(range: IpRange) -> Self {
        range.to_string()
    }
}

fn address(text: &str) -> Result<IpAddr, IpRangeError> {
    text.trim().parse().map_err(|_| IpRangeError::NotAnAddress)
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

fn previous(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => u32::from(address).checked_sub(1).map(|number| Ipv4Addr::from(number).into()),
        IpAddr::V6(address) => u128::from(address).checked_sub(1).map(|number| Ipv6Addr::from(number).into()),
    }
}

fn next(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => u32::from(address).checked_add(1).map(|number| Ipv4Addr::from(number).into()),
        IpAddr::V6(address) => u128::from(address).checked_add(1).map(|number| Ipv6Addr::from(number).into()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range(text: &str) -> IpRange {
        IpRange::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn every_notation_of_the_same_addresses_is_the_same_range() {
        for (shown, notations) in [
            ("192.0.2.17", &["192.0.2.17", "192.0.2.17/32", "192.0.2.17-192.0.2.17", " 192.0.2.17 - 192.0.2.17 "][..]),
            ("192.0.2.17", &["::ffff:192.0.2.17", "::ffff:c000:211/128"]),
            ("192.0.2.0/24", &["192.0.2.0/24", "192.0.2.99/24", "192.0.2.0-192.0.2.255", "::ffff:192.0.2.0/120"]),
            ("192.0.2.4-192.0.2.9", &["192.0.2.4-192.0.2.9"]),
            ("2001:db8::1", &["2001:0db8:0000::1", "2001:DB8::1/128", "2001:db8::1-2001:db8:0:0:0:0:0:1"]),
            ("2001:db8::/32", &["2001:db8::/32", "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"]),
        ] {
            for notation in notations {
                assert_eq!(range(notation).to_string(), shown, "{notation}");
            }
        }
    }

    #[test]
    fn what_is_no_range_is_refused_with_its_reason() {
        for text in [
            "",
            "x",
            "192.0.2",
            "192.0.2.256",
            "010.0.0.1",
            "192.0.2.0/33",
            "192.0.2.0/",
            "2001:db8::/129",
            "fe80::1%eth0",
            // In an example of Okta's specification.
            "15.5.6.7/24-15.5.6.9",
            "1.2.3.4/24'",
            "192.0.2.1,192.0.2.2",
            "https://192.0.2.1",
            "192.0.2.1-192.0.2.2-192.0.2.3",
        ] {
            assert_eq!(IpRange::parse(text), Err(IpRangeError::NotAnAddress), "{text}");
        }
        assert_eq!(IpRange::parse("192.0.2.2-192.0.2.1"), Err(IpRangeError::Reversed));
        assert_eq!(IpRange::parse("192.0.2.2-2001:db8::1"), Err(IpRangeError::MixedFamilies));
    }

    #[test]
    fn the_prefix_is_that_of_the_smallest_block_around_a_range() {
        for (text, length, cidr) in [
            ("192.0.2.17", 32, Some("192.0.2.17/32")),
            ("192.0.2.0-192.0.2.255", 24, Some("192.0.2.0/24")),
            ("192.0.2.0-192.0.2.200", 24, None),
            ("192.0.2.255-192.0.3.0", 23, None),
            ("0.0.0.0-255.255.255.255", 0, Some("0.0.0.0/0")),
            ("2001:db8::/64", 64, Some("2001:db8::/64")),
            ("::/0", 0, Some("::/0")),
        ] {
            assert_eq!((range(text).prefix_length(), range(text).to_cidr().as_deref()), (length, cidr), "{text}");
        }
        assert_eq!((range("192.0.2.0/24").size(), range("::/0").size()), (256, u128::MAX));
    }

    #[test]
    fn the_families_have_nothing_in_common() {
        let (v4, v6) = (range("0.0.0.0/0"), range("::/0"));
        assert!(!v4.contains(&v6) && !v6.contains(&v4) && !v4.overlaps(&v6) && !v4.touches(&v6));
        assert_eq!(v4.hull(&v6), None);
        assert!(!v6.contains_address("::ffff:192.0.2.1".parse().unwrap()), "it is an IPv4 address");
    }

    proptest! {
        #[test]
        fn a_shown_range_is_the_same_range_when_it_is_parsed(first in any::<u128>(), length in 0..=128_u8, v4 in any::<bool>()) {
            let range = any_range(first, length, v4);
            prop_assert_eq!(IpRange::parse(&range.to_string()), Ok(range));
            let json = serde_json::to_string(&range).unwrap();
            prop_assert_eq!(serde_json::from_str::<IpRange>(&json).unwrap(), range);
        }

        #[test]
        fn the_parts_of_a_difference_and_the_intersection_make_the_range(
            a in any::<u8>(), b in any::<u8>(), c in any::<u8>(), d in any::<u8>()
        ) {
            let (one, other) = (small(a, b), small(c, d));
            let rest: u128 = one.without(&other).map(|part| part.size()).sum();
            let common = one.intersection(&other).map_or(0, |common| common.size());
            prop_assert_eq!(rest + common, one.size());
            prop_assert!(one.without(&other).all(|part| one.contains(&part) && !part.overlaps(&other)));
            prop_assert_eq!(one.overlaps(&other), other.overlaps(&one));
        }

        #[test]
        fn any_text_is_parsed_without_a_panic(text in "[0-9a-f:./ -]{0,60}") {
            if let Ok(range) = IpRange::parse(&text) {
                prop_assert!(range.first() <= range.last() && range.prefix_length() <= range.bits());
            }
        }
    }

    fn small(a: u8, b: u8) -> IpRange {
        let address = |last| Ipv4Addr::new(192, 0, 2, last).into();
        IpRange::between(address(a.min(b)), address(a.max(b))).unwrap()
    }

    fn any_range(first: u128, length: u8, v4: bool) -> IpRange {
        let address = if v4 { Ipv4Addr::from(first as u32).into() } else { IpAddr::from(Ipv6Addr::from(first)) };
        let bits = if v4 { 32 } else { 128 };
        let block = IpNet::new(address, length.min(bits)).unwrap();
        IpRange::between(block.network(), block.broadcast()).unwrap()
    }
}
