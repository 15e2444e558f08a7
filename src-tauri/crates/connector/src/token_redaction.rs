//! Removes tokens from text.

/// The length of the shortest API token that is removed, from its `00` on; all known ones have 42 characters.
const MIN_API_TOKEN: usize = 40;
/// The length of the shortest signed JWT that is removed.
const MIN_JWT: usize = 20;

/// Replaces every run of token characters that holds an API token or a signed JWT anywhere.
pub(crate) fn without_tokens(text: &str, replacement: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let inside = is_part(first);
        let end = rest.find(|c: char| is_part(c) != inside).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        out.push_str(if inside && holds_token(run) { replacement } else { run });
        rest = after;
    }
    out
}

fn holds_token(run: &str) -> bool {
    let at = |part: &str, mark: &str, least: usize| part.find(mark).is_some_and(|at| part.len() - at >= least);
    run.split('.').any(|part| at(part, "00", MIN_API_TOKEN)) || at(run, "eyJ", MIN_JWT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_token_is_replaced() {
        let token = format!("00{}", "a".repeat(40));
        assert_eq!(without_tokens(&format!("SSWS {token}, then"), "X"), "SSWS X, then");
        assert_eq!(without_tokens(&format!("a.{token}"), "X"), "X");
        for around in ["token:{}", "SSWS{}", "?t={}&x", "%20{}", "x{}y", "\"{}\""] {
            let text = around.replace("{}", &token);
            assert!(!without_tokens(&text, "X").contains(&token), "{text}");
        }
        for kept in ["00o1a2b3c4d5e6f7g8h9", "eyJ", "my-org.okta.com", "2026-11-24T12:00:00Z", "", "grün/weiß"] {
            assert_eq!(without_tokens(kept, "X"), kept);
        }
    }
}
