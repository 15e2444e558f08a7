//! Network zones (SPEC NetworkZone). A zone is replaced as a whole, so that what this app does not know is kept as Okta wrote it.

use std::fmt;

use model::ip_range::IpRange;
use model::json_part_reader::{self, is_null, text_of};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::client::Okta;
use super::error::Failure;
use super::request::Request;
use super::response::{Answer, List, Page};

/// Zones of one page. Okta's own page has 20 (REAL), and the Terraform provider asks for so many.
const PAGE_SIZE: u32 = 200;
/// Most pages that are read. An org has at most about a hundred zones (HELP create-ip-zone), on pages of perhaps 20.
const MAX_PAGES: u32 = 30;

/// Members that Okta sets itself (SPEC: read-only, and the links).
const READ_ONLY: [&str; 3] = ["created", "lastUpdated", "_links"];
const GATEWAYS: &str = "gateways";

/// The ID of a zone, which is a part of a path: never empty, so that it cannot name the list of zones instead.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ZoneId(String);

impl ZoneId {
    /// Checks an ID; `None` if it is empty or could name another path.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_safe = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
        (!text.is_empty() && text.len() <= 100 && text.chars().all(is_safe)).then(|| Self(text.to_owned()))
    }

    /// Returns the ID as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn path(&self) -> String {
        format!("/api/v1/zones/{}", self.0)
    }
}

impl fmt::Display for ZoneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A gateway of an IP zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneAddress {
    /// The value as Okta wrote it.
    pub text: String,
    /// Its addresses; `None` if the value is no range.
    pub range: Option<IpRange>,
    /// The entry's JSON.
    json: String,
}

impl ZoneAddress {
    /// Returns the entry for a range: a CIDR block where it is one, else a range (SPEC NetworkZoneAddress).
    #[must_use]
    pub fn new(range: &IpRange) -> Self {
        let (kind, text) = match range.to_cidr() {
            Some(block) => ("CIDR", block),
            None => ("RANGE", format!("{}-{}", range.first(), range.last())),
        };
        Self { json: json!({"type": kind, "value": text}).to_string(), range: Some(*range), text }
    }

    fn read(entry: &RawValue) -> Option<Self> {
        let [value] = json_part_reader::members(entry.get().as_bytes(), ["value"])?;
        let text = text_of(value?)?;
        Some(Self { range: IpRange::parse(&text).ok(), text, json: entry.get().to_owned() })
    }
}

/// A network zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Okta's ID.
    pub id: ZoneId,
    /// The name.
    pub name: String,
    /// `IP`, `DYNAMIC`, `DYNAMIC_V2`, or another text; empty if Okta sent none.
    pub kind: String,
    /// Whether it is in effect.
    pub is_active: bool,
    /// Whether requests from it are refused.
    pub is_blocklist: bool,
    /// Whether it is Okta's own.
    pub is_system: bool,
    /// The gateways of an IP zone; REAL: null where there are none.
    pub gateways: Vec<ZoneAddress>,
    /// Every member as Okta wrote it, in its order.
    members: Vec<(String, String)>,
}

impl Zone {
    /// Reads a zone. One whose gateways cannot be read is unreadable, because it could only be replaced without them.
    pub(crate) fn read(zone: &[u8]) -> Option<Self> {
        let members = json_part_reader::all_members(zone)?;
        let member = |name: &str| members.iter().rev().find(|(one, _)| one == name).map(|(_, value)| *value);
        let text = |name: &str| member(name).and_then(text_of).unwrap_or_default();
        let gateways = match member(GATEWAYS).filter(|value| !is_null(value)) {
            None => Vec::new(),
            Some(list) => {
                let entries = json_part_reader::entries(list.get().as_bytes(), ZoneAddress::read)?;
                (entries.unreadable == 0).then_some(entries.read)?
            }
        };
        Some(Self {
            id: ZoneId::parse(&text("id"))?,
            name: text("name").chars().take(json_part_reader::MAX_NAME).collect(),
            kind: text("type"),
            is_active: text("status") == "ACTIVE",
            is_blocklist: text("usage") == "BLOCKLIST",
            is_system: member("system").is_some_and(|value| value.get() == "true"),
            gateways,
            members: members.iter().map(|(name, value)| (name.clone(), value.get().to_owned())).collect(),
        })
    }

    /// Returns whether it has a list of addresses; the others go by place and provider.
    #[must_use]
    pub fn is_ip(&self) -> bool {
        self.kind == "IP"
    }

    /// Returns the zone with other gateways.
    #[must_use]
    pub fn with_gateways(&self, gateways: Vec<ZoneAddress>) -> Self {
        Self { gateways, ..self.clone() }
    }

    /// Returns the body of a replacement: everything as it was read but the gateways.
    pub(crate) fn body(&self) -> String {
        let entries: Vec<&str> = self.gateways.iter().map(|entry| entry.json.as_str()).collect();
        let gateways = (GATEWAYS.to_owned(), format!("[{}]", entries.join(",")));
        let kept = self.members.iter().filter(|(name, _)| name != GATEWAYS && !READ_ONLY.contains(&name.as_str()));
        let members = kept.chain([&gateways]).map(|(name, value)| format!("{}:{value}", Value::from(name.as_str())));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
}

/// A zone that is to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBlocklist {
    /// The name; Okta takes at most 128 characters.
    pub name: String,
    /// The first gateway; Okta refuses an IP zone without one.
    pub gateway: ZoneAddress,
}

impl NewBlocklist {
    /// Returns the body of its creation (SPEC example CreateIPPolicyBlockListNetworkZone).
    pub(crate) fn body(&self) -> String {
        let gateway: Value = serde_json::from_str(&self.gateway.json).unwrap_or_default();
        json!({"type": "IP", "name": self.name, "status": "ACTIVE", "usage": "BLOCKLIST", "gateways": [gateway], "proxies": null})
            .to_string()
    }
}

/// The requests about network zones.
#[derive(Clone, Copy)]
pub struct ZoneApi<'a>(pub(crate) &'a Okta);

impl Okta {
    /// Returns the requests about network zones.
    #[must_use]
    pub fn zone_api(&self) -> ZoneApi<'_> {
        ZoneApi(self)
    }

    /// Returns the first network zones.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn zones(&self, limit: u32) -> Result<Answer<Page<Zone>>, Failure> {
        let request = Request::get("/api/v1/zones", &[("limit", limit.to_string())]);
        self.send(&request).await?.read_page(|entry| Zone::read(entry.get().as_bytes()))
    }
}

impl ZoneApi<'_> {
    /// Returns every network zone.
    ///
    /// # Errors
    /// Why there is no answer; a `next` link to another origin is one.
    pub async fn all_zones(&self) -> Result<Answer<List<Zone>>, Failure> {
        let request = Request::get("/api/v1/zones", &[("limit", PAGE_SIZE.to_string())]);
        self.0.list_pages(request, |entry| Zone::read(entry.get().as_bytes()), MAX_PAGES, |_| true).await
    }

    /// Returns one network zone (SPEC getNetworkZone). An answer that is a list, or another zone, is unreadable.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn zone(&self, id: &ZoneId) -> Result<Answer<Zone>, Failure> {
        let response = self.0.send(&Request::get(&id.path(), &[])).await?;
        response.read(|body| Zone::read(body).filter(|zone| zone.id == *id))
    }
}

#[cfg(test)]
mod tests;
