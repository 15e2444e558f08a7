//! The capabilities that a rehearsal proved for the stored token of a connection. They are forgotten with the token.

use chrono::{DateTime, Utc};
use model::capability::Capability;
use model::connection::ConnectionId;
use model::problem::Problem;
use serde::{Deserialize, Serialize};
use store::{ReadTx, StoreError, WriteTx};

/// The name of the setting.
const NAME: &str = "proven_capabilities";

/// What was proven, and for which token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RehearsedCapabilities {
    /// Since when the token is stored, which identifies it.
    pub(crate) token_since: DateTime<Utc>,
    /// When it was proven.
    pub(crate) at: DateTime<Utc>,
    /// What was proven.
    pub(crate) proven: Vec<Capability>,
}

impl RehearsedCapabilities {
    pub(crate) fn store(&self, tx: &mut WriteTx<'_>, id: &ConnectionId) -> Result<(), Problem> {
        Ok(tx.put_connection_setting(id, NAME, self)?)
    }

    /// Returns what was proven for the token that is stored since then.
    pub(crate) fn of(
        tx: &ReadTx<'_>,
        id: &ConnectionId,
        token_since: Option<DateTime<Utc>>,
    ) -> Result<Vec<Capability>, StoreError> {
        let found: Option<Self> = tx.connection_setting(id, NAME)?;
        Ok(found.filter(|found| Some(found.token_since) == token_since).map(|found| found.proven).unwrap_or_default())
    }
}
