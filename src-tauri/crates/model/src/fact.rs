//! A fact that a check observed.

use serde::{Deserialize, Serialize};
use specta::Type;

/// The meaning of a [`Fact`]. Its label is `fact.<key>` in the message catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum FactKey {
    /// Name of the keychain in use.
    Keychain,
    /// Okta's id of the org.
    OrgId,
    /// `Identity Engine` or `Classic`.
    Pipeline,
    /// Certificate issuer, by its common name or organization.
    Issuer,
    /// Proxy in use.
    Proxy,
    /// Difference between this computer's clock and Okta's, in whole seconds; positive means this computer is ahead.
    ClockOffset,
    /// The owner's login.
    Owner,
    /// The owner's display name.
    OwnerName,
    /// Okta's status of the owner.
    OwnerStatus,
    /// An indication that the owner is a person or a service account.
    OwnerSign,
    /// One administrator role of the owner.
    Role,
    /// Name of the token list's entry that is probably or certainly this token.
    TokenName,
    /// Okta's id of that entry.
    TokenId,
    /// How certain the match with that entry is: `certain` or `probable`.
    TokenSureness,
    /// When that entry was created.
    CreatedAt,
    /// When the token expires unless used.
    ExpiresAt,
    /// From which networks the token may be used.
    Network,
    /// Newest event's `published`.
    NewestEvent,
    /// Number of events in the examined window.
    EventCount,
    /// Number of users that were returned (at most one).
    UserCount,
    /// Number of network zones that were listed.
    ZoneCount,
    /// Number of entries of a list that could not be read and were left out.
    UnreadableEntries,
    /// `X-Rate-Limit-Limit`.
    RateLimit,
    /// `X-Rate-Limit-Remaining`.
    RateRemaining,
    /// Another client that reads the System Log.
    OtherConsumer,
    /// The Radiant index in use.
    RadiantIndex,
    /// Radiant's `rs_connectorType` in use.
    ConnectorType,
    /// Radiant's timestamp field in use.
    TimestampField,
    /// `uuid` of an event that was found on both sides.
    EventUuid,
    /// Delivery delay: seconds that the oldest event which is missing in Radiant has waited; zero if none is missing.
    Lag,
    /// Share of a window's events that were found in Radiant, as "found / expected".
    Share,
    /// Parts of Radiant's data that were searched, as "searched / all", if not all were.
    SearchedParts,
    /// The least privileged standard role that covers the profile.
    LeastRole,
    /// This computer's address as reported by Okta.
    EgressAddress,
}

/// A fact that a check found. Values are unchanged text from Okta or Radiant; times are RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Fact {
    /// Its meaning.
    pub key: FactKey,
    /// The value.
    pub value: String,
}
