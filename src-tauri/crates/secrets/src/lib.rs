//! Secrets of connections: an entry in the operating system's keychain and its row in the store's index, always written
//! together and only here.
//!
//! A new entry has a row without a date before it is written and a date afterwards; one that replaces another has its own date
//! before. An entry is deleted before its row. After a
//! kill in between, the row is outdated or left over, and never missing; [`Secrets::reconcile`] and [`Secrets::purge`] repair
//! each case from what the keychain holds. A secret that is
//! kept for this run only, and its state, exist in this process's memory alone ([`Keychain`]).
//!
//! A process can also be provided with secrets from files ([`SecretSource`]). For a connection with such a secret it changes
//! neither the keychain nor the index, because another process may work with what they hold.

mod alert_secrets;
mod audit_head;
mod error;
mod keychain;
mod keychain_entries;
mod keychain_entry_value;
mod provided_secret_file;
#[cfg(target_os = "linux")]
mod secret_service;
mod this_run;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};

pub use alert_secrets::AlertSecrets;
pub use error::{KeychainError, SecretsError};
pub use keychain::Keychain;
pub use provided_secret_file::{FileSecret, MAX_SECRET_FILE_BYTES, SecretFileError, SecretSource};

use model::connection::ConnectionId;
use model::secret_name::{SecretName, SecretState};
use runtime::Clock;
use store::{ReadTx, Store, StoreError};

/// The secrets of all connections in one store. Clones share the keychain session and the memory.
#[derive(Debug, Clone)]
pub struct Secrets {
    keychain: Keychain,
    store: Store,
    clock: Clock,
}

impl Secrets {
    /// Returns the secrets that `store` indexes and `keychain` holds.
    #[must_use]
    pub fn new(keychain: Keychain, store: Store, clock: Clock) -> Self {
        Self { keychain, store, clock }
    }

    /// Returns the keychain, to probe it.
    #[must_use]
    pub fn keychain(&self) -> &Keychain {
        &self.keychain
    }

    /// Keeps a secret bound to `origin`, in place of the one kept under its name: in the keychain, or in memory for this run.
    ///
    /// # Errors
    /// The keychain's or the store's error; [`StoreError::Missing`] when there is no such connection.
    pub async fn keep(
        &self,
        id: &ConnectionId,
        name: SecretName,
        origin: &str,
        secret: &SecretString,
        this_run_only: bool,
    ) -> Result<(), SecretsError> {
        refuse_if_provided(&self.keychain, id)?;
        let before = self.row(id, name).await?;
        let since = new_since(&self.states(id).await?, name, self.clock.now());
        if this_run_only {
            self.keychain.put_for_this_run(id, name, origin, secret, since);
            return self.forget_replaced(id, name, before.is_some()).await;
        }
        self.announce(id, name, before.as_ref(), since).await?;
        match self.keychain.put(id, name, origin, secret).await {
            // A run that read the secret before while this one was put has yet another date.
            Ok(()) => {
                self.index(
                    id,
                    name,
                    origin.to_owned(),
                    since.max(new_since(&self.states(id).await?, name, self.clock.now())),
                )
                .await
            }
            // A late answer to its prompt may still store it.
            Err(KeychainError::NotAnswered) => Err(KeychainError::NotAnswered.into()),
            Err(error) => {
                match before {
                    Some(before) => self.write_row(id, before).await?,
                    None => self.unindex(id, name).await?,
                }
                Err(error.into())
            }
        }
    }

    /// Writes the row of a secret that is about to be put into the keychain, so that an entry that a kill or a late answer leaves
    /// is never without one, and never has the date of the secret that it replaced. Without such a secret it has no date yet.
    async fn announce(
        &self,
        id: &ConnectionId,
        name: SecretName,
        before: Option<&SecretState>,
        since: DateTime<Utc>,
    ) -> Result<(), SecretsError> {
        let replaced = before.filter(|before| before.since.is_some());
        let bound_to = replaced.and_then(|before| before.bound_to.clone());
        let state = SecretState { name, since: replaced.map(|_| since), bound_to, this_run_only: false };
        self.write_row(id, state).await
    }

    /// Forgets the entry that a secret in memory replaces. There may be no keychain any more, which can be the reason for keeping
    /// it in memory: then the row stays, without a date, until the entry can be forgotten.
    async fn forget_replaced(&self, id: &ConnectionId, name: SecretName, is_indexed: bool) -> Result<(), SecretsError> {
        if is_indexed && let Err(error) = self.keychain.forget_in_keychain(id, name).await {
            tracing::warn!(%error, "a secret that is replaced in memory was not forgotten in the keychain");
            return self.write_row(id, SecretState { name, since: None, bound_to: None, this_run_only: false }).await;
        }
        self.unindex(id, name).await
    }

