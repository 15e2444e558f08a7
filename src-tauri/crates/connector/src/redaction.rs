//! Removes tokens from text.

/// Replaces everything that looks like an API token (`00` and at least 38 characters; Okta's have 42 in all known examples)
/// or a signed JWT.
pub(crate) fn without_tokens(text: &str, replacement: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let inside = is_part(first);
        let end = rest.find(|c: char| is_part(c) != inside).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        let api_token = |part: &str| part.len() >= 40 && part.starts_with("00");
        let secret = (run.len() >= 20 && run.starts_with("eyJ")) || run.split('.').any(api_token);
        out.push_str(if inside && secret { replacement } else { run });
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_token_is_replaced() {
        let token = format!("00{}", "a".repeat(40));
        assert_eq!(without_tokens(&format!("SSWS {token}, then"), "X"), "SSWS X, then");
        assert_eq!(without_tokens(&format!("a.{token}"), "X"), "X");
        for kept in ["00o1a2b3c4d5e6f7g8h9", "eyJ", "my-org.okta.com", "2026-11-24T12:00:00Z", "", "grün/weiß"] {
            assert_eq!(without_tokens(kept, "X"), kept);
        }
    }
}
