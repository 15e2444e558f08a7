//! Takes out of a text what looks like a token, wherever it stands. Errs on the safe side: a bundle loses nothing by it.

use crate::reports::words::without_tokens;

/// What stands in a token's place.
const REMOVED: &str = "[removed]";
/// Shortest Okta token that is taken out; those seen are 42 long.
const API_TOKEN: usize = 40;
/// Shortest signed JWT that is taken out.
const JWT: usize = 20;

/// Returns the text without API tokens, signed JWTs and values of `SSWS` and `Bearer`.
pub(super) fn without(text: &str) -> String {
    after_schemes(&within_runs(&without_tokens(text, REMOVED)))
}

/// Takes out every run of a token's characters that holds a token anywhere, not only at its beginning.
fn within_runs(text: &str) -> String {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '=');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let inside = part(first);
        let end = rest.find(|c: char| part(c) != inside).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        out.push_str(if inside && holds_token(run) { REMOVED } else { run });
        rest = after;
    }
    out
}

fn holds_token(run: &str) -> bool {
    let at = |mark: &str, least: usize| run.find(mark).is_some_and(|at| run.len() - at >= least);
    at("00", API_TOKEN) || at("eyJ", JWT)
}

/// Takes out what follows the name of an authorisation scheme, whatever its shape.
fn after_schemes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((start, end)) = scheme(rest) {
        let (before, after) = (&rest[..end], &rest[end..]);
        let value = after.trim_start_matches([' ', '\t', ':', '=', '+']);
        let gap = &after[..after.len() - value.len()];
        let over = value.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\')).unwrap_or(value.len());
        if gap.is_empty() || over == 0 {
            // A word that only begins like a scheme, or a scheme without a value.
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

/// Where the first scheme's name begins and ends.
fn scheme(text: &str) -> Option<(usize, usize)> {
    let lower = text.to_ascii_lowercase();
    let found = ["ssws", "bearer"].iter().filter_map(|name| lower.find(name).map(|at| (at, at + name.len())));
    found.min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_out_wherever_it_stands() {
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
    fn a_signed_jwt_is_taken_out() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl";
        assert_eq!(without(&format!("id_token={jwt} x")), "id_token=[removed] x");
    }

    #[test]
    fn what_follows_a_scheme_is_taken_out_whatever_its_shape() {
        assert_eq!(without("Authorization: SSWS short/one+2== end"), "Authorization: SSWS [removed] end");
        assert_eq!(without("{\"authorization\":\"bearer opaque\"}"), "{\"authorization\":\"bearer [removed]\"}");
        assert_eq!(without("SSWS:abc BEARER=d"), "SSWS:[removed] BEARER=[removed]");
    }

    #[test]
    fn what_is_no_token_stays() {
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