    /// Returns a secret for the origin it is bound to.
    ///
    /// # Errors
    /// [`SecretsError::NotKept`] when the index does not name it; otherwise as [`Keychain::get`].
    pub async fn get(&self, id: &ConnectionId, name: SecretName, origin: &str) -> Result<SecretString, SecretsError> {
        let states = self.states(id).await?;
        if states.iter().all(|state| state.name != name || state.since.is_none()) {
            return Err(SecretsError::NotKept(name));
        }
        match self.keychain.get(id, name, origin).await {
            Err(KeychainError::Gone) => {
                self.keychain.confirm_nothing_hidden().await?;
                Err(KeychainError::Gone.into())
            }
            other => Ok(other?),
        }
    }

    /// Returns what the keychain holds for `origin` under a name, whatever the index says.
    ///
    /// # Errors
    /// As [`Keychain::find`].
    pub async fn find(
        &self,
        id: &ConnectionId,
        name: SecretName,
        origin: &str,
    ) -> Result<Option<SecretString>, SecretsError> {
        match self.keychain.find(id, name, origin).await? {
            None if self.is_row_there(id, name).await? => {
                self.keychain.confirm_nothing_hidden().await?;
                Ok(None)
            }
            found => Ok(found),
        }
    }

    /// Keeps the secret `from` under the name `to` as well, in the same place: in the keychain, or in memory for this run.
    ///
    /// # Errors
    /// [`KeychainError::Gone`] when `from` holds nothing; otherwise as [`Secrets::keep`].
    pub async fn copy(
        &self,
        id: &ConnectionId,
        from: SecretName,
        to: SecretName,
        origin: &str,
    ) -> Result<(), SecretsError> {
        let secret = self.keychain.get(id, from, origin).await?;
        self.keep(id, to, origin, &secret, self.is_for_this_run(id, from)).await
    }

    /// Forgets a secret. When the index does not name it, the keychain is not opened.
    ///
    /// # Errors
    /// The keychain's error, when the entry may still exist; the store's error.
    pub async fn forget(&self, id: &ConnectionId, name: SecretName) -> Result<(), SecretsError> {
        refuse_if_provided(&self.keychain, id)?;
        if self.states(id).await?.iter().any(|state| state.name == name) {
            self.forget_indexed(id, name).await?;
        }
        self.unindex(id, name).await
    }

    /// Forgets secrets whatever the index says, because a kill may have left entries without a row. Tries all of them, until
    /// one cannot be forgotten because the keychain is locked. For a secret that the index does not name, a keychain that
    /// cannot be used is no error.
    ///
    /// # Errors
    /// The first error, when a secret could not be forgotten.
    pub async fn purge(&self, id: &ConnectionId, names: &[SecretName]) -> Result<(), SecretsError> {
        refuse_if_provided(&self.keychain, id)?;
        let states = self.states(id).await?;
        let (indexed, others): (Vec<_>, Vec<_>) =
            names.iter().partition(|name| states.iter().any(|state| state.name == **name));
        let mut first = Ok(());
        for &name in indexed {
            let one = match self.forget_indexed(id, name).await {
                Ok(()) => self.unindex(id, name).await,
                // Each of the others would show the same prompt.
                Err(error @ SecretsError::Keychain(KeychainError::Locked | KeychainError::NotAnswered)) => {
                    return first.and(Err(error));
                }
                Err(error) => Err(error),
            };
            first = first.and(one);
        }
        for &name in others {
            match self.keychain.forget(id, name).await {
                Err(error) if error.is_unavailable() => break,
                Err(error @ (KeychainError::Locked | KeychainError::NotAnswered)) => {
                    return first.and(Err(error.into()));
                }
                other => first = first.and(other.map_err(Into::into)),
            }
        }
        first
    }

    /// Forgets a secret that is kept in memory or that the index names. Where the keychain is to hold it, nothing may be hidden
    /// there: not if it is not found, and not if it was deleted, because a locked part may hold a copy.
    async fn forget_indexed(&self, id: &ConnectionId, name: SecretName) -> Result<(), SecretsError> {
        if !self.is_row_there(id, name).await? {
            return Ok(self.keychain.forget(id, name).await?);
        }
        self.keychain.forget_for_this_run(id, name);
        let was_there = self.keychain.forget_in_keychain(id, name).await?;
        match self.keychain.confirm_nothing_hidden().await {
            // It was found without one.
            Err(KeychainError::NoDefaultCollection) if was_there => Ok(()),
            other => Ok(other?),
        }
    }

