//! Parses the text that an administrator typed or pasted as an Okta domain.
//!
//! Pure: sends no request. Corrections are reported ([`DomainNote`]). A helper host of Okta's leads to its org. A host that only
//! imitates an Okta host is refused with its own code, because the token would be sent there; a customer's own domain that
//! contains the word is not. Every place that takes a domain uses this parser.

use serde::{Deserialize, Serialize};
use specta::Type;
use url::{Host, Url};

use crate::code::Code;
use crate::okta_host_recognition::{self, ZoneHost};
use crate::okta_origin::{OktaDomain, Origin};
use crate::token_format::holds_token;

/// Hosts inside a zone that belong to Okta itself.
const RESERVED: [&str; 20] = [
    "www",
    "login",
    "help",
    "support",
    "developer",
    "status",
    "trust",
    "admin",
    "api",
    "docs",
    "learning",
    "system-admin",
    "security",
    "app",
    "kerberos",
    "mtls",
    "customdomains",
    "dnssec",
    "ldap",
    "workflows",
];
/// Placeholders for an org's name in documentation.
const PLACEHOLDERS: [&str; 12] = [
    "my-org",
    "myorg",
    "your-org",
    "yourorg",
    "yourcompany",
    "your-company",
    "yourdomain",
    "your-domain",
    "youroktadomain",
    "your-okta-domain",
    "example",
    "subdomain",
];

impl ParsedDomain {
    /// Parses typed or pasted text.
    #[must_use]
    pub fn parse(typed: &str) -> Self {
        try_parse(typed).unwrap_or_else(|code| Self::No { code })
    }
}

fn try_parse(typed: &str) -> Result<ParsedDomain, Code> {
    // Checked first: resolved as a host name, the token would be sent to name servers.
    if holds_token(typed) {
        return Err(Code::DomainIsToken);
    }
    let mut notes = Vec::new();
    let text = strip_wrapping(typed, &mut notes)?;
    let host = host_of(&text, &mut notes)?;
    if host == "localhost" {
        return Err(Code::DomainAddress);
    }
    if !host.contains('.') {
        return org_by_name(&host, notes);
    }
    match okta_host_recognition::zone_host(&host) {
        Some(found) => org_in_zone(&found, notes),
        None if okta_host_recognition::imitates_okta(&host) => Err(Code::DomainLookAlike),
        None if is_placeholder(host.split('.').next().unwrap_or_default()) && host.ends_with("example.com") => {
            Err(Code::DomainPlaceholder)
        }
        None => {
            if okta_host_recognition::names_okta(&host) {
                notes.push(DomainNote::NamesOkta);
            }
            Ok(ParsedDomain::Custom { host, notes })
        }
    }
}

/// Removes blanks, quotes, brackets, Markdown and invisible characters around the text.
fn strip_wrapping(typed: &str, notes: &mut Vec<DomainNote>) -> Result<String, Code> {
    let invisible = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}' | '\u{ad}');
    let visible: String = typed.chars().filter(|c| !invisible(*c)).collect();
    let mut text = visible.trim();
    // [name](https://address) as chat programs copy it.
    if let Some((_, target)) = text.strip_prefix('[').and_then(|rest| rest.split_once("](")) {
        text = target.trim_end_matches(')');
    }
    let around: &[char] =
        &['"', '\'', '`', '<', '>', '(', ')', '[', ']', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}', ',', ';'];
    text = text.trim_matches(|c: char| around.contains(&c) || c.is_whitespace());
    if text.is_empty() {
        return Err(if typed.trim().is_empty() { Code::DomainEmpty } else { Code::DomainNotAHost });
    }
    if text.contains(['{', '}']) || text.contains("${") || text.to_lowercase().contains("youroktadomain") {
        return Err(Code::DomainPlaceholder);
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Code::DomainNotAHost);
    }
    if text != typed {
        notes.push(DomainNote::Wrapping);
    }
    Ok(text.to_owned())
}

/// Extracts the host in lower case from a host or URL.
fn host_of(text: &str, notes: &mut Vec<DomainNote>) -> Result<String, Code> {
    let rest = without_scheme(text, notes)?;
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(Code::DomainUser);
    }
    if authority.is_empty() {
        return Err(Code::DomainNotAHost);
    }
    let bare = rest.len() == authority.len() || rest[authority.len()..] == *"/";
    if !bare {
        notes.push(DomainNote::Path);
    }
    if authority.chars().any(char::is_uppercase) {
        notes.push(DomainNote::UpperCase);
    }
    let url = Url::parse(&format!("https://{authority}/")).map_err(|_| Code::DomainNotAHost)?;
    if url.port().is_some() {
        return Err(Code::DomainPort);
    }
    match url.host() {
        Some(Host::Domain(host)) => {
            if authority.contains(':') {
                notes.push(DomainNote::Port);
            }
            validate_labels(host, notes)
        }
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => Err(Code::DomainAddress),
        None => Err(Code::DomainNotAHost),
    }
}

/// Removes `https://`, also where it is mistyped (`https:/`, `https//`) or pasted twice.
fn without_scheme<'a>(text: &'a str, notes: &mut Vec<DomainNote>) -> Result<&'a str, Code> {
    let mut rest = text;
    let mut is_usual = true;
    loop {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"+.-".contains(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let ends_scheme = after.is_empty() || after.starts_with([':', ';', '/', '\\']);
        match word.to_ascii_lowercase().as_str() {
            "https" if ends_scheme => {}
            "http" if ends_scheme => return Err(Code::DomainPlainHttp),
            // A name before a colon is another scheme, unless a port follows.
            word if !word.is_empty() && !word.contains('.') && is_other_scheme(after) => {
                return Err(Code::DomainNotAHost);
            }
            _ => break,
        }
        is_usual &= rest.len() == text.len() && after.starts_with("://") && !after[3..].starts_with('/');
        rest = after.trim_start_matches([':', ';', '/', '\\']);
    }
    if !is_usual {
        notes.push(DomainNote::Scheme);
    }
    let rest = rest.trim_start_matches('/');
    if rest.is_empty() { Err(Code::DomainNotAHost) } else { Ok(rest) }
}

