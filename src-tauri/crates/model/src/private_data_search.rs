//! Finds what must not leave this computer, anywhere in a text: tokens, e-mail addresses, IP addresses and phone numbers. It finds
//! too much rather than too little.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use crate::token_format::{KNOWN_CHARS, KNOWN_START};

/// The length of the shortest text that counts as a token where nothing else marks it, in characters.
const MIN_UNMARKED_TOKEN: usize = 20;
/// The longest part of a text with hyphens that is still a word.
const MAX_WORD: usize = 14;
/// The length of the shortest value of an authorization scheme that counts.
const MIN_SCHEME_VALUE: usize = 8;
/// The numbers of digits of a phone number (ITU-T E.164).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Words after which a secret stands.
const SCHEMES: [&str; 4] = ["ssws", "bearer", "password", "passwort"];

/// Returns whether a text contains something that identifies somebody or grants access, also percent-encoded, in full-width
/// letters or with invisible characters between.
#[must_use]
pub fn holds_private_data(text: &str) -> bool {
    let plain = normalized(text);
    let decoded = percent_decoded(&plain);
    let twice = percent_decoded(&decoded);
    [plain, decoded, twice].iter().any(|text| {
        !emails(text).is_empty() || !addresses(text).is_empty() || !phone_numbers(text).is_empty() || holds_secret(text)
    })
}

/// Returns where e-mail addresses and logins of their form are, also without a dot in the host.
#[must_use]
pub fn emails(text: &str) -> Vec<Range<usize>> {
    let local = |c: char| c.is_alphanumeric() || "._%+-'#".contains(c);
    let host = |c: char| c.is_alphanumeric() || c == '.' || c == '-';
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices('@') {
        let from = found.last().map_or(0, |last| last.end);
        let Some(before) = text.get(from..at) else { continue };
        let start = before.char_indices().rev().take_while(|(_, c)| local(*c)).last().map_or(at, |(i, _)| from + i);
        // Characters that a sentence or an address of a page has in front are no part of it.
        let start =
            start + text[start..at].len() - text[start..at].trim_start_matches(|c: char| !c.is_alphanumeric()).len();
        let after = &text[at + 1..];
        let length = after.find(|c: char| !host(c)).unwrap_or(after.len());
        let end = at + 1 + after[..length].trim_end_matches(['.', '-']).len();
        if start < at && end > at + 1 {
            found.push(start..end);
        }
    }
    found
}

/// Returns where IP addresses are, also beside letters, ports and prefix lengths.
#[must_use]
pub fn addresses(text: &str) -> Vec<(Range<usize>, IpAddr)> {
    let mut found = Vec::new();
    for run in runs(text, |c| c.is_ascii_hexdigit() || c == ':' || c == '.') {
        match v6_in(text, run.clone()) {
            Some((place, address)) => found.push((place, IpAddr::V6(address))),
            None => found.extend(v4_in(text, run)),
        }
    }
    found
}

