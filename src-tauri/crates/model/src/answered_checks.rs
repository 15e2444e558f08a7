//! Which results of checks rest on an answer of Okta. Only those say how current a status is.

use chrono::{DateTime, Utc};

use crate::check::{CheckId, CheckReport, CheckRow, Outcome};

impl CheckId {
    /// Returns whether the result is about the API token or was found with it.
    #[must_use]
    pub fn needs_okta_token(self) -> bool {
        match self {
            Self::Token
            | Self::Owner
            | Self::Roles
            | Self::TokenEntry
            | Self::SystemLog
            | Self::Users
            | Self::Zones
            | Self::RateLimit
            | Self::Capabilities => true,
            Self::Keychain
            | Self::Domain
            | Self::Tls
            | Self::Clock
            | Self::RadiantTls
            | Self::RadiantSearch
            | Self::Arrival => false,
        }
    }
}

impl CheckRow {
    /// Returns whether Okta's answer is behind this result. A request without an answer, or with one that may be another
    /// host's, observes nothing, and neither does a check of this computer or of Radiant.
    #[must_use]
    pub fn is_answer_of_okta(&self) -> bool {
        let asks_okta = match self.check {
            CheckId::Domain
            | CheckId::Token
            | CheckId::Owner
            | CheckId::Roles
            | CheckId::TokenEntry
            | CheckId::SystemLog
            | CheckId::Users
            | CheckId::Zones => true,
            CheckId::Keychain
            | CheckId::Tls
            | CheckId::Clock
            | CheckId::RateLimit
            | CheckId::Capabilities
            | CheckId::RadiantTls
            | CheckId::RadiantSearch
            | CheckId::Arrival => false,
        };
        let has_answer = match self.outcome {
            Outcome::Passed | Outcome::Attention => true,
            Outcome::Failed => {
                let is_certain = self.code.is_some_and(|code| !code.is_transient() && !code.is_offline());
                is_certain && self.evidence.iter().any(|one| one.status.is_some())
            }
            Outcome::Skipped | Outcome::Unknown => false,
        };
        asks_okta && has_answer
    }
}

impl CheckReport {
    /// Returns the times of the rows that Okta answered.
    pub fn answer_times(&self) -> impl Iterator<Item = DateTime<Utc>> {
        self.rows.iter().filter(|row| row.is_answer_of_okta()).map(|row| row.at)
    }
}
