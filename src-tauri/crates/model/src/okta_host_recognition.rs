//! Recognizes hosts inside Okta's zones and hosts that imitate Okta.

use crate::okta_origin::OKTA_ZONES;

/// The labels of Okta's services between an org's name and its zone: `acme.kerberos.okta.com` belongs to the org `acme`. The
/// certificates that Okta holds and its guides name them.
const SERVICES: [&str; 11] =
    ["kerberos", "mtls", "customdomains", "dnssec", "ldap", "workflows", "pam", "radius", "iwa", "piv", "idp"];
/// Okta's zones for everything that is no org.
const OTHER_ZONES: [&str; 1] = ["oktacdn.com"];
/// Second-level names under which a country's domains are registered.
const SECOND_LEVEL: [&str; 12] = ["co", "com", "net", "org", "gov", "gob", "gv", "ac", "edu", "or", "ne", "go"];
/// The word and names that are made from it.
const NAMES: [&str; 8] = ["okta", "oktapreview", "oktaemea", "oktagov", "oktalogin", "oktasso", "oktaadmin", "oktacdn"];

/// A host inside one of Okta's zones.
pub(crate) struct ZoneHost<'a> {
    /// The labels in front of the zone: the org's name where it is an org's host, empty for the zone itself.
    pub(crate) name: &'a str,
    /// The zone.
    pub(crate) zone: &'a str,
    /// Whether labels of a service of Okta's were removed.
    pub(crate) is_helper: bool,
    /// Whether the zone was given twice or without its end.
    pub(crate) is_ending_corrected: bool,
}

impl<'a> ZoneHost<'a> {
    /// Creates the host of an org.
    pub(crate) fn new(name: &'a str, zone: &'a str) -> Self {
        Self { name, zone, is_helper: false, is_ending_corrected: false }
    }
}

/// Returns the parts of a host inside one of Okta's zones; `None` for any other host.
pub(crate) fn zone_host(host: &str) -> Option<ZoneHost<'_>> {
    if OTHER_ZONES.iter().any(|zone| below(host, zone).is_some()) {
        return Some(ZoneHost::new("", OKTA_ZONES[0]));
    }
    if let Some((name, zone)) = OKTA_ZONES.iter().find_map(|zone| Some((below(host, zone)?, *zone))) {
        return Some(match zone_host(name).filter(|inner| !inner.name.is_empty()) {
            Some(inner) => ZoneHost { is_ending_corrected: true, ..inner },
            None => without_service(ZoneHost::new(name, zone)),
        });
    }
    let dns = |zone: &&'static str| Some((below(host, &dns_zone(zone))?, *zone));
    if let Some((name, zone)) = OKTA_ZONES.iter().find_map(dns) {
        let found = without_service(ZoneHost::new(name, zone));
        return Some(ZoneHost { is_helper: true, ..found });
    }
    let cut_off = |zone: &&'static str| Some((below(host, zone.split_once('.')?.0)?, *zone));
    let (name, zone) = OKTA_ZONES.iter().find_map(cut_off).filter(|(name, _)| !name.is_empty())?;
    Some(ZoneHost { is_ending_corrected: true, ..without_service(ZoneHost::new(name, zone)) })
}

/// Returns the labels of a host in front of a zone, empty for the zone itself; `None` outside it.
fn below<'a>(host: &'a str, zone: &str) -> Option<&'a str> {
    let name = host.strip_suffix(zone)?;
    if name.is_empty() { Some(name) } else { name.strip_suffix('.') }
}

/// Returns Okta's zone for DNS records of the orgs of a zone: `okta-dnssec.com` for `okta.com`.
fn dns_zone(zone: &str) -> String {
    zone.replacen('.', "-dnssec.", 1)
}

