//! Which tokens, org and Radiant a run works with. What it finds is stored only if they are still the same.
//!
//! A token is identified by its row in the index of secrets: its name, its origin, and since when it is kept. Neither the token
//! nor anything derived from it is compared.

use chrono::{DateTime, Utc};

use model::connection::{Connection, ConnectionId};
use model::okta_origin::Origin;
use model::secret_name::{SecretName, SecretState};
use secrets::Secrets;
use store::{ReadTx, StoreError};

/// One kept token: its origin, since when, and whether for this run only.
type KeptToken = (Option<String>, Option<DateTime<Utc>>, bool);

/// What a run works with, for comparison.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RunInputs {
    /// Whether the run works with whichever token Okta is asked with, and not with these names.
    follows_use: bool,
    names: Vec<SecretName>,
    kept: Vec<Option<KeptToken>>,
    origin: Option<Origin>,
    radiant: String,
}

impl RunInputs {
    /// Returns the inputs of a run with the token that Okta is asked with and Radiant's search token.
    pub(crate) fn of(connection: &Connection, states: &[SecretState]) -> Self {
        let names = [okta_token_name(connection), SecretName::RadiantSearchToken];
        Self { follows_use: true, ..Self::named(&names, connection, states) }
    }

    /// Returns the inputs of a run with these tokens.
    pub(crate) fn named(names: &[SecretName], connection: &Connection, states: &[SecretState]) -> Self {
        let kept = |name: &SecretName| {
            let state = states.iter().find(|state| state.name == *name)?;
            Some((state.bound_to.clone(), state.since, state.this_run_only))
        };
        Self {
            follows_use: false,
            names: names.to_vec(),
            kept: names.iter().map(kept).collect(),
            origin: connection.origin.clone(),
            radiant: connection.radiant.url.clone(),
        }
    }

    /// Tells whether the same run would work with the same tokens now.
    pub(crate) fn is_current(&self, connection: &Connection, states: &[SecretState]) -> bool {
        let now = match self.follows_use {
            true => Self::of(connection, states),
            false => Self::named(&self.names, connection, states),
        };
        *self == now
    }

    /// As [`RunInputs::is_current`], read within a transaction.
    pub(crate) fn is_current_in(
        &self,
        tx: &ReadTx<'_>,
        secrets: &Secrets,
        id: &ConnectionId,
    ) -> Result<bool, StoreError> {
        Ok(self.is_current(&tx.connection(id)?, &secrets.states_in(tx, id)?))
    }
}

/// Returns the name of the token that Okta is asked with.
pub(crate) fn okta_token_name(connection: &Connection) -> SecretName {
    connection.keep.asked_token()
}
