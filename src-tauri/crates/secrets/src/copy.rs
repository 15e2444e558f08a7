//! A secret under another name, and whether two are one: what replacing a token needs. Neither shows a secret.

use secrecy::{ExposeSecret, SecretString};

use super::{Secrets, SecretsError};
use model::connection::ConnectionId;
use model::secret::SecretName;

impl Secrets {
    /// Keeps what `from` holds under the name `to` as well, where `from` is kept: in the keychain, or for this run.
    ///
    /// # Errors
    /// [`SecretsError::Gone`] when `from` holds nothing; otherwise as [`Secrets::get`] and [`Secrets::put`].
    pub async fn copy(
        &self,
        id: &ConnectionId,
        from: SecretName,
        to: SecretName,
        origin: &str,
    ) -> Result<(), SecretsError> {
        let secret = self.get(id, from, origin).await?;
        match self.has(id, from).await? {
            Some((_, true)) => self.put_for_this_run(id, to, origin, &secret).await,
            Some((_, false)) | None => self.put(id, to, origin, &secret).await,
        }
    }

    /// Returns what a name holds for `origin`, or `None` when it holds nothing.
    ///
    /// # Errors
    /// As [`Secrets::get`], without [`SecretsError::Gone`].
    pub async fn found(
        &self,
        id: &ConnectionId,
        name: SecretName,
        origin: &str,
    ) -> Result<Option<SecretString>, SecretsError> {
        match self.get(id, name, origin).await {
            Ok(secret) => Ok(Some(secret)),
            Err(SecretsError::Gone) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Tells whether two secrets are one.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "two secrets are compared; neither leaves this function")]
    pub fn same(one: &SecretString, other: &SecretString) -> bool {
        one.expose_secret() == other.expose_secret()
    }
}
