//! The card of a practice organization: its addresses and its tokens.

use serde::{Deserialize, Serialize};

/// Addresses and tokens. It has no `Debug`: tokens, even practice tokens, do not belong in logs.
#[derive(Clone, Serialize, Deserialize)]
pub struct Card {
    /// Okta's origin.
    pub okta: String,
    /// Certificate (PEM) of the authority to trust for Okta over TLS; absent without TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub okta_authority: Option<String>,
    /// Radiant's addresses.
    pub radiant: Addresses,
    /// The control endpoint.
    pub control: ControlCard,
    /// Okta tokens by principal.
    pub tokens: Tokens,
    /// Token of Radiant's search.
    pub radiant_search_token: String,
    /// Token of Radiant's custom events webhook.
    pub radiant_events_token: String,
}

/// Radiant's addresses.
#[derive(Clone, Serialize, Deserialize)]
pub struct Addresses {
    /// Search Query API.
    pub search: String,
    /// Custom events webhook.
    pub events_webhook: String,
    /// Documentation page that accepts `ask`.
    pub docs: String,
}

/// The control endpoint.
#[derive(Clone, Serialize, Deserialize)]
pub struct ControlCard {
    /// Its origin.
    pub url: String,
    /// Bearer secret of this run.
    pub secret: String,
}

/// Okta tokens by principal.
#[derive(Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is named after its principal")]
pub struct Tokens {
    pub super_admin: String,
    pub org_admin: String,
    pub read_only: String,
    pub person_super_admin: String,
    pub expired: String,
    pub owner_deactivated: String,
    pub network_restricted: String,
    pub super_admin_next: String,
    pub other_super_admin: String,
    pub other_super_admin_next: String,
}
