//! Blocked addresses: the zone that this app blocks them in, and the outcomes of a block and of its undo.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::check::Evidence;
use crate::ip_range::IpRange;
use crate::problem::Problem;

/// The name of the zone that this app creates. The zone is found by its id; the name is for people.
pub const ZONE_NAME: &str = "Okta Connector blocklist";

/// Gateways of a zone that an administrator creates, by Okta's documents (HELP create-ip-zone).
pub const ZONE_GATEWAYS: u32 = 150;

/// Gateways of a blocklist zone (SPEC IPNetworkZone). The documents name both numbers, so that the lower one is stated and only
/// this one is refused here.
pub const BLOCKLIST_GATEWAYS: u32 = 1_000;

/// The zone that addresses are blocked in. The caller stores what the last outcome returned, whatever its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlocklistZone {
    /// Okta's ID.
    pub id: String,
    /// Its name when it was last read.
    pub name: String,
    /// Whether others edit it too: Okta's own `BlockedIpZone`, where Okta refused a zone of our own.
    pub is_shared: bool,
    /// The entry that was lifted by deactivating the zone and is still in it: an IP zone is never empty.
    pub parked: Option<IpRange>,
}

/// An entry of a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockingEntry {
    /// The zone's ID.
    pub zone_id: String,
    /// The zone's name.
    pub zone_name: String,
    /// Whether the zone is Okta's own.
    pub is_system: bool,
    /// The entry as Okta wrote it.
    pub text: String,
    /// Its addresses; `None` if the text is no range, as in an example of Okta's own specification.
    pub range: Option<IpRange>,
}

/// A zone at one time, as far as it concerns one range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneSnapshot {
    /// Whether the zone was active.
    pub is_active: bool,
    /// The number of its entries.
    pub entries: u32,
    /// The entries with addresses of the range.
    pub overlapping: Vec<String>,
}

/// A change of the same zone by somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherChange {
    /// The `uuid` of its event.
    pub event: String,
    /// Its event type, for example `zone.update`.
    pub event_type: String,
    /// When it happened, by Okta's clock.
    pub at: DateTime<Utc>,
    /// The login of who changed it, if the event names it.
    pub actor: Option<String>,
}

/// Whether a change of somebody else may have been overwritten: Okta replaces a zone as a whole and compares nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Interference {
    /// Nothing was written, or nobody else changed the zone meanwhile.
    #[default]
    None,
    /// Somebody else changed the zone between our read and our write.
    Possible {
        /// The changes.
        changes: Vec<OtherChange>,
    },
    /// The System Log could not be read, or does not show our own change yet.
    Unknown,
}

/// What the person agreed to before the block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BlockConsent {
    /// Okta's `BlockedIpZone`, which others edit too, may be used where Okta refuses a zone of our own.
    pub shared_zone: bool,
    /// The entries of others in our inactive zone may become effective again.
    pub reactivation: bool,
}

/// Why a zone cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum UnusableZone {
    /// It is no blocklist of IP addresses any more.
    NotABlocklist,
    /// It has as many entries as Okta allows.
    Full {
        /// The number of entries.
        entries: u32,
    },
    /// Another zone has our zone's name, and it is not known to be ours.
    NameTaken {
        /// Its ID.
        zone_id: String,
    },
    /// No zone that could be shared was found.
    NoSharedZone,
    /// The list of zones could not be read to its end, so that nothing is known to be missing.
    ListIncomplete,
    /// It is inactive, and entries of others in it would become effective again.
    HasOthersEntries {
        /// The entries.
        entries: Vec<String>,
    },
}

/// The result of a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BlockResult {
    /// The entry was added and read back.
    Blocked,
    /// All addresses were blocked before. Nothing was written, and there is nothing to undo.
    AlreadyBlocked {
        /// The entries that cover them.
        by: Vec<BlockingEntry>,
    },
    /// All addresses are in the exempt zone, so that a block has no effect. Nothing was written.
    Exempt,
    /// Okta accepted the change, but it was not found when the zone was read again.
    NotEffective,
    /// The answer to the change was lost, and the entry was not found when the zone was read.
    Unknown {
        /// Why there was no answer.
        problem: Problem,
    },
    /// Okta refuses a zone of our own. With consent the shared zone would be used.
    NeedsSharedZone {
        /// Okta's refusal.
        problem: Problem,
    },
    /// The zone cannot be used. Nothing was written.
    Unusable {
        /// Why.
        why: UnusableZone,
    },
    /// A request was refused, and the addresses are not blocked. If the activation of an inactive zone was refused, the entry is in
    /// it nevertheless, as its parked one.
    Failed {
        /// Why.
        problem: Problem,
    },
}

/// The outcome of a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockOutcome {
    /// The result.
    pub result: BlockResult,
    /// The zone to store, if there is one.
    pub zone: Option<BlocklistZone>,
    /// The zone before the first change.
    pub before: Option<ZoneSnapshot>,
    /// The zone as it was last read.
    pub after: Option<ZoneSnapshot>,
    /// The changes that were sent.
    pub writes: Vec<Evidence>,
    /// Whether a change of somebody else may have been overwritten.
    pub interference: Interference,
    /// The addresses that the exempt zone lets through nevertheless.
    pub exempt: Vec<IpRange>,
}

/// The result of an unblock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum UnblockResult {
    /// The entry was removed, or the zone deactivated, and this was read back.
    Unblocked,
    /// The entry was not there any more. Nothing was written.
    AlreadyGone,
    /// Okta accepted the change, but the entry was still there when the zone was read again.
    NotEffective,
    /// The answer to the change was lost, and the entry was still there when the zone was read.
    Unknown {
        /// Why there was no answer.
        problem: Problem,
    },
    /// A request failed, and nothing was changed.
    Failed {
        /// Why.
        problem: Problem,
    },
}

/// The outcome of an unblock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnblockOutcome {
    /// The result.
    pub result: UnblockResult,
    /// The zone to store.
    pub zone: BlocklistZone,
    /// The zone before the first change.
    pub before: Option<ZoneSnapshot>,
    /// The zone as it was last read.
    pub after: Option<ZoneSnapshot>,
    /// The changes that were sent.
    pub writes: Vec<Evidence>,
    /// Whether a change of somebody else may have been overwritten.
    pub interference: Interference,
    /// The entries of active blocklists that still have addresses of the range; `None` if they could not be read.
    pub still_blocked_by: Option<Vec<BlockingEntry>>,
}
