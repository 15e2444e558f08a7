//! The origin of an Okta org: a validated Okta domain, or a practice organization on loopback.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::code::Code;

/// The DNS zones in which Okta hosts orgs. The last three are Okta's zones for tests, which the validators of Okta's SDKs accept
/// (okta-facts A2).
pub const OKTA_ZONES: [&str; 8] = [
    "okta.com",
    "oktapreview.com",
    "okta-emea.com",
    "okta-gov.com",
    "okta.mil",
    "okta-miltest.com",
    "trexcloud.com",
    "trex-govcloud.com",
];

/// An org's own host, not a custom domain: one label inside a known Okta zone, lower case, without `-admin`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(try_from = "String", into = "String")]
pub struct OktaDomain(pub(crate) String);

/// The loopback origin of a practice organization, for example `http://127.0.0.1:40123`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(try_from = "String", into = "String")]
pub struct Loopback(String);

/// The origin to which requests for an org are sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(tag = "kind", content = "at", rename_all = "snake_case")]
pub enum Origin {
    /// A real org.
    Okta(OktaDomain),
    /// A practice organization on loopback.
    Practice(Loopback),
}

impl OktaDomain {
    /// Returns the host, for example `my-org.okta.com`.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.0
    }

    /// Returns the origin in the form that Radiant requires, `https://my-org.okta.com`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}", self.0)
    }

    /// Returns the Admin Console's origin, `https://my-org-admin.okta.com` (okta-facts A3).
    #[must_use]
    pub fn admin_url(&self) -> String {
        let (name, zone) = self.0.split_once('.').unwrap_or((&self.0, ""));
        format!("https://{name}-admin.{zone}")
    }

    /// Returns the org's name, `my-org`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.split('.').next().unwrap_or(&self.0)
    }
}

impl From<OktaDomain> for String {
    fn from(domain: OktaDomain) -> Self {
        domain.0
    }
}

impl Loopback {
    /// Accepts `http://127.0.0.1:PORT`, `http://[::1]:PORT` or the same with `https`. A name such as `localhost` is refused
    /// because a name server or a hosts file decides where it leads.
    ///
    /// # Errors
    /// [`Code::DomainPlainHttp`] for any other address.
    pub fn new(origin: &str) -> Result<Self, Code> {
        let url = url::Url::parse(origin).map_err(|_| Code::DomainNotAHost)?;
        let is_loopback = match url.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(_)) | None => false,
        };
        let is_origin =
            url.path() == "/" && url.query().is_none() && url.username().is_empty() && url.password().is_none();
        if is_loopback && is_origin && url.port().is_some() && matches!(url.scheme(), "http" | "https") {
            Ok(Self(url.origin().ascii_serialization()))
        } else {
            Err(Code::DomainPlainHttp)
        }
    }
}

impl TryFrom<String> for Loopback {
    type Error = Code;
    fn try_from(origin: String) -> Result<Self, Code> {
        Self::new(&origin)
    }
}

impl From<Loopback> for String {
    fn from(origin: Loopback) -> Self {
        origin.0
    }
}

impl Origin {
    /// Returns the host of a real org; `None` for a practice organization.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Okta(domain) => Some(domain.host()),
            Self::Practice(_) => None,
        }
    }

    /// Returns the origin as a URL without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        match self {
            Self::Okta(domain) => domain.url(),
            Self::Practice(loopback) => loopback.0.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_literal_loopback_address_is_loopback() {
        for address in ["http://127.0.0.1:40123", "https://127.0.0.1:1", "http://[::1]:40123", "http://127.8.0.1:5"] {
            assert!(Loopback::new(address).is_ok(), "{address}");
        }
        for address in [
            "http://localhost:40123",
            "https://localhost:40123",
            "http://acme.localhost:40123",
            "http://localhost.:40123",
            "http://127.0.0.1.example.com:40123",
            "http://[::ffff:10.0.0.1]:40123",
            "http://10.0.0.1:40123",
            "http://0.0.0.0:40123",
            "http://127.0.0.1",
            "http://user@127.0.0.1:40123",
            "ftp://127.0.0.1:40123",
        ] {
            assert!(Loopback::new(address).is_err(), "{address}");
        }
    }
}