/// Removes `www` in front of an org's name and the labels of services after it.
fn without_service(host: ZoneHost<'_>) -> ZoneHost<'_> {
    let mut name = host.name;
    while let Some((rest, _)) = name.rsplit_once('.').filter(|(_, label)| SERVICES.contains(label)) {
        name = rest;
    }
    name = name.strip_prefix("www.").unwrap_or(name);
    ZoneHost { is_helper: name != host.name, name, ..host }
}

/// Returns whether a host outside Okta's zones imitates one: a zone inside another domain, a registered name that is `okta` or
/// close to it, digits instead of its letters, or letters of another script. A customer's own domain may have `okta` in front.
pub(crate) fn imitates_okta(host: &str) -> bool {
    let joined = format!("-{}-", host.replace('.', "-"));
    let has_zone = OKTA_ZONES.iter().any(|zone| joined.contains(&format!("-{}-", zone.replace('.', "-"))));
    let (front, registered) = split_registered(host);
    let words = |part: &str| part.split(['.', '-']).map(str::to_owned).collect::<Vec<_>>();
    has_zone
        || resembles_name(registered)
        || words(registered).iter().any(|word| resembles_name(word))
        || words(front).iter().any(|word| has_digits_for_letters(word))
        || has_homoglyphs(host)
}

/// Returns whether a host contains the word `okta`.
pub(crate) fn names_okta(host: &str) -> bool {
    host.contains("okta")
}

/// Splits a host into the labels in front of the registered domain and the registered label.
fn split_registered(host: &str) -> (&str, &str) {
    let labels: Vec<&str> = host.split('.').collect();
    let is_country = labels.last().is_some_and(|label| label.len() == 2);
    let second_level = labels.len().checked_sub(2).is_some_and(|at| SECOND_LEVEL.contains(&labels[at]));
    let ending = if is_country && second_level && labels.len() > 2 { 2 } else { 1 };
    let at = labels.len().saturating_sub(ending + 1);
    let front = host.len().min(labels[..at].iter().map(|label| label.len() + 1).sum());
    (host[..front].trim_end_matches('.'), labels[at])
}

/// Returns whether a part of a host is `okta` or one typing mistake away from it.
fn resembles_name(part: &str) -> bool {
    let folded = letters_for_digits(part);
    let mut last = None;
    let single: String = folded.chars().filter(|c| last.replace(*c) != Some(*c)).collect();
    NAMES.contains(&folded.as_str())
        || NAMES.contains(&single.as_str())
        || ["okat", "otka", "okta1", "okata"].contains(&folded.as_str())
}

/// Returns whether a word is one of the names with digits in place of letters, such as `0kta`.
fn has_digits_for_letters(word: &str) -> bool {
    !NAMES.contains(&word) && NAMES.contains(&letters_for_digits(word).as_str())
}

fn letters_for_digits(part: &str) -> String {
    let letter = |c: char| match c {
        '0' => 'o',
        '4' => 'a',
        '7' => 't',
        c => c,
    };
    part.chars().map(letter).collect()
}

/// Returns whether a punycode label resembles `okta` in another script.
fn has_homoglyphs(host: &str) -> bool {
    let (unicode, _) = idna::domain_to_unicode(host);
    let mut foreign = unicode.split('.').filter(|label| !label.is_ascii());
    foreign.any(|label| {
        let words = label.split('-').filter(|word| !word.is_ascii());
        words.map(|word| word.chars().map(to_latin).collect::<String>()).any(|word| resembles_name(&word))
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registered_label_of_a_country_domain_is_found() {
        assert_eq!(split_registered("okta.acme.co.uk"), ("okta", "acme"));
        assert_eq!(split_registered("a.b.acme.example"), ("a.b", "acme"));
        assert_eq!(split_registered("acme.example"), ("", "acme"));
        assert_eq!(split_registered("co.uk"), ("", "co"));
        assert_eq!(split_registered("acme"), ("", "acme"));
    }

    #[test]
    fn a_service_label_alone_is_no_org() {
        let found = zone_host("kerberos.okta.com").map(|found| (found.name, found.is_helper));
        assert_eq!(found, Some(("kerberos", false)));
        assert_eq!(zone_host("okta-dnssec.com").map(|found| found.name), Some(""));
        assert!(zone_host("notokta.com").is_none());
    }
}
