//! Replaces e-mail addresses, phone numbers, IP addresses and Okta hosts in a text.

use std::net::IpAddr;
use std::ops::Range;

use model::okta_origin::OKTA_ZONES;
use model::private_data_search;

/// Replaces every e-mail address, and every login of this form.
pub(super) fn emails(text: &str, replace: impl FnMut(&str) -> String) -> String {
    replaced(text, private_data_search::emails(text), replace)
}

/// Replaces every international phone number.
pub(super) fn phone_numbers(text: &str, replace: impl FnMut(&str) -> String) -> String {
    replaced(text, private_data_search::phone_numbers(text), replace)
}

/// Replaces every IP address except loopback and the unspecified address, which identify nobody.
pub(super) fn addresses(text: &str, mut replace: impl FnMut(&str) -> String) -> String {
    let found = private_data_search::addresses(text).into_iter().filter(|(_, address)| identifies_somebody(*address));
    let (places, addresses): (Vec<_>, Vec<_>) = found.unzip();
    let mut addresses = addresses.into_iter();
    // The same address has the same pseudonym, however it is written.
    replaced(text, places, |_| addresses.next().map(|address| replace(&address.to_string())).unwrap_or_default())
}

fn identifies_somebody(address: IpAddr) -> bool {
    !address.is_loopback() && !address.is_unspecified()
}

/// Replaces the places of a text, which are in its order and apart from each other.
fn replaced(text: &str, places: Vec<Range<usize>>, mut replace: impl FnMut(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for place in places {
        out.push_str(&text[from..place.start]);
        out.push_str(&replace(&text[place.clone()]));
        from = place.end;
    }
    out + &text[from..]
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
    fn phone_numbers_are_found_and_offsets_of_times_are_not() {
        assert_eq!(phone_numbers("sent to +1 (202) 555-0143.", mark), "sent to X.");
        assert_eq!(phone_numbers("2026-11-24T12:00:00+00:00 +1", mark), "2026-11-24T12:00:00+00:00 +1");
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
