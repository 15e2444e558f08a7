//! What is remembered of the blocklist zone of a connection: its id, and whether Okta refused one of our own.

use model::blocklist::BlocklistZone;
use model::connection::ConnectionId;
use model::problem::Problem;
use serde::{Deserialize, Serialize};

use crate::connection_repository::ConnectionRepository;

/// The key of the setting that allows the block of IPv6 addresses.
const IPV6: &str = "block_ipv6";
/// The name of the setting of a connection's blocklist.
const BLOCKLIST: &str = "blocklist";

/// What is remembered of a blocklist.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct KnownBlocklistZone {
    /// The zone that this app uses.
    pub(super) zone: Option<BlocklistZone>,
    /// Whether Okta refused a zone of our own, so that the shared one has to be agreed to.
    pub(super) needs_shared_zone: bool,
}

impl KnownBlocklistZone {
    pub(super) async fn read(records: &ConnectionRepository, id: &ConnectionId) -> Result<Self, Problem> {
        let id = id.clone();
        Ok(records.read(move |tx| tx.connection_setting(&id, BLOCKLIST)).await?.unwrap_or_default())
    }

    pub(super) async fn store(self, records: &ConnectionRepository, id: &ConnectionId) -> Result<(), Problem> {
        let id = id.clone();
        records.write(move |tx| Ok(tx.put_connection_setting(&id, BLOCKLIST, &self)?)).await
    }
}

/// Returns whether IPv6 addresses may be blocked.
pub(super) async fn may_block_ipv6(records: &ConnectionRepository) -> Result<bool, Problem> {
    Ok(records.read(|tx| tx.setting(IPV6)).await?.unwrap_or(false))
}

/// Allows or forbids the block of IPv6 addresses.
pub(super) async fn set_may_block_ipv6(records: &ConnectionRepository, is_allowed: bool) -> Result<(), Problem> {
    records.write(move |tx| Ok(tx.put_setting(IPV6, &is_allowed)?)).await
}
