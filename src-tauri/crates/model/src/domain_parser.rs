//! Reading what an administrator typed or pasted as an Okta domain.
//!
//! Pure: nothing is asked of any server. What is put right silently is told ([`DomainNote`]); what only looks like an Okta host
//! is refused with a code of its own, since a token would go there. Zones: Okta's guide "Find your Okta domain" and the
//! validators of Okta's own SDKs.

use serde::{Deserialize, Serialize};
use specta::Type;
use url::{Host, Url};

use crate::code::Code;
use crate::origin::{OKTA_ZONES, OktaDomain, Origin};
use crate::token_format::holds_token;

/// Hosts inside a zone that are Okta's own and no org's.
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
/// Names that manuals use for "your org".
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
    /// Reads what was typed or pasted.
    #[must_use]
    pub fn of(typed: &str) -> Self {
        read(typed)
    }
}

pub(super) fn read(typed: &str) -> ParsedDomain {
    reading(typed).unwrap_or_else(|code| ParsedDomain::No { code })
}

fn reading(typed: &str) -> Result<ParsedDomain, Code> {
    // First of all: as a host name it would be looked up, and so told to every name server on the way.
    if holds_token(typed) {
        return Err(Code::DomainIsToken);
    }
    let mut noticed = Vec::new();
    let text = unwrapped(typed, &mut noticed)?;
    let host = host_of(&text, &mut noticed)?;
    if host == "localhost" {
        return Err(Code::DomainAddress);
    }
    if !host.contains('.') {
        return named(&host, noticed);
    }
    match OKTA_ZONES.iter().find(|zone| host == **zone || host.ends_with(&format!(".{zone}"))) {
        Some(zone) => in_zone(&host, zone, noticed),
        None if looks_like_okta(&host) => Err(Code::DomainLookAlike),
        None if is_placeholder(host.split('.').next().unwrap_or_default()) && host.ends_with("example.com") => {
            Err(Code::DomainPlaceholder)
        }
        None => Ok(ParsedDomain::Custom { host, noticed }),
    }
}

/// Takes off blanks, quotes, brackets, Markdown and invisible characters around the text.
fn unwrapped(typed: &str, noticed: &mut Vec<DomainNote>) -> Result<String, Code> {
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
        noticed.push(DomainNote::Wrapping);
    }
    Ok(text.to_owned())
}

/// Returns the host, lower case, without what belongs to a URL.
fn host_of(text: &str, noticed: &mut Vec<DomainNote>) -> Result<String, Code> {
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
        noticed.push(DomainNote::Path);
    }
    if authority.chars().any(char::is_uppercase) {
        noticed.push(DomainNote::UpperCase);
    }
    let url = Url::parse(&format!("https://{authority}/")).map_err(|_| Code::DomainNotAHost)?;
    if url.port().is_some() {
        return Err(Code::DomainPort);
    }
    if authority.ends_with(":443") {
        noticed.push(DomainNote::Port);
    }
    match url.host() {
        Some(Host::Domain(host)) => tidy(host, noticed),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => Err(Code::DomainAddress),
        None => Err(Code::DomainNotAHost),
    }
}

/// Takes a trailing dot off and checks the labels by the rules of host names (RFC 1123).
fn tidy(host: &str, noticed: &mut Vec<DomainNote>) -> Result<String, Code> {
    let host = match host.strip_suffix('.') {
        Some(host) => {
            noticed.push(DomainNote::TrailingDot);
            host
        }
        None => host,
    };
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    if host.len() <= 253 && host.split('.').all(label) { Ok(host.to_owned()) } else { Err(Code::DomainNotAHost) }
}

/// A name without a dot is an org's name in `okta.com`.
fn named(name: &str, mut noticed: Vec<DomainNote>) -> Result<ParsedDomain, Code> {
    if ["okta", "oktapreview"].contains(&name) {
        return Err(Code::DomainZoneItself);
    }
    noticed.push(DomainNote::NameOnly);
    in_zone(&format!("{name}.okta.com"), "okta.com", noticed)
}

fn in_zone(host: &str, zone: &str, mut noticed: Vec<DomainNote>) -> Result<ParsedDomain, Code> {
    let Some(name) = host.strip_suffix(zone).and_then(|name| name.strip_suffix('.')) else {
        return Err(Code::DomainZoneItself);
    };
    if name.contains('.') {
        // Okta's own pages sit at such addresses; an org has one label.
        return Err(Code::DomainLookAlike);
    }
    let name = match name.strip_suffix("-admin") {
        Some(name) if !name.is_empty() => {
            noticed.push(DomainNote::AdminHost);
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
    // What is left of two endings would be read as the console of another org.
    if name.starts_with("xn--") || name.ends_with('-') || name.ends_with("-admin") {
        return Err(Code::DomainLookAlike);
    }
    let domain = OktaDomain(format!("{name}.{zone}"));
    let url = domain.url();
    Ok(ParsedDomain::Org { domain, url, noticed })
}

fn is_placeholder(name: &str) -> bool {
    PLACEHOLDERS.contains(&name)
}

/// Tells whether a host outside Okta's zones dresses as one: a zone inside another domain, a digit for a letter, letters
/// doubled or swapped, or letters of another script.
fn looks_like_okta(host: &str) -> bool {
    let zone_inside = OKTA_ZONES.iter().any(|zone| format!(".{host}.").contains(&format!(".{zone}.")));
    let labels = host.split('.').rev().take(2).collect::<Vec<_>>();
    let registered = labels.last().copied().unwrap_or_default();
    let words = host.split(['.', '-']);
    zone_inside || near(registered) || words.into_iter().any(near) || foreign(host)
}

/// Tells whether a word is `okta` or within one mistake of it.
fn near(word: &str) -> bool {
    let folded: String = word
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

/// Tells whether a punycode label reads like `okta` in another script.
fn foreign(host: &str) -> bool {
    let (shown, _) = idna::domain_to_unicode(host);
    if shown == host {
        return false;
    }
    let folded: String = shown.chars().map(latin).collect();
    folded.split(['.', '-']).any(near)
}

/// The Latin letter a look-alike stands for, for the letters of `okta`.
fn latin(c: char) -> char {
    match c {
        'о' | 'ο' | 'օ' | 'ö' | 'ó' | 'ò' | 'ô' | 'õ' | 'ō' | 'ø' | 'ọ' | 'ơ' => 'o',
        'к' | 'κ' | 'ķ' | 'ḳ' | 'қ' => 'k',
        'т' | 'τ' | 'ţ' | 'ť' | 'ṭ' | 'ț' => 't',
        'а' | 'α' | 'ä' | 'á' | 'à' | 'â' | 'ã' | 'å' | 'ā' | 'ạ' => 'a',
        c => c,
    }
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
        match read(host) {
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
