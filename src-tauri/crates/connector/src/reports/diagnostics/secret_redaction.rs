//! Removes everything from a text that may be a token, wherever it is. It removes too much rather than too little.

use crate::token_redaction::without_tokens;

/// The text in place of a token.
const REMOVED: &str = "[removed]";
/// Returns the text without API tokens, signed JWTs and values of `SSWS` and `Bearer`.
pub(super) fn without(text: &str) -> String {
    after_schemes(&without_tokens(text, REMOVED))
}

/// Removes the value after the name of an authorization scheme, whatever its format.
fn after_schemes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((start, end)) = scheme(rest) {
        let (before, after) = (&rest[..end], &rest[end..]);
        let value = after.trim_start_matches([' ', '\t', ':', '=', '+']);
        let gap = &after[..after.len() - value.len()];
        let over = value.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\')).unwrap_or(value.len());
        if gap.is_empty() || over == 0 {
            // This word only begins like a scheme, or the scheme has no value.
            let step = start + rest[start..].chars().next().map_or(1, char::len_utf8);
            out.push_str(&rest[..step]);
            rest = &rest[step..];
            continue;
        }
        out.push_str(before);
        out.push_str(gap);
        out.push_str(REMOVED);
        rest = &value[over..];
    }
    out + rest
}

/// Returns where the name of the first scheme begins and ends.
fn scheme(text: &str) -> Option<(usize, usize)> {
    let lower = text.to_ascii_lowercase();
    let found = ["ssws", "bearer"].iter().filter_map(|name| lower.find(name).map(|at| (at, at + name.len())));
    found.min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_removed_wherever_it_is() {
        let token = format!("00{}", "aB3-_".repeat(8));
        for text in [
            token.clone(),
            format!("x{token}y"),
            format!("token={token}"),
            format!("/p/{token}?q"),
            format!("%20{token}"),
        ] {
            assert!(!without(&text).contains(&token[4..20]), "{text}");
        }
        assert_eq!(without(&format!("then {token}, then")), "then [removed], then");
    }

    #[test]
    fn a_signed_jwt_is_removed() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl";
        assert_eq!(without(&format!("id_token={jwt} x")), "id_token=[removed] x");
    }

    #[test]
    fn the_value_after_a_scheme_is_removed_whatever_its_format() {
        assert_eq!(without("Authorization: SSWS short/one+2== end"), "Authorization: SSWS [removed] end");
        assert_eq!(without("{\"authorization\":\"bearer opaque\"}"), "{\"authorization\":\"bearer [removed]\"}");
        assert_eq!(without("SSWS:abc BEARER=d"), "SSWS:[removed] BEARER=[removed]");
    }

    #[test]
    fn text_without_a_token_is_kept() {
        for text in [
            "bearers",
            "ssws",
            "2026-11-24T12:00:00Z",
            "00o1a2b3c4d5e6f7g8h9",
            "grün/weiß",
            "practice-6a1f0e00-0000-4000-8000-00000000ab01",
            "",
        ] {
            assert_eq!(without(text), text);
        }
    }
}
