//! The zones of an org, and which of their former states reads still show.

use std::net::IpAddr;

use serde_json::Value;

use crate::zone_addresses::contain;
use crate::zone_objects::{EXEMPT, of_every_org};

/// The zones of an org.
pub(crate) struct ZoneState {
    /// In the order of their creation, without links.
    pub(crate) all: Vec<Value>,
    /// Zones as they were before a removal, and how often they are shown yet.
    stale: Vec<(Value, u32)>,
}

impl ZoneState {
    pub(crate) fn new(at: &Value) -> Self {
        Self { all: of_every_org(at), stale: Vec::new() }
    }

    /// Returns every zone, without links.
    pub(crate) fn all(&self) -> &[Value] {
        &self.all
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Value> {
        self.all.iter().find(|zone| zone["id"] == id)
    }

    /// Tells whether a client with this address is refused: an active blocklist has it, and the exempt zone has not (SPEC
    /// replaceNetworkZone, "IP exempt zone").
    pub(crate) fn refuse(&self, address: IpAddr) -> bool {
        let in_effect = self.all.iter().filter(|zone| zone["status"] == "ACTIVE" && zone["type"] == "IP");
        let has = |zone: &Value| contain(&zone["gateways"], address);
        let (exempt, others): (Vec<&Value>, Vec<&Value>) = in_effect.partition(|zone| zone["id"] == EXEMPT);
        others.into_iter().any(|zone| zone["usage"] == "BLOCKLIST" && has(zone)) && !exempt.into_iter().any(has)
    }

    /// Puts a zone in its place and shows the former one in the next reads, as the variant says.
    pub(crate) fn put(&mut self, zone: Value, stale_reads: u32) {
        let Some(place) = self.all.iter().position(|one| one["id"] == zone["id"]) else { return self.all.push(zone) };
        let former = std::mem::replace(&mut self.all[place], zone);
        if stale_reads > 0 {
            self.stale.retain(|(one, _)| one["id"] != former["id"]);
            self.stale.push((former, stale_reads));
        }
    }

    /// Returns a zone as a read shows it.
    pub(crate) fn as_read(&mut self, zone: &Value) -> Value {
        let stale = self.stale.iter_mut().find(|(one, left)| one["id"] == zone["id"] && *left > 0);
        let shown = stale.map_or_else(
            || zone.clone(),
            |(former, left)| {
                *left -= 1;
                former.clone()
            },
        );
        self.stale.retain(|(_, left)| *left > 0);
        shown
    }
}
