//! The rule that decides which addresses are not blocked: those that would lock out Radiant, this app, Okta's own console or an
//! administrator, and those whose block does harm or nothing.
//!
//! The facts are gathered in `connector`; a fact that could not be read is shown and has to be confirmed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::ip_range::IpRange;
use crate::ip_range_set::IpRangeSet;
use crate::radiant_search_settings::RADIANT_ADDRESSES;
use crate::reserved_addresses::{ReservedKind, reserved_in};

/// Most IPv4 addresses of one block: those of a /24. Our own choice; Okta has no such limit.
const MAX_IPV4_ADDRESSES: u128 = 256;
/// Most IPv6 addresses of one block: those of a /64, which is one network.
const MAX_IPV6_ADDRESSES: u128 = 1 << 64;

/// Why an address is not blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ProtectionReason {
    /// No client on the Internet has it.
    Reserved,
    /// Radiant publishes it as its own.
    RadiantPublished,
    /// The token was used from it.
    TokenUse,
    /// A zone that the token is bound to has it.
    TokenZone,
    /// This computer has it, as Okta sees it.
    ThisComputer,
    /// Okta's own console has it.
    OktaConsole,
    /// An administrator signed in from it.
    AdministratorSignIn,
    /// The range is too wide.
    TooWide,
    /// It is an IPv6 address, and the block of those is off.
    Ipv6,
}

impl ProtectionReason {
    /// Returns whether a person may block the address nevertheless, by typing it.
    #[must_use]
    pub fn is_overridable(self) -> bool {
        match self {
            Self::AdministratorSignIn => true,
            Self::Reserved
            | Self::RadiantPublished
            | Self::TokenUse
            | Self::TokenZone
            | Self::ThisComputer
            | Self::OktaConsole
            | Self::TooWide
            | Self::Ipv6 => false,
        }
    }
}

/// Addresses that are not blocked, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtectedAddress {
    /// The addresses.
    pub range: IpRange,
    /// The reason.
    pub reason: ProtectionReason,
    /// The kind of a reserved range.
    pub reserved: Option<ReservedKind>,
    /// When it was last observed in the System Log.
    pub at: Option<DateTime<Utc>>,
    /// Whose it is: the login of an administrator, or the name of a zone.
    pub of: Option<String>,
}

impl ProtectedAddress {
    /// Returns addresses without details.
    #[must_use]
    pub fn new(range: IpRange, reason: ProtectionReason) -> Self {
        Self { range, reason, reserved: None, at: None, of: None }
    }
}

/// A fact that could not be read. Each has to be confirmed before an address is blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum UnknownProtectionFact {
    /// From which addresses the token was used in the last 90 days.
    TokenUse,
    /// Which zones the token is bound to, and their addresses.
    TokenZones,
    /// The address of this computer as Okta sees it.
    ThisComputer,
    /// From which addresses administrators signed in, and which addresses Okta's console has.
    AdministratorSignIns,
}

/// What is known about an org's addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtectionFacts {
    /// Addresses found in Okta.
    pub found: Vec<ProtectedAddress>,
    /// Facts that could not be read, or only in part.
    pub unknown: Vec<UnknownProtectionFact>,
    /// Whether IPv6 addresses may be blocked.
    pub is_ipv6_allowed: bool,
}

/// The judgment of one address or range that shall be blocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressVerdict {
    /// The addresses.
    pub range: IpRange,
    /// Why they are not blocked; empty if they may be.
    pub refusals: Vec<ProtectedAddress>,
    /// Why the address has to be typed before it is blocked.
    pub overrides: Vec<ProtectedAddress>,
    /// What is unknown and has to be confirmed.
    pub to_confirm: Vec<UnknownProtectionFact>,
}

/// Judges the addresses and ranges of one run. The width is that of the targets merged, so that several narrow ranges do not
/// make a wide one.
#[must_use]
pub fn judge(targets: &[IpRange], facts: &ProtectionFacts) -> Vec<AddressVerdict> {
    let merged: IpRangeSet = targets.iter().copied().collect();
    targets.iter().map(|target| verdict(target, &merged, facts)).collect()
}

fn verdict(target: &IpRange, merged: &IpRangeSet, facts: &ProtectionFacts) -> AddressVerdict {
    let reserved = reserved_in(target).into_iter().map(|(range, kind)| ProtectedAddress {
        reserved: Some(kind),
        ..ProtectedAddress::new(range, ProtectionReason::Reserved)
    });
    let published = RADIANT_ADDRESSES.into_iter().filter_map(|address| IpRange::parse(address).ok());
    let published = published.map(|range| ProtectedAddress::new(range, ProtectionReason::RadiantPublished));
    let inside = reserved.chain(published).chain(facts.found.iter().cloned());
    let inside = inside.filter(|protected| protected.range.overlaps(target));
    let wide = merged.ranges().iter().find(|range| range.contains(target) && is_too_wide(range));
    let wide = wide.map(|range| ProtectedAddress::new(*range, ProtectionReason::TooWide));
    let ipv6 =
        (target.is_ipv6() && !facts.is_ipv6_allowed).then(|| ProtectedAddress::new(*target, ProtectionReason::Ipv6));
    let (overrides, refusals) = inside.chain(wide).chain(ipv6).partition(|protected| protected.reason.is_overridable());
    AddressVerdict { range: *target, refusals, overrides, to_confirm: facts.unknown.clone() }
}

fn is_too_wide(range: &IpRange) -> bool {
    range.size() > if range.is_ipv6() { MAX_IPV6_ADDRESSES } else { MAX_IPV4_ADDRESSES }
}

#[cfg(test)]
mod tests;
