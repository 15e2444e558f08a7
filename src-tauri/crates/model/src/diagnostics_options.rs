//! Options and app information of a diagnostics bundle.

use serde::{Deserialize, Serialize};
use specta::Type;

/// Selects the values to replace by a pseudonym (`person-1`, `address-1`, `org-1`), which is the same throughout one bundle.
/// Anything similar to a token is always removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RedactionOptions {
    /// E-mail addresses, logins, and names of owners and operators.
    pub people: bool,
    /// IP addresses, except loopback.
    pub addresses: bool,
    /// Okta domains, org ids and names of connections.
    pub orgs: bool,
}

impl Default for RedactionOptions {
    fn default() -> Self {
        Self { people: true, addresses: true, orgs: true }
    }
}

/// Information about the running app for a diagnostics bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuntimeInfo {
    /// The app's version.
    pub version: String,
    /// The operating system and its architecture.
    pub os: String,
    /// The web view and its version; `None` on the command line.
    pub web_view: Option<String>,
    /// The last lines of the log.
    pub log: String,
}
