//! The value of a keychain entry: a secret and the one origin it is bound to, as JSON. Every copy of the text that is made here
//! is wiped when it is dropped.

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::KeychainError;

/// A secret and its origin.
#[derive(Debug)]
pub(super) struct KeychainEntry {
    pub(super) origin: String,
    pub(super) secret: SecretString,
}

impl KeychainEntry {
    /// Returns the secret for the origin it is bound to.
    pub(super) fn for_origin(self, origin: &str) -> Result<SecretString, KeychainError> {
        if self.origin == origin {
            Ok(self.secret)
        } else {
            Err(KeychainError::BoundElsewhere { bound_to: self.origin })
        }
    }
}

/// The value as it is written to the keychain. It has no `Debug`, because it contains the secret.
#[derive(Serialize)]
struct Written<'a> {
    origin: &'a str,
    secret: &'a str,
}

#[derive(Deserialize)]
struct Read {
    origin: String,
    secret: String,
}

/// Serializes the value of an entry. One of the few places that expose a secret.
#[expect(clippy::disallowed_methods, reason = "writing a keychain entry is one of the named places")]
pub(super) fn write(origin: &str, secret: &SecretString) -> Result<Zeroizing<Vec<u8>>, KeychainError> {
    let secret = secret.expose_secret();
    // JSON writes a byte as six at most. The capacity suffices for all of it, so that growing leaves no copy behind.
    let mut value = Zeroizing::new(Vec::with_capacity(64 + 6 * (origin.len() + secret.len())));
    serde_json::to_writer(&mut *value, &Written { origin, secret }).map_err(|_| KeychainError::Failed)?;
    Ok(value)
}

/// Parses the value of an entry. One that this app did not write is [`KeychainError::Failed`].
pub(super) fn read(value: &[u8]) -> Result<KeychainEntry, KeychainError> {
    let Read { origin, secret } = serde_json::from_slice(value).map_err(|_| KeychainError::Failed)?;
    // A text that is shrunk may move and leave a copy behind; this one is copied to its final size and wiped.
    let secret = Zeroizing::new(secret);
    Ok(KeychainEntry { origin, secret: SecretString::from(secret.as_str()) })
}
