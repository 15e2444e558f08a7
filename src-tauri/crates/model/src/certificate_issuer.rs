//! TLS inspection: who issued a server's certificate, and which issuers the administrator accepted for which host.
//!
//! An issuer is identified by its public key (SPKI), because a name can be copied. An acceptance is for one host and one key:
//! another issuer needs another decision.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::problem::Problem;

/// The issuer of a server's certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Issuer {
    /// Its organization or common name.
    pub name: String,
    /// SHA-256 of its public key (SPKI) in hex; `None` where the key could not be determined.
    pub key: Option<String>,
}

/// A connection that was refused before a secret was sent over it: this computer trusts the server's certificate, but no
/// public authority issued it and nobody accepted its issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedIssuer {
    /// The host that the secret is for.
    pub host: String,
    /// The issuer.
    pub issuer: Issuer,
}

impl RefusedIssuer {
    /// Adds the values for the texts and for the question to the administrator.
    #[must_use]
    pub fn describe(&self, problem: Problem) -> Problem {
        let problem = problem.arg("host", &self.host).arg("issuer", &self.issuer.name);
        match &self.issuer.key {
            Some(key) => problem.arg(ISSUER_KEY, key),
            None => problem,
        }
    }
}

/// The value of a problem or row that identifies the issuer to accept.
pub const ISSUER_KEY: &str = "issuer_key";

/// An issuer that the administrator accepted for one host: it can read what is sent there, secrets included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AcceptedIssuer {
    /// The host.
    pub host: String,
    /// The issuer's organization or common name.
    pub issuer: String,
    /// SHA-256 of the issuer's public key (SPKI) in hex.
    pub key: String,
    /// When it was accepted.
    pub at: DateTime<Utc>,
    /// The operating-system account it was accepted under.
    pub by: String,
}
