//! What an org's zones block and let through.

use model::blocklist::{BlockingEntry, BlocklistZone, UnusableZone, ZONE_NAME, ZoneSnapshot};
use model::ip_range::IpRange;
use model::ip_range_set::IpRangeSet;
use okta::{Failure, Okta, Zone, ZoneId};

/// The names of Okta's own zones of addresses. Administrators can change them (SPEC NetworkZone), so that the zones are recognized
/// by their kind, and a name only tells two of the same kind apart.
const BLOCKED_ZONE: &str = "BlockedIpZone";
const EXEMPT_ZONE: &str = "DefaultExemptIpZone";
const LEGACY_ZONE: &str = "LegacyIpZone";

/// Every zone of an org at one time.
#[derive(Debug, Clone)]
pub struct ZoneSurvey {
    zones: Vec<Zone>,
    /// Whether every zone was read.
    pub is_complete: bool,
}

impl ZoneSurvey {
    pub(super) async fn read(okta: &Okta) -> Result<Self, Failure> {
        let list = okta.zone_api().all_zones().await?.value;
        Ok(Self { is_complete: list.is_complete && list.unreadable == 0, zones: list.entries })
    }

    /// Returns a zone by its ID.
    #[must_use]
    pub fn zone(&self, id: &str) -> Option<&Zone> {
        self.zones.iter().find(|zone| zone.id.as_str() == id)
    }

    /// Returns the IDs of all zones.
    pub(super) fn ids(&self) -> Vec<ZoneId> {
        self.zones.iter().map(|zone| zone.id.clone()).collect()
    }

    /// Returns every entry of every active blocklist of addresses.
    #[must_use]
    pub fn blocked(&self) -> Vec<BlockingEntry> {
        self.blocklists().flat_map(entries_of).collect()
    }

    /// Returns the entries of active blocklists with addresses of a range.
    #[must_use]
    pub fn blocking(&self, range: &IpRange) -> Vec<BlockingEntry> {
        let mut found = self.blocked();
        found.retain(|entry| entry.range.is_some_and(|blocked| blocked.overlaps(range)));
        found
    }

    /// Returns whether active blocklists have every address of a range.
    #[must_use]
    pub fn is_blocked(&self, range: &IpRange) -> bool {
        let blocked: IpRangeSet = self.blocked().iter().filter_map(|entry| entry.range).collect();
        blocked.contains(range)
    }

    /// Returns the addresses of a range that the exempt zone lets through whatever blocks them.
    #[must_use]
    pub fn exempt(&self, range: &IpRange) -> Vec<IpRange> {
        let entries = self.zones.iter().filter(|zone| is_exempt_zone(zone)).flat_map(|zone| &zone.gateways);
        let exempt: IpRangeSet = entries.filter_map(|entry| entry.range).collect();
        exempt.common(range)
    }

    /// Returns whether every address of a range certainly passes every blocklist.
    pub(super) fn is_certainly_exempt(&self, range: &IpRange) -> bool {
        let named = self.zones.iter().filter(|zone| is_exempt_zone(zone) && zone.name == EXEMPT_ZONE);
        let exempt: IpRangeSet = named.flat_map(|zone| &zone.gateways).filter_map(|entry| entry.range).collect();
        exempt.contains(range)
    }

    /// Returns the entries of the exempt zone with addresses of a range.
    #[must_use]
    pub fn exempt_by(&self, range: &IpRange) -> Vec<BlockingEntry> {
        let mut found: Vec<_> = self.zones.iter().filter(|zone| is_exempt_zone(zone)).flat_map(entries_of).collect();
        found.retain(|entry| entry.range.is_some_and(|exempt| exempt.overlaps(range)));
        found
    }

    /// Returns the zone that is used where Okta refuses one of our own: Okta's `BlockedIpZone`, which every org has.
    #[must_use]
    pub fn shared(&self) -> Option<&Zone> {
        let mut candidates: Vec<&Zone> =
            self.zones.iter().filter(|zone| zone.is_ip() && zone.is_system && zone.is_blocklist).collect();
        if candidates.len() > 1 {
            candidates.retain(|zone| zone.name == BLOCKED_ZONE);
        }
        candidates.first().copied()
    }

    /// Returns why a zone of our own cannot be created, as far as the list shows it.
    pub(super) fn obstacle(&self) -> Option<UnusableZone> {
        if !self.is_complete {
            return Some(UnusableZone::ListIncomplete);
        }
        let taken = self.zones.iter().find(|zone| zone.name.eq_ignore_ascii_case(ZONE_NAME));
        taken.map(|zone| UnusableZone::NameTaken { zone_id: zone.id.to_string() })
    }

    /// Returns the zone with our name that was not there before.
    pub(super) fn created_since(&self, before: &[ZoneId]) -> Option<&Zone> {
        self.zones.iter().find(|zone| zone.name == ZONE_NAME && !before.contains(&zone.id))
    }

    fn blocklists(&self) -> impl Iterator<Item = &Zone> {
        self.zones.iter().filter(|zone| zone.is_ip() && zone.is_blocklist && zone.is_active)
    }
}

/// Returns whether a zone lets its addresses through every blocklist. Its GET does not say so (REAL), so that every zone of Okta's
/// own that blocks nothing and is not the legacy one counts.
fn is_exempt_zone(zone: &Zone) -> bool {
    zone.is_ip() && zone.is_system && !zone.is_blocklist && zone.is_active && zone.name != LEGACY_ZONE
}

fn entries_of(zone: &Zone) -> impl Iterator<Item = BlockingEntry> {
    zone.gateways.iter().map(|entry| BlockingEntry {
        zone_id: zone.id.to_string(),
        zone_name: zone.name.clone(),
        is_system: zone.is_system,
        text: entry.text.clone(),
        range: entry.range,
    })
}

/// Returns a zone as it is recorded for a range.
pub(super) fn snapshot(zone: &Zone, range: &IpRange) -> ZoneSnapshot {
    let overlapping = zone.gateways.iter().filter(|entry| entry.range.is_some_and(|own| own.overlaps(range)));
    ZoneSnapshot {
        is_active: zone.is_active,
        entries: u32::try_from(zone.gateways.len()).unwrap_or(u32::MAX),
        overlapping: overlapping.map(|entry| entry.text.clone()).collect(),
    }
}

/// Returns a zone as it is stored.
pub(super) fn stored(zone: &Zone, parked: Option<IpRange>) -> BlocklistZone {
    BlocklistZone { id: zone.id.to_string(), name: zone.name.clone(), is_shared: zone.is_system, parked }
}