/// Returns where international phone numbers are.
#[must_use]
pub fn phone_numbers(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices('+') {
        let is_joined = text[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
        if is_joined || found.last().is_some_and(|last| at < last.end) {
            continue;
        }
        let after = &text[at + 1..];
        let length = after.find(|c: char| !c.is_ascii_digit() && !" -()./".contains(c)).unwrap_or(after.len());
        let number = after[..length].trim_end_matches(|c: char| !c.is_ascii_digit());
        let digits = number.chars().filter(char::is_ascii_digit).count();
        if PHONE_DIGITS.contains(&digits) && number.starts_with(|c: char| c.is_ascii_digit()) {
            found.push(at..at + 1 + number.len());
        }
    }
    found
}

/// Returns whether a text contains a token, or a value of an authorization scheme.
fn holds_secret(text: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let lower = text.to_ascii_lowercase();
    let is_value = |after: &str| {
        let value = after.trim_start_matches([' ', '\t', ':', '=', '+', '"', '\'']);
        let length = value.find(char::is_whitespace).unwrap_or(value.len());
        let value = &value[..length];
        value.len() < after.len() && value.len() >= MIN_SCHEME_VALUE && value.contains(|c: char| c.is_ascii_digit())
    };
    let after_scheme = |name: &&str| lower.match_indices(name).any(|(at, name)| is_value(&lower[at + name.len()..]));
    runs(text, part).into_iter().any(|run| is_token(&text[run])) || SCHEMES.iter().any(after_scheme)
}

/// Returns whether a run of token characters is a token, or has one in it: of Okta's known format, whose hyphens may make it look
/// like words, or long, with letters and digits, and not words joined by hyphens.
fn is_token(run: &str) -> bool {
    let has_letter = run.contains(|c: char| c.is_ascii_alphabetic());
    let has_digit = run.contains(|c: char| c.is_ascii_digit());
    let is_word = |part: &str| {
        part.len() <= MAX_WORD
            && (part.chars().all(|c| c.is_ascii_alphabetic()) || part.chars().all(|c| c.is_ascii_digit()))
    };
    let are_words = run.split(['-', '_']).all(is_word);
    let has_known_format = run.find(KNOWN_START).is_some_and(|at| run.len() - at >= KNOWN_CHARS);
    has_known_format || (run.len() >= MIN_UNMARKED_TOKEN && has_letter && has_digit && !are_words)
}

/// Returns the IPv6 address in a run of its characters: groups of a word before it, or a port after it, are left out. Without a
/// digit only a whole text between other characters counts: `std::fmt` is none.
fn v6_in(text: &str, at: Range<usize>) -> Option<(Range<usize>, Ipv6Addr)> {
    let run = &text[at.clone()];
    let has_digit = run.contains(|c: char| c.is_ascii_digit());
    if run.matches(':').count() < 2 || !(has_digit || run.contains("::")) {
        return None;
    }
    let is_joined = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':');
    let is_whole = |place: &Range<usize>| {
        let has_letter = text[place.clone()].contains(|c: char| c.is_ascii_alphabetic());
        has_letter
            && !is_joined(text[..place.start].chars().next_back())
            && !is_joined(text[place.end..].chars().next())
    };
    let starts = std::iter::once(0).chain(run.match_indices(':').flat_map(|(at, _)| [at, at + 1]));
    let ends = || std::iter::once(run.len()).chain(run.match_indices([':', '.']).map(|(at, _)| at).rev());
    starts.filter(|start| run.len() - start <= MAX_V6).find_map(|start| {
        ends().filter(|end| *end > start).find_map(|end| {
            let address = run[start..end].parse().ok()?;
            let place = at.start + start..at.start + end;
            (has_digit || is_whole(&place)).then_some((place, address))
        })
    })
}

/// The length of the longest run in which an IPv6 address is looked for: an address, a port and a word.
const MAX_V6: usize = 80;

/// Returns the IPv4 addresses in a run of their characters: where there are more than four numbers, any four of them in a row.
fn v4_in(text: &str, run: Range<usize>) -> Vec<(Range<usize>, IpAddr)> {
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    let mut found = Vec::new();
    for part in runs(&text[run.clone()], digits) {
        let (start, part) = (run.start + part.start, &text[run.start + part.start..run.start + part.end]);
        let trimmed = part.trim_start_matches('.');
        let start = start + part.len() - trimmed.len();
        let numbers: Vec<&str> = trimmed.trim_end_matches('.').split('.').collect();
        let mut from = start;
        for (index, four) in numbers.windows(4).enumerate() {
            let length = four.iter().map(|number| number.len()).sum::<usize>() + 3;
            if let Some(address) = v4_of(four) {
                add_v4(&mut found, from..from + length, address);
            }
            from += numbers[index].len() + 1;
        }
    }
    found
}

/// Adds an address. Places stay apart: one that overlaps the last extends it, and an address that identifies somebody counts.
fn add_v4(found: &mut Vec<(Range<usize>, IpAddr)>, place: Range<usize>, address: Ipv4Addr) {
    match found.last_mut().filter(|(last, _)| last.end > place.start) {
        Some((last, known)) => {
            last.end = place.end;
            if known.is_loopback() || known.is_unspecified() {
                *known = IpAddr::V4(address);
            }
        }
        None => found.push((place, IpAddr::V4(address))),
    }
}

