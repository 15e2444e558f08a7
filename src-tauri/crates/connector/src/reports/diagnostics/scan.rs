//! Finds e-mail addresses, IP addresses and Okta hosts in a text and has each replaced.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use model::origin::OKTA_ZONES;

/// Replaces every e-mail address.
pub(super) fn emails(text: &str, mut instead: impl FnMut(&str) -> String) -> String {
    let local = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'');
    let host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let start = rest[..at].char_indices().rev().take_while(|(_, c)| local(*c)).last().map_or(at, |(i, _)| i);
        let after = &rest[at + 1..];
        let end = at + 1 + after.find(|c: char| !host(c)).unwrap_or(after.len());
        let end = start + rest[start..end].trim_end_matches(['.', '-']).len();
        if start < at && end > at + 1 {
            out.push_str(&rest[..start]);
            out.push_str(&instead(&rest[start..end]));
            rest = &rest[end..];
        } else {
            out.push_str(&rest[..=at]);
            rest = after;
        }
    }
    out + rest
}

/// Replaces every IP address but loopback and the unspecified one, which name nobody.
pub(super) fn addresses(text: &str, mut instead: impl FnMut(&str) -> String) -> String {
    let six = |c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '.');
    let four = |c: char| c.is_ascii_digit() || c == '.';
    let text = runs(text, six, |run| {
        let address = run.trim_end_matches('.').parse::<Ipv6Addr>().ok()?;
        names_somebody(IpAddr::V6(address)).then(|| instead(&address.to_string()))
    });
    runs(&text, four, |run| {
        let address = run.trim_end_matches('.').parse::<Ipv4Addr>().ok()?;
        names_somebody(IpAddr::V4(address)).then(|| instead(&address.to_string()))
    })
}

fn names_somebody(address: IpAddr) -> bool {
    !address.is_loopback() && !address.is_unspecified()
}

/// Replaces every host inside a zone of Okta's; the Admin Console's host counts as its org's.
pub(super) fn okta_hosts(text: &str, mut instead: impl FnMut(&str) -> String) -> String {
    runs(
        text,
        |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'),
        |run| {
            let host = run.trim_end_matches(['.', '-']).to_ascii_lowercase();
            let in_zone = |zone: &&str| host.strip_suffix(*zone).and_then(|rest| rest.strip_suffix('.'));
            let (zone, name) = OKTA_ZONES.iter().find_map(|zone| Some((zone, in_zone(zone)?)))?;
            let name = name.strip_suffix("-admin").unwrap_or(name);
            (!name.is_empty()).then(|| instead(&format!("{name}.{zone}")))
        },
    )
}

/// Goes through the runs of certain characters that stand by themselves, and replaces those `instead` has a word for. Dots
/// at a run's end belong to the sentence and stay.
fn runs(text: &str, part: impl Fn(char) -> bool, mut instead: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut before) = (text, None::<char>);
    while let Some(first) = rest.chars().next() {
        let inside = part(first);
        let end = rest.find(|c: char| part(c) != inside).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        let joined = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let alone = !joined(before) && !joined(after.chars().next());
        match (inside && alone).then(|| instead(run)).flatten() {
            Some(word) => {
                out.push_str(&word);
                out.push_str(&run[run.trim_end_matches('.').len()..]);
            }
            None => out.push_str(run),
        }
        (rest, before) = (after, run.chars().last());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(_: &str) -> String {
        "X".to_owned()
    }

    #[test]
    fn e_mail_addresses_are_found_in_any_text() {
        assert_eq!(emails("jo.o'neil+x@example.com, then", mark), "X, then");
        assert_eq!(emails("<jürgen@exämple.de>. @home a@ @", mark), "<X>. @home a@ @");
        assert_eq!(emails("mail jo@example.com.", mark), "mail X.");
    }

    #[test]
    fn ip_addresses_are_found_and_versions_times_and_paths_are_not() {
        assert_eq!(addresses("203.0.113.7:443 from 198.51.100.0/24.", mark), "X:443 from X/24.");
        assert_eq!(addresses("[2001:db8::1]:443 2001:DB8:0:0:0:0:0:2", mark), "[X]:443 X");
        assert_eq!(addresses("to ::ffff:203.0.113.9", mark), "to X");
        for kept in [
            "127.0.0.1:40123",
            "[::1]",
            "0.1.0",
            "12:00:00Z",
            "2026-11-24T12:00:00.123Z",
            "connector::okta",
            "store::health",
        ] {
            assert_eq!(addresses(kept, mark), kept);
        }
    }

    #[test]
    fn okta_hosts_are_found_with_their_admin_twin() {
        let name = |host: &str| format!("<{host}>");
        assert_eq!(
            okta_hosts("https://Acme-admin.okta.com/x acme.okta.com.", name),
            "https://<acme.okta.com>/x <acme.okta.com>."
        );
        assert_eq!(
            okta_hosts("okta.com notokta.com plugin.radiantsecurity.ai", name),
            "okta.com notokta.com plugin.radiantsecurity.ai"
        );
    }
}
