//! Replaces e-mail addresses, IP addresses and Okta hosts in a text.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use model::origin::OKTA_ZONES;

/// Replaces every e-mail address.
pub(super) fn emails(text: &str, mut replace: impl FnMut(&str) -> String) -> String {
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
            out.push_str(&replace(&rest[start..end]));
            rest = &rest[end..];
        } else {
            out.push_str(&rest[..=at]);
            rest = after;
        }
    }
    out + rest
}

/// Replaces every IP address except loopback and the unspecified address, which identify nobody.
pub(super) fn addresses(text: &str, mut replace: impl FnMut(&str) -> String) -> String {
    let six = |c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '.');
    let four = |c: char| c.is_ascii_digit() || c == '.';
    let text = runs(text, six, |run| {
        let address = run.trim_end_matches('.').parse::<Ipv6Addr>().ok()?;
        identifies_somebody(IpAddr::V6(address)).then(|| replace(&address.to_string()))
    });
    runs(&text, four, |run| {
        let address = run.trim_end_matches('.').parse::<Ipv4Addr>().ok()?;
        identifies_somebody(IpAddr::V4(address)).then(|| replace(&address.to_string()))
    })
}

fn identifies_somebody(address: IpAddr) -> bool {
    !address.is_loopback() && !address.is_unspecified()
}

/// Replaces every host in one of Okta's zones. The host of the Admin Console counts as its org's.
pub(super) fn okta_hosts(text: &str, mut replace: impl FnMut(&str) -> String) -> String {
    runs(
        text,
        |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'),
        |run| {
            let host = run.trim_end_matches(['.', '-']).to_ascii_lowercase();
            let in_zone = |zone: &&str| host.strip_suffix(*zone).and_then(|rest| rest.strip_suffix('.'));
            let (zone, name) = OKTA_ZONES.iter().find_map(|zone| Some((zone, in_zone(zone)?)))?;
            let name = name.strip_suffix("-admin").unwrap_or(name);
            (!name.is_empty()).then(|| replace(&format!("{name}.{zone}")))
        },
    )
}

/// Replaces each standalone run of certain characters for which `replace` returns a text. Dots at the end of a run belong to
/// the sentence and are kept.
fn runs(text: &str, part: impl Fn(char) -> bool, mut replace: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut before) = (text, None::<char>);
    while let Some(first) = rest.chars().next() {
        let inside = part(first);
        let end = rest.find(|c: char| part(c) != inside).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        let joined = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let alone = !joined(before) && !joined(after.chars().next());
        match (inside && alone).then(|| replace(run)).flatten() {
            Some(replacement) => {
                out.push_str(&replacement);
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
    fn okta_hosts_are_found_together_with_their_admin_hosts() {
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