/// Returns the address of four numbers, which may have zeros in front.
fn v4_of(numbers: &[&str]) -> Option<Ipv4Addr> {
    let octets: Vec<u8> = numbers.iter().map(|number| number.parse().ok()).collect::<Option<_>>()?;
    <[u8; 4]>::try_from(octets).ok().map(Ipv4Addr::from)
}

/// Returns the longest runs of certain characters.
fn runs(text: &str, part: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| part(*c)) {
        match found.last_mut().filter(|last| last.end == at) {
            Some(last) => last.end = at + c.len_utf8(),
            None => found.push(at..at + c.len_utf8()),
        }
    }
    found
}

/// Removes invisible characters and turns full-width letters into usual ones.
fn normalized(text: &str) -> String {
    let is_kept = |c: &char| c.is_whitespace() || !crate::sanitized_text::is_misleading(*c, true);
    let narrow = |c: char| match u32::from(c) {
        code @ 0xff01..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(c),
        _ => c,
    };
    text.chars().filter(is_kept).map(narrow).collect()
}

/// Decodes percent-encoding; what it does not decode to text is replaced by a blank.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let decoded =
            text.get(at + 1..at + 3).filter(|_| *byte == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(decoded.unwrap_or(*byte));
        at += if decoded.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOKEN: &str = "00abcdefghijklmnopqrstuvwxyz0123456789ABCD";

    #[test]
    fn private_data_is_found_anywhere_in_a_text() {
        for private in [
            format!("why is {TOKEN} refused?"),
            format!("token:{TOKEN}"),
            format!("https://acme.okta.com/x?token={TOKEN}&y=1"),
            format!("a%20{TOKEN}%20b"),
            format!("SSWS:{TOKEN}"),
            format!("SSWS{TOKEN}"),
            format!("({TOKEN})!"),
            "000_a_AA_AAaa-AAaAaAAaa_A-0-_A-Aa_--AAAA--".to_owned(),
            "x-000-aaaa-aaaa-aaaa-aaaa-aaaa-aaaa-aaaa-aaaa--y".to_owned(),
            format!("{}\u{200b}{}", &TOKEN[..15], &TOKEN[15..]),
            "Authorization: SSWS short/1one".to_owned(),
            "is jo@example.com locked?".to_owned(),
            "is jo@corp locked?".to_owned(),
            "jo%40corp.example".to_owned(),
            "jo\u{ff20}corp".to_owned(),
            "who is 10.1.2.3?".to_owned(),
            "10.1.2.3:443".to_owned(),
            "from=10.1.2.3/24&x".to_owned(),
            "ip10.1.2.3x".to_owned(),
            "http://10.1.2.3/".to_owned(),
            "[2001:db8::1]:443".to_owned(),
            "address:2001:db8::1.".to_owned(),
            "fe80::1%eth0".to_owned(),
            "2001:db8:0:0:0:0:0:2:8443".to_owned(),
            "::ffff:203.0.113.9".to_owned(),
            "1.10.1.2.3".to_owned(),
            "999.10.1.2.3".to_owned(),
            "v2.4.0.10.20.30.40".to_owned(),
            "010.001.002.003".to_owned(),
            "10.1.2.0003".to_owned(),
            "fe::".to_owned(),
            "from dead::beef, again".to_owned(),
            "[::ffff]:443".to_owned(),
            "call +49 (30) 901820".to_owned(),
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl1".to_owned(),
        ] {
            assert!(holds_private_data(&private), "{private}");
        }
    }

    #[test]
    fn a_plain_question_holds_none() {
        for plain in [
            "Which Okta role does Radiant need?",
            "What is the connector type for Okta?",
            "Does https://help.radiantsecurity.ai/radiant-connectors/data-connectors/okta.md apply to version 2.4?",
            "Why does SSWS authentication fail with 401?",
            "What are rate limits at 12:00:00 on 2026-11-29?",
            "Is E0000011 or user.session.start shown? @radiant 1+1=2",
            "std::fmt, model::code::Code and Vec::<u8>::new do not matter :: here",
            "300.400.500.600 and 2026.11.29 are no addresses",
            "okta-connector-for-radiant-2 on Windows 11 (10.0.26100)",
        ] {
            assert!(!holds_private_data(plain), "{plain}");
        }
    }

    #[test]
    fn places_are_those_of_the_private_data_alone() {
        let shown =
            |text: &str, found: Vec<Range<usize>>| found.into_iter().map(|at| text[at].to_owned()).collect::<Vec<_>>();
        let text = "<jo.o'neil+x@corp>, mira@example.com.";
        assert_eq!(shown(text, emails(text)), ["jo.o'neil+x@corp", "mira@example.com"]);
        let text = "a10.1.2.3:443 [2001:db8::1]:443 and 198.51.100.7/24.";
        let places = addresses(text).into_iter().map(|(at, _)| at).collect();
        assert_eq!(shown(text, places), ["10.1.2.3", "2001:db8::1", "198.51.100.7"]);
        let text = "1.10.1.2.3 and 127.0.0.1.8.8 and 010.1.2.3";
        let found = addresses(text);
        assert_eq!(found[1].1.to_string(), "0.0.1.8", "the loopback address does not hide another one");
        let places = found.into_iter().map(|(at, _)| at).collect();
        assert_eq!(shown(text, places), ["1.10.1.2.3", "127.0.0.1.8.8", "010.1.2.3"]);
        let text = "+49 30 901820, 2026-11-24T12:00:00+00:00";
        assert_eq!(shown(text, phone_numbers(text)), ["+49 30 901820"]);
    }

    proptest! {
        #[test]
        fn a_token_is_found_between_any_characters(
            tail in "[A-Za-z0-9_-]{40}",
            before in "\\PC{0,12}",
            after in "\\PC{0,12}",
        ) {
            let token = format!("00{tail}");
            let text = format!("{before}{token}{after}");
            prop_assert!(holds_private_data(&text));
        }

        #[test]
        fn an_address_is_found_between_any_other_characters(
            octets in any::<[u8; 4]>(),
            before in "([^0-9.:@%]{0,8}[^0-9A-Fa-f.:@%])?",
            after in "(:[0-9]{1,5}|/[0-9]{1,2}|[^0-9A-Fa-f.:@%][^@%]{0,8})?",
        ) {
            let address = Ipv4Addr::from(octets);
            let text = format!("{before}{address}{after}");
            prop_assert!(addresses(&text).iter().any(|(_, found)| *found == IpAddr::V4(address)), "{}", text);
        }

        #[test]
        fn a_long_address_is_found_with_any_port(groups in any::<[u16; 8]>(), port in any::<u16>()) {
            let address = Ipv6Addr::from(groups);
            prop_assume!(address.to_string().contains(|c: char| c.is_ascii_digit()));
            let text = format!("at [{address}]:{port}/x");
            prop_assert!(addresses(&text).iter().any(|(_, found)| *found == IpAddr::V6(address)), "{}", text);
        }

        #[test]
        fn a_login_is_found_between_any_other_characters(
            name in "[a-z0-9]{1,8}", host in "[a-z0-9]{1,8}", before in "[ :;,<(\"&?=]{0,3}", after in "[ :;,>)\"&?=]{0,3}",
        ) {
            let text = format!("{before}{name}@{host}{after}");
            let found = emails(&text);
            prop_assert_eq!(found.len(), 1);
            prop_assert!(text[found[0].clone()].ends_with(&format!("{name}@{host}")), "{}", text);
        }

        #[test]
        fn no_text_causes_a_panic(text in any::<String>()) {
            let found = holds_private_data(&text);
            let places = emails(&text).len() + addresses(&text).len() + phone_numbers(&text).len();
            prop_assert!(found || places == 0);
        }
    }
}
