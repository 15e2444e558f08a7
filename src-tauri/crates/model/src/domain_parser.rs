//! Parses the text that an administrator typed or pasted as an Okta domain.
//!
//! Pure: sends no request. Corrections are reported ([`DomainNote`]). A host that only resembles an Okta host is refused with its
//! own code, because the token would be sent there. The zones come from Okta's guide "Find your Okta domain" and the validators
//! of Okta's SDKs.

use serde::{Deserialize, Serialize};
use specta::Type;
use url::{Host, Url};

use crate::code::Code;
use crate::origin::{OKTA_ZONES, OktaDomain, Origin};
use crate::token_format::holds_token;

/// Hosts inside a zone that belong to Okta itself.
const RESERVED: [&str; 14] = [
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
    match OKTA_ZONES.iter().find(|zone| host == **zone || host.ends_with(&format!(".{zone}"))) {
        Some(zone) => org_in_zone(&host, zone, notes),
        None if resembles_okta(&host) => Err(Code::DomainLookAlike),
        None if is_placeholder(host.split('.').next().unwrap_or_default()) && host.ends_with("example.com") => {
            Err(Code::DomainPlaceholder)
        }
        None => Ok(ParsedDomain::Custom { host, notes }),
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
    let lower = text.to_lowercase();
    if lower.starts_with("http://") {
        return Err(Code::DomainPlainHttp);
    }
    let rest = match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => rest,
        Some(_) => return Err(Code::DomainNotAHost),
        None => text.trim_start_matches('/'),
    };
    if rest.contains("://") || rest.is_empty() {
        return Err(Code::DomainNotAHost);
    }
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
    if authority.ends_with(":443") {
        notes.push(DomainNote::Port);
    }
    match url.host() {
        Some(Host::Domain(host)) => validate_labels(host, notes),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => Err(Code::DomainAddress),
        None => Err(Code::DomainNotAHost),
    }
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
    org_in_zone(&format!("{name}.okta.com"), "okta.com", notes)
}

fn org_in_zone(host: &str, zone: &str, mut notes: Vec<DomainNote>) -> Result<ParsedDomain, Code> {
    let Some(name) = host.strip_suffix(zone).and_then(|name| name.strip_suffix('.')) else {
        return Err(Code::DomainZoneItself);
    };
    if name.contains('.') {
        // Okta's own pages have such addresses; an org has one label.
        return Err(Code::DomainLookAlike);
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
    if name.starts_with("xn--") || name.ends_with('-') || name.ends_with("-admin") {
        return Err(Code::DomainLookAlike);
    }
    let domain = OktaDomain(format!("{name}.{zone}"));
    let url = domain.url();
    Ok(ParsedDomain::Org { domain, url, notes })
}

fn is_placeholder(name: &str) -> bool {
    PLACEHOLDERS.contains(&name)
}

/// Returns whether a host outside Okta's zones imitates one: a zone inside another domain, digits instead of letters, doubled or
/// swapped letters, or letters of another script.
fn resembles_okta(host: &str) -> bool {
    let zone_inside = OKTA_ZONES.iter().any(|zone| format!(".{host}.").contains(&format!(".{zone}.")));
    let labels = host.split('.').rev().take(2).collect::<Vec<_>>();
    let registered = labels.last().copied().unwrap_or_default();
    let mut parts = host.split(['.', '-']);
    zone_inside || resembles_name(registered) || parts.any(resembles_name) || has_homoglyphs(host)
}

/// Returns whether a part of a host is `okta` or one typing mistake away from it.
fn resembles_name(part: &str) -> bool {
    let folded: String = part
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '4' => 'a',
            '7' => 't',
            c => c,
        })
        .collect();
    let mut last = None;
    let single: String = folded.chars().filter(|c| last.replace(*c) != Some(*c)).collect();
    let known = ["okta", "oktapreview", "oktaemea", "oktagov", "oktalogin", "oktasso", "oktaadmin", "oktacdn"];
    known.contains(&folded.as_str())
        || known.contains(&single.as_str())
        || ["okat", "otka", "okta1", "okata"].contains(&folded.as_str())
}

/// Returns whether a punycode label resembles `okta` in another script.
fn has_homoglyphs(host: &str) -> bool {
    let (unicode, _) = idna::domain_to_unicode(host);
    if unicode == host {
        return false;
    }
    let folded: String = unicode.chars().map(to_latin).collect();
    folded.split(['.', '-']).any(resembles_name)
}

/// Maps homoglyphs of the letters of `okta` to Latin letters.
fn to_latin(c: char) -> char {
    match c {
        'о' | 'ο' | 'օ' | 'ö' | 'ó' | 'ò' | 'ô' | 'õ' | 'ō' | 'ø' | 'ọ' | 'ơ' => 'o',
        'к' | 'κ' | 'ķ' | 'ḳ' | 'қ' => 'k',
        'т' | 'τ' | 'ţ' | 'ť' | 'ṭ' | 'ț' => 't',
        'а' | 'α' | 'ä' | 'á' | 'à' | 'â' | 'ã' | 'å' | 'ā' | 'ạ' => 'a',
        c => c,
    }
}

/// A correction that was made while a domain was parsed.
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
