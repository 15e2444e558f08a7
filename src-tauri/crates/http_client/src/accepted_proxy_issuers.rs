//! The issuers of TLS-inspecting proxies that a connection may use.

use std::collections::BTreeSet;

use model::certificate_issuer::AcceptedIssuer;

/// The accepted issuers, each by host and by SHA-256 of its public key in hex. The default accepts none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AcceptedProxyIssuers(BTreeSet<(String, String)>);

impl AcceptedProxyIssuers {
    /// Returns whether the issuer with this key is accepted for the host.
    #[must_use]
    pub fn contains(&self, host: &str, key: &str) -> bool {
        self.0.iter().any(|(accepted, by)| accepted.eq_ignore_ascii_case(host) && by == key)
    }

    /// Accepts an issuer for a host.
    pub fn insert(&mut self, host: &str, key: &str) {
        self.0.insert((host.to_owned(), key.to_owned()));
    }
}

impl<'a> FromIterator<&'a AcceptedIssuer> for AcceptedProxyIssuers {
    fn from_iter<I: IntoIterator<Item = &'a AcceptedIssuer>>(accepted: I) -> Self {
        Self(accepted.into_iter().map(|one| (one.host.clone(), one.key.clone())).collect())
    }
}