/// Returns whether the text after a name makes the name a scheme: a colon that no port follows.
fn is_other_scheme(after: &str) -> bool {
    after.strip_prefix(':').is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Removes a trailing dot and validates the labels (RFC 1123).
fn validate_labels(host: &str, notes: &mut Vec<DomainNote>) -> Result<String, Code> {
    let host = match host.strip_suffix('.') {
        Some(host) => {
            notes.push(DomainNote::TrailingDot);
            host
        }
        None => host,
    };
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    if host.len() <= 253 && host.split('.').all(is_label) { Ok(host.to_owned()) } else { Err(Code::DomainNotAHost) }
}

/// Interprets a name without a dot as an org in `okta.com`.
fn org_by_name(name: &str, mut notes: Vec<DomainNote>) -> Result<ParsedDomain, Code> {
    if ["okta", "oktapreview"].contains(&name) {
        return Err(Code::DomainZoneItself);
    }
    notes.push(DomainNote::NameOnly);
    org_in_zone(&ZoneHost::new(name, "okta.com"), notes)
}

fn org_in_zone(found: &ZoneHost<'_>, mut notes: Vec<DomainNote>) -> Result<ParsedDomain, Code> {
    let (name, zone) = (found.name, found.zone);
    if name.is_empty() || name.contains('.') {
        // Okta's own pages have such addresses; an org has one label.
        return Err(Code::DomainZoneItself);
    }
    if found.is_helper {
        notes.push(DomainNote::HelperHost);
    }
    if found.is_ending_corrected {
        notes.push(DomainNote::Ending);
    }
    let name = match name.strip_suffix("-admin") {
        Some(name) if !name.is_empty() => {
            notes.push(DomainNote::AdminHost);
            name
        }
        Some(_) | None => name,
    };
    if RESERVED.contains(&name) {
        return Err(Code::DomainZoneItself);
    }
    if is_placeholder(name) {
        return Err(Code::DomainPlaceholder);
    }
    // A remaining `-admin` would be the Admin Console of another org.
    if name.ends_with('-') || name.ends_with("-admin") {
        return Err(Code::DomainZoneItself);
    }
    // An org's name is ASCII, so letters of another script imitate it.
    if name.starts_with("xn--") {
        return Err(Code::DomainLookAlike);
    }
    let domain = OktaDomain(format!("{name}.{zone}"));
    let url = domain.url();
    Ok(ParsedDomain::Org { domain, url, notes })
}

fn is_placeholder(name: &str) -> bool {
    PLACEHOLDERS.contains(&name)
}

/// A correction that was made, or a fact that was found, while a domain was parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum DomainNote {
    /// The Admin Console's host was given; `-admin` was removed.
    AdminHost,
    /// A path, query or fragment was removed.
    Path,
    /// Only the name was given; `.okta.com` was added.
    NameOnly,
    /// Upper-case letters were changed to lower case.
    UpperCase,
    /// Quotes, brackets or blanks around it were removed.
    Wrapping,
    /// The default port was removed.
    Port,
    /// A trailing dot was removed.
    TrailingDot,
    /// `https://` was mistyped or given twice.
    Scheme,
    /// One of Okta's helper hosts of an org was given.
    HelperHost,
    /// Okta's zone was given twice, or without its end.
    Ending,
    /// The host contains the word `okta` without being Okta's.
    NamesOkta,
}

/// The result of parsing a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ParsedDomain {
    /// An org's own address.
    Org {
        /// The domain.
        domain: OktaDomain,
        /// `https://my-org.okta.com`.
        url: String,
        /// The corrections that were made.
        notes: Vec<DomainNote>,
    },
    /// Another host, perhaps a custom domain. The app asks it which org it serves, and sends it no token.
    Custom {
        /// The host, lower case.
        host: String,
        /// The corrections that were made.
        notes: Vec<DomainNote>,
    },
    /// Not a domain.
    No {
        /// The reason.
        code: Code,
    },
}

/// The org's public metadata (`/.well-known/okta-organization`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct OrgFound {
    /// Okta's id of the org.
    pub org_id: String,
    /// The origin to which the token may be sent.
    pub origin: Origin,
    /// `https://my-org.okta.com`.
    pub url: String,
    /// `idx` (Identity Engine), `v1` (Classic) or another value of Okta's.
    pub pipeline: String,
    /// The custom domain that named this org, if any.
    pub through: Option<String>,
    /// The corrections that were made to the typed text.
    pub notes: Vec<DomainNote>,
}

impl OktaDomain {
    /// Accepts a host that is an org's own address without any correction.
    ///
    /// # Errors
    /// The code of the reason for which it is not.
    pub fn from_host(host: &str) -> Result<Self, Code> {
        match ParsedDomain::parse(host) {
            ParsedDomain::Org { domain, .. } if domain.0 == host => Ok(domain),
            ParsedDomain::No { code } => Err(code),
            ParsedDomain::Org { .. } | ParsedDomain::Custom { .. } => Err(Code::DomainNotAHost),
        }
    }
}

impl TryFrom<String> for OktaDomain {
    type Error = Code;
    fn try_from(host: String) -> Result<Self, Code> {
        Self::from_host(&host)
    }
}