    /// Brings the index rows of these names in line with what the keychain holds. `renewed` is a name that may hold another
    /// secret since its row was written: its row is dated now.
    ///
    /// # Errors
    /// The keychain's or the store's error.
    pub async fn reconcile(
        &self,
        id: &ConnectionId,
        names: &[SecretName],
        renewed: Option<SecretName>,
    ) -> Result<(), SecretsError> {
        refuse_if_provided(&self.keychain, id)?;
        let of = id.clone();
        let rows = self.store.read(move |tx| tx.secret_states(&of)).await?;
        for &name in names {
            let row = rows.iter().find(|state| state.name == name);
            let is_indexed = row.is_some_and(|row| row.since.is_some());
            match self.keychain.has(id, name).await? {
                Some((origin, false)) if !is_indexed || renewed == Some(name) => {
                    let since = new_since(&self.states(id).await?, name, self.clock.now());
                    self.index(id, name, origin, since).await?;
                }
                None if row.is_some() => {
                    self.keychain.confirm_nothing_hidden().await?;
                    self.unindex(id, name).await?;
                }
                Some(_) | None => {}
            }
        }
        Ok(())
    }

    /// Returns the states of a connection's secrets, by name.
    ///
    /// # Errors
    /// The store's error.
    pub async fn states(&self, id: &ConnectionId) -> Result<Vec<SecretState>, StoreError> {
        let (this, id) = (self.clone(), id.clone());
        self.store.read(move |tx| this.states_in(tx, &id)).await
    }

    /// Returns the states of a connection's secrets within a transaction.
    ///
    /// # Errors
    /// The store's error.
    pub fn states_in(&self, tx: &ReadTx<'_>, id: &ConnectionId) -> Result<Vec<SecretState>, StoreError> {
        let mut states = self.keychain.states_for_this_run(id);
        let rows = tx.secret_states(id)?;
        let shadowed = |row: &SecretState| states.iter().any(|state| state.name == row.name);
        let rows: Vec<_> = rows.into_iter().filter(|row| !shadowed(row)).collect();
        states.extend(rows);
        states.sort_by_key(|state| state.name.as_str());
        Ok(states)
    }

    /// Returns whether a secret is kept in memory for this run only.
    #[must_use]
    pub fn is_for_this_run(&self, id: &ConnectionId, name: SecretName) -> bool {
        self.keychain.states_for_this_run(id).iter().any(|state| state.name == name)
    }

    /// Provides a secret from a file for this run, in place of the one that is kept under its name. Neither the keychain nor the
    /// index is changed, now or later in this run: every change of this connection's secrets is refused from now on.
    pub fn provide(&self, id: &ConnectionId, name: SecretName, origin: &str, from: &FileSecret) {
        let since = from.written.min(self.clock.now());
        self.keychain.provide(id, name, origin, &from.secret, since);
    }

    /// Returns whether any secret of a connection is provided for this run.
    #[must_use]
    pub fn is_provided(&self, id: &ConnectionId) -> bool {
        self.keychain.is_provided(id)
    }

    /// Returns whether two secrets are equal.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "two secrets are compared; neither leaves this function")]
    pub fn same(one: &SecretString, other: &SecretString) -> bool {
        one.expose_secret() == other.expose_secret()
    }

    async fn is_row_there(&self, id: &ConnectionId, name: SecretName) -> Result<bool, StoreError> {
        let id = id.clone();
        self.store.read(move |tx| Ok(tx.secret_states(&id)?.iter().any(|state| state.name == name))).await
    }

    /// Returns the row of a secret that the keychain is to hold, and fails when there is no such connection.
    async fn row(&self, id: &ConnectionId, name: SecretName) -> Result<Option<SecretState>, StoreError> {
        let id = id.clone();
        self.store
            .read(move |tx| {
                tx.require_connection(&id)?;
                Ok(tx.secret_states(&id)?.into_iter().find(|state| state.name == name))
            })
            .await
    }

    async fn index(
        &self,
        id: &ConnectionId,
        name: SecretName,
        origin: String,
        since: DateTime<Utc>,
    ) -> Result<(), SecretsError> {
        let since = Some(since);
        self.write_row(id, SecretState { name, since, bound_to: Some(origin), this_run_only: false }).await
    }

    async fn write_row(&self, id: &ConnectionId, state: SecretState) -> Result<(), SecretsError> {
        let id = id.clone();
        Ok(self.store.write(move |tx| tx.put_secret_state(&id, &state)).await?)
    }

    async fn unindex(&self, id: &ConnectionId, name: SecretName) -> Result<(), SecretsError> {
        let id = id.clone();
        Ok(self.store.write(move |tx| tx.remove_secret_state(&id, name)).await?)
    }
}

/// Returns the time from which a secret is kept: now, but always after the one that it replaces, because this time is how the two
/// are distinguished and a clock can stand still or be set back.
fn new_since(states: &[SecretState], name: SecretName, now: DateTime<Utc>) -> DateTime<Utc> {
    let before = states.iter().find(|state| state.name == name).and_then(|state| state.since);
    let earliest = before.and_then(|before| before.checked_add_signed(TimeDelta::nanoseconds(1)));
    now.max(earliest.unwrap_or(DateTime::UNIX_EPOCH))
}

fn refuse_if_provided(keychain: &Keychain, id: &ConnectionId) -> Result<(), SecretsError> {
    if keychain.is_provided(id) { Err(SecretsError::Provided) } else { Ok(()) }
}
