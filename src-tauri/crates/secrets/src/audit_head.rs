//! The head of an audit in the keychain: the number and the hash of its newest row. It is no secret, but nobody without access to
//! the keychain can change it, so that a changed audit is detected.
//!
//! It has no row in the index of secrets, because the audit outlives its connection. Its entry has the user
//! `<connection id>/audit_head`.

use model::connection::ConnectionId;
use secrecy::zeroize::Zeroizing;

use super::{Keychain, KeychainError, Secrets};

impl Secrets {
    /// Writes the head of a connection's audit and reads it back.
    ///
    /// # Errors
    /// The keychain's error; [`KeychainError::Denied`] when it does not return what was written.
    pub async fn seal_audit(&self, id: &ConnectionId, head: &str) -> Result<(), KeychainError> {
        put_text(self.keychain(), &user(id), head).await?;
        match self.audit_head(id).await?.as_deref() {
            Some(found) if found == head => Ok(()),
            Some(_) | None => Err(KeychainError::Denied),
        }
    }

    /// Returns the head of a connection's audit, if one was written.
    ///
    /// # Errors
    /// The keychain's error; [`KeychainError::Locked`] also when a locked part of it may hold the head.
    pub async fn audit_head(&self, id: &ConnectionId) -> Result<Option<String>, KeychainError> {
        match text(self.keychain(), &user(id)).await {
            Ok(head) => Ok(Some(head)),
            Err(KeychainError::Gone) => {
                self.keychain().confirm_nothing_hidden().await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// Puts a text that is no secret into the keychain.
async fn put_text(keychain: &Keychain, user: &str, text: &str) -> Result<(), KeychainError> {
    let (user, value) = (user.to_owned(), Zeroizing::new(text.as_bytes().to_vec()));
    keychain.off_thread(move |keychain| keychain.set(&user, &value)).await
}

/// Returns a text that is no secret.
async fn text(keychain: &Keychain, user: &str) -> Result<String, KeychainError> {
    let user = user.to_owned();
    let value = keychain.off_thread(move |keychain| keychain.get(&user)).await?;
    String::from_utf8(value.to_vec()).map_err(|_| KeychainError::Failed)
}

fn user(id: &ConnectionId) -> String {
    format!("{id}/audit_head")
}
