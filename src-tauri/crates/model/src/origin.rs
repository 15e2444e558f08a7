//! Where an Okta org is: a domain parsed once and valid for ever, or a practice organisation on loopback.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::code::Code;

/// Zones in which Okta serves orgs (okta-facts A2).
pub const OKTA_ZONES: [&str; 5] = ["okta.com", "oktapreview.com", "okta-emea.com", "okta-gov.com", "okta.mil"];

/// An org's own, un-customised host: one label inside a known Okta zone, lower case, without `-admin`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(try_from = "String", into = "String")]
pub struct OktaDomain(pub(super) String);

/// The loopback origin of a practice instance this process started, for example `http://127.0.0.1:40123`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(try_from = "String", into = "String")]
pub struct Loopback(String);

/// Where requests for an org go.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(tag = "kind", content = "at", rename_all = "snake_case")]
pub enum Origin {
    /// A real org.
    Okta(OktaDomain),
    /// A practice organisation on loopback.
    Practice(Loopback),
}

/// Something that was put right silently while reading a domain, and is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum DomainNote {
    /// The admin host was given; `-admin` was taken off.
    AdminHost,
    /// A path, query or fragment was taken off.
    Path,
    /// Only the name was given; `.okta.com` was added.
    NameOnly,
    /// Upper-case letters were lowered.
    UpperCase,
    /// Quotes, brackets or blanks around it were taken off.
    Wrapping,
    /// The default port was taken off.
    Port,
    /// A trailing dot was taken off.
    TrailingDot,
}

/// What the typed text means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ParsedDomain {
    /// An org's own address.
    Org {
        /// The domain.
        domain: OktaDomain,
        /// `https://my-org.okta.com`.
        url: String,
        /// What was put right.
        noticed: Vec<DomainNote>,
    },
    /// Some other host, perhaps a custom domain. It is only a pointer: it is asked which org it serves, and gets no token.
    Custom {
        /// The host, lower case.
        host: String,
        /// What was put right.
        noticed: Vec<DomainNote>,
    },
    /// Not a domain; the code says why.
    No {
        /// Why.
        code: Code,
    },
}

/// What the org itself said of where it is (`/.well-known/okta-organization`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct OrgFound {
    /// Okta's id of the org.
    pub org_id: String,
    /// Where the token may go.
    pub origin: Origin,
    /// `https://my-org.okta.com`.
    pub url: String,
    /// `idx` (Identity Engine), `v1` (Classic) or another word of Okta's.
    pub pipeline: String,
    /// The custom domain that led here, if one did.
    pub through: Option<String>,
    /// What was put right while reading.
    pub noticed: Vec<DomainNote>,
}

impl OktaDomain {
    /// Accepts a host that already is an org's own address.
    ///
    /// # Errors
    /// The code that says why it is not.
    pub fn from_host(host: &str) -> Result<Self, Code> {
        match crate::domain_parser::read(host) {
            ParsedDomain::Org { domain, .. } if domain.0 == host => Ok(domain),
            ParsedDomain::No { code } => Err(code),
            ParsedDomain::Org { .. } | ParsedDomain::Custom { .. } => Err(Code::DomainNotAHost),
        }
    }

    /// Returns the host, for example `my-org.okta.com`.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.0
    }

    /// Returns the origin as Radiant asks for it, `https://my-org.okta.com`.
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

impl TryFrom<String> for OktaDomain {
    type Error = Code;
    fn try_from(host: String) -> Result<Self, Code> {
        Self::from_host(&host)
    }
}

impl From<OktaDomain> for String {
    fn from(domain: OktaDomain) -> Self {
        domain.0
    }
}

impl Loopback {
    /// Accepts `http://127.0.0.1:PORT`, `http://[::1]:PORT`, `http://localhost:PORT` or the same with https.
    ///
    /// # Errors
    /// [`Code::DomainPlainHttp`] for any other address.
    pub fn new(origin: &str) -> Result<Self, Code> {
        let url = url::Url::parse(origin).map_err(|_| Code::DomainNotAHost)?;
        let loopback = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
        let bare = url.path() == "/" && url.query().is_none() && url.username().is_empty() && url.password().is_none();
        if loopback && bare && url.port().is_some() && matches!(url.scheme(), "http" | "https") {
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
    /// Returns the origin as a URL without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        match self {
            Self::Okta(domain) => domain.url(),
            Self::Practice(loopback) => loopback.0.clone(),
        }
    }
}
