//! What a diagnostics bundle keeps of people, addresses and orgs, and what it says of the app itself.

use serde::{Deserialize, Serialize};
use specta::Type;

/// What is replaced by a pseudonym (`person-1`, `address-1`, `org-1`) that stays the same within one bundle. What looks
/// like a token is always taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RedactionOptions {
    /// E-mail addresses, logins, names of owners and operators.
    pub people: bool,
    /// IP addresses, but for loopback.
    pub addresses: bool,
    /// Okta domains and ids of orgs, names of connections.
    pub orgs: bool,
}

impl Default for RedactionOptions {
    fn default() -> Self {
        Self { people: true, addresses: true, orgs: true }
    }
}

/// What a diagnostics bundle says of the app, handed in by the one who runs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuntimeInfo {
    /// The app's version.
    pub version: String,
    /// The operating system and its architecture.
    pub os: String,
    /// The web view and its version; none on the command line.
    pub web_view: Option<String>,
    /// The newest lines of the log.
    pub log: String,
}
