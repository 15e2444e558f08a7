//! What is remembered of the blocklist zone of a connection: its id, and whether Okta refused one of our own.

use model::blocklist::BlocklistZone;
use model::connection::ConnectionId;
use model::problem::Problem;
use serde::{Deserialize, Serialize};

use super::Actions;

/// The key of the setting that allows the block of IPv6 addresses.
const IPV6: &str = "block_ipv6";

/// What is remembered of a blocklist.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct BlocklistMemory {
    /// The zone that this app uses.
    pub(super) zone: Option<BlocklistZone>,
    /// Whether Okta refused a zone of our own, so that the shared one has to be agreed to.
    pub(super) needs_shared_zone: bool,
}

impl Actions {
    pub(super) async fn blocklist_memory(&self, id: &ConnectionId) -> Result<BlocklistMemory, Problem> {
        let key = key(id);
        Ok(self.records.read(move |tx| tx.setting(&key)).await?.unwrap_or_default())
    }

    pub(super) async fn remember_blocklist(&self, id: &ConnectionId, memory: BlocklistMemory) -> Result<(), Problem> {
        let key = key(id);
        self.records.write(move |tx| Ok(tx.put_setting(&key, &memory)?)).await
    }

    /// Returns whether IPv6 addresses may be blocked.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn may_block_ipv6(&self) -> Result<bool, Problem> {
        Ok(self.records.read(|tx| tx.setting(IPV6)).await?.unwrap_or(false))
    }

    /// Allows or forbids the block of IPv6 addresses, which Okta supports in preview organizations alone.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn set_may_block_ipv6(&self, is_allowed: bool) -> Result<(), Problem> {
        self.records.write(move |tx| Ok(tx.put_setting(IPV6, &is_allowed)?)).await
    }
}

fn key(id: &ConnectionId) -> String {
    format!("blocklist:{id}")
}
