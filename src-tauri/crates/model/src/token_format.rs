//! Validates the format of a pasted token before it is stored or sent.
//!
//! Okta documents no length. Known tokens are `00` and 40 characters of `[A-Za-z0-9_-]`; another length is only a warning. Text
//! that is certainly something else is refused with its own code.

use crate::code::Code;

/// Removes blanks, quotes, `SSWS `, `Bearer ` and `Authorization:` around a pasted token.
#[must_use]
pub fn strip_token(pasted: &str) -> &str {
    let mut text = pasted;
    loop {
        let before = text;
        let around = ['"', '\'', '`', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}', '\u{200b}', '\u{feff}', '<', '>'];
        text = text.trim().trim_matches(around);
        for prefix in ["authorization:", "ssws ", "bearer "] {
            if text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix)) {
                text = &text[prefix.len()..];
            }
        }
        if text == before {
            return text;
        }
    }
}

/// Validates the format of a pasted token.
///
/// # Errors
/// The code of the problem; [`is_shape_warning`] separates warnings from refusals.
pub fn token_shape(pasted: &str) -> Result<(), Code> {
    let text = strip_token(pasted);
    let usual = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if text.is_empty() {
        Err(Code::TokenEmpty)
    } else if text.contains("://") || text.contains('@') || text.contains(".okta") {
        Err(Code::TokenIsAddress)
    } else if text.chars().any(char::is_whitespace) {
        Err(Code::TokenHasBlanks)
    } else if text.starts_with("eyJ") {
        Err(Code::TokenIsJwt)
    } else if text.len() == 20 && text.starts_with("00T") && text.chars().all(usual) {
        Err(Code::TokenIsId)
    } else if text.len() == 64 && text.chars().all(usual) && !text.starts_with("00") {
        Err(Code::TokenIsClientSecret)
    } else if !text.is_ascii() || text.chars().any(|c| c.is_ascii_control()) {
        Err(Code::TokenHasBlanks)
    } else if text.len() == KNOWN_CHARS && text.starts_with(KNOWN_START) && text.chars().all(|c| usual(c) || c == '=') {
        Ok(())
    } else if text.len() < MIN_CHARS {
        Err(Code::TokenTooShort)
    } else {
        Err(Code::TokenOddShape)
    }
}

/// Length of the known tokens, in characters.
pub(crate) const KNOWN_CHARS: usize = 42;
/// What the known tokens start with.
pub(crate) const KNOWN_START: &str = "00";
/// Minimum length of a token, in characters: an Okta id has 20, a known token 42.
const MIN_CHARS: usize = 20;

/// Returns whether a text is a token or contains one, for example in a request line or an address. Used for other input, so that
/// a token is neither stored nor sent by mistake. Inside a longer text only the exact format counts, because addresses of
/// sign-in pages contain other long random strings.
#[must_use]
pub fn holds_token(text: &str) -> bool {
    let usual = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let whole = strip_token(text);
    let is_partial_token = whole.len() >= MIN_PARTIAL_CHARS && whole.starts_with("00") && whole.chars().all(usual);
    let is_jwt = |part: &str| part.starts_with("eyJ") && part.split('.').filter(|part| part.len() >= 10).count() >= 2;
    is_partial_token
        || token_shape(whole) == Err(Code::TokenIsClientSecret)
        || text.split(|c| !usual(c)).any(|word| token_shape(word) == Ok(()))
        || text.split(|c| !usual(c) && c != '.').any(is_jwt)
}

/// Minimum length of a text that starts like an API token to count as one, in characters: longer than an Okta id (20), shorter
/// than a known token (42).
const MIN_PARTIAL_CHARS: usize = 30;

/// Returns whether the code is only a warning: the token is stored all the same, because Okta documents no format.
#[must_use]
pub fn is_shape_warning(code: Code) -> bool {
    code == Code::TokenOddShape
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOKEN: &str = "00abcdefghijklmnopqrstuvwxyz0123456789ABCD";

    #[test]
    fn text_around_a_token_is_removed() {
        for pasted in [
            format!("SSWS {TOKEN}"),
            format!("Authorization: SSWS {TOKEN}\n"),
            format!("\u{201c}{TOKEN}\u{201d}"),
            format!("  `{TOKEN}`  "),
            format!("ssws   '{TOKEN}'"),
            format!("\u{feff}{TOKEN}\r\n"),
            format!("\u{a0}\u{feff}{TOKEN}\u{a0}"),
        ] {
            assert_eq!(strip_token(&pasted), TOKEN, "{pasted}");
            assert_eq!(token_shape(&pasted), Ok(()), "{pasted}");
        }
    }

    #[test]
    fn text_that_is_not_a_token_has_its_own_code() {
        let cases = [
            ("", Code::TokenEmpty),
            ("  \n", Code::TokenEmpty),
            ("00T1gtr35t8ZbfBfV1d7", Code::TokenIsId),
            ("eyJhbGciOiJSUzI1NiJ9.e30.c2ln", Code::TokenIsJwt),
            ("https://acme.okta.com", Code::TokenIsAddress),
            ("acme.okta.com", Code::TokenIsAddress),
            ("jo@example.com", Code::TokenIsAddress),
            ("00abc def", Code::TokenHasBlanks),
            ("aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3kL5mN7pQ9rS1tU3v", Code::TokenIsClientSecret),
            ("00tooshort", Code::TokenTooShort),
            ("SSWS 00abc", Code::TokenTooShort),
            ("00abcdefghijklmnopqrstuvwxyz", Code::TokenOddShape),
        ];
        for (pasted, code) in cases {
            assert_eq!(token_shape(pasted), Err(code), "{pasted}");
        }
        assert!(is_shape_warning(Code::TokenOddShape));
        assert!(!is_shape_warning(Code::TokenIsId));
    }

    #[test]
    fn a_token_is_found_inside_other_text_and_an_address_is_not_a_token() {
        for text in [
            TOKEN.to_owned(),
            format!("SSWS {TOKEN}"),
            format!("Authorization: SSWS {TOKEN}"),
            format!("https://acme.okta.com/api/v1/users?token={TOKEN}"),
            format!("{TOKEN}.okta.com"),
            TOKEN[..30].to_owned(),
            "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln".to_owned(),
            "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3kL5mN7pQ9rS1tU3v".to_owned(),
        ] {
            assert!(holds_token(&text), "{text}");
        }
        let nonce = "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3kL5mN7pQ9rS1tU3v";
        for text in [
            "acme",
            "",
            "eyJ.okta.com",
            "00T1gtr35t8ZbfBfV1d7",
            "https://acme-admin.okta.com/admin/user/00u1gtr35t8ZbfBfV1d7",
            "https://acme.okta.com/home?from=00c3a5b2-1c7e-41f1-9d3a-0242ac120002",
            &format!("https://acme.okta.com/oauth2/v1/authorize?nonce={nonce}"),
        ] {
            assert!(!holds_token(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn stripping_never_panics_and_is_idempotent(pasted in "\\PC{0,80}") {
            let once = strip_token(&pasted);
            prop_assert_eq!(strip_token(once), once);
            prop_assert!(pasted.contains(once));
        }

        #[test]
        fn every_token_of_the_usual_format_passes(tail in "[A-Za-z0-9_-]{40}") {
            let token = format!("00{tail}");
            prop_assert_eq!(token_shape(&token), Ok(()));
        }
    }
}
