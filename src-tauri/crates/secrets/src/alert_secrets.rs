//! The secrets of team alerts: an entry in the keychain and its row in the store's index, written together and only here.
//!
//! They belong to no connection. The row is written without a date before the entry and with one after it; an entry is deleted
//! before its row. After a kill in between the secret counts as not stored, and storing it again repairs both.

use secrecy::SecretString;

use super::{Keychain, KeychainError, SecretsError, keychain_entry_value};
use model::alert::AlertSecret;
use runtime::Clock;
use store::{AlertSecretRow, Store, StoreError};

/// The secrets of team alerts in one store. Clones share the keychain session.
#[derive(Debug, Clone)]
pub struct AlertSecrets {
    keychain: Keychain,
    store: Store,
    clock: Clock,
}

impl AlertSecrets {
    /// Returns the secrets that `store` indexes and `keychain` holds.
    #[must_use]
    pub fn new(keychain: Keychain, store: Store, clock: Clock) -> Self {
        Self { keychain, store, clock }
    }

    /// Keeps a secret bound to `origin`, in place of the one kept under its name.
    ///
    /// # Errors
    /// The keychain's or the store's error.
    pub async fn keep(&self, name: AlertSecret, origin: &str, secret: &SecretString) -> Result<(), SecretsError> {
        let before = self.row(name).await?;
        self.write(name, AlertSecretRow { since: None, bound_to: origin.to_owned() }).await?;
        let (user, value) = (user(name), keychain_entry_value::write(origin, secret)?);
        match self.keychain.off_thread(move |keychain| keychain.set(&user, &value)).await {
            Ok(()) => {
                let since = Some(self.clock.now());
                Ok(self.write(name, AlertSecretRow { since, bound_to: origin.to_owned() }).await?)
            }
            // A late answer to its prompt may still store it.
            Err(KeychainError::NotAnswered) => Err(KeychainError::NotAnswered.into()),
            Err(error) => {
                match before {
                    Some(before) => self.write(name, before).await?,
                    None => self.unindex(name).await?,
                }
                Err(error.into())
            }
        }
    }

    /// Returns a secret for the origin it is bound to; `None` when the index does not name it.
    ///
    /// # Errors
    /// [`KeychainError::BoundElsewhere`] for any other origin, and the keychain's or the store's error.
    pub async fn get(&self, name: AlertSecret) -> Result<Option<SecretString>, SecretsError> {
        let Some(AlertSecretRow { since: Some(_), bound_to }) = self.row(name).await? else { return Ok(None) };
        let user = user(name);
        let value = self.keychain.off_thread(move |keychain| keychain.get(&user)).await?;
        Ok(Some(keychain_entry_value::read(&value)?.for_origin(&bound_to)?))
    }

    /// Forgets a secret. When the index does not name it, the keychain is not opened.
    ///
    /// # Errors
    /// The keychain's error, when the entry may still exist; the store's error.
    pub async fn forget(&self, name: AlertSecret) -> Result<(), SecretsError> {
        if self.row(name).await?.is_some() {
            let user = user(name);
            self.keychain.off_thread(move |keychain| keychain.delete(&user)).await?;
            self.keychain.confirm_nothing_hidden().await?;
            self.unindex(name).await?;
        }
        Ok(())
    }

    async fn row(&self, name: AlertSecret) -> Result<Option<AlertSecretRow>, StoreError> {
        self.store.read(move |tx| tx.alerts().secret(name)).await
    }

    async fn write(&self, name: AlertSecret, row: AlertSecretRow) -> Result<(), StoreError> {
        self.store.write(move |tx| tx.alerts_mut().put_secret(name, &row)).await
    }

    async fn unindex(&self, name: AlertSecret) -> Result<(), StoreError> {
        self.store.write(move |tx| tx.alerts_mut().remove_secret(name)).await
    }
}

/// Returns the user of an entry: `alerts/<secret name>`. No connection has this id.
fn user(name: AlertSecret) -> String {
    format!("alerts/{}", name.as_str())
}
