//! What can be copied, and the result of a copy.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use specta::Type;

use super::system_clipboard::Digest;

/// How long a secret stays on the clipboard.
pub(crate) const SECRET_LIFETIME: Duration = Duration::from_secs(30);

/// An item that a copy button puts on the clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CopyItem {
    /// The Okta domain in the form that Radiant asks for.
    OktaDomain,
    /// The API token for Radiant. It goes from the keychain to the clipboard; the window never receives it.
    ApiToken,
    /// The API token that replaces the one Radiant has. It is copied and cleared in the same way.
    NewApiToken,
    /// The name for the new token in Okta.
    NewTokenName,
    /// The name for the token in Okta.
    TokenName,
    /// The name for the credential in Radiant.
    CredentialName,
}

/// The result of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct Copied {
    /// Seconds until it is cleared; absent for an item that is not secret, and where clearing does not work.
    pub(crate) clears_in_s: Option<u32>,
    /// Whether this desktop is known to keep it out of its clipboard history.
    pub(crate) history_excluded: bool,
    /// Whether the system lets the app read and clear it.
    pub(crate) can_clear: bool,
}

/// A text to copy.
pub(crate) enum CopyContent {
    /// A text that is not secret.
    Plain(String),
    /// A secret.
    Secret(SecretString),
}

/// Returns the digest of a secret, by which it is recognized on the clipboard.
#[expect(clippy::disallowed_methods, reason = "the clipboard is a named place: the secret is compared by its digest")]
pub(crate) fn digest(secret: &SecretString) -> Digest {
    Digest::of(secret.expose_secret())
}
