//! An entry's value: a secret and the one origin it is bound to, as JSON.
//!
//! Promises: every copy of the text made here is wiped when it is dropped.

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::SecretsError;

/// A secret as it was kept.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) origin: String,
    pub(super) secret: SecretString,
}

/// The value on the wire to the keychain. No `Debug`, since it holds the secret.
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

/// Writes the entry's value. One of the few places that expose a secret.
#[expect(clippy::disallowed_methods, reason = "the vault's put is one of the named places")]
pub(super) fn write(origin: &str, secret: &SecretString) -> Result<Zeroizing<Vec<u8>>, SecretsError> {
    let secret = secret.expose_secret();
    // JSON writes a byte as six at most. Room for all of it at once, so that growing leaves no copy behind.
    let mut value = Zeroizing::new(Vec::with_capacity(64 + 6 * (origin.len() + secret.len())));
    serde_json::to_writer(&mut *value, &Written { origin, secret }).map_err(|_| SecretsError::Failed)?;
    Ok(value)
}

/// Reads an entry's value; one this app did not write is [`SecretsError::Failed`].
pub(super) fn read(value: &[u8]) -> Result<Kept, SecretsError> {
    let read: Read = serde_json::from_slice(value).map_err(|_| SecretsError::Failed)?;
    Ok(Kept { origin: read.origin, secret: SecretString::from(read.secret) })
}
