//! What a pasted token looks like, before anything is kept or sent.
//!
//! Okta documents no length. Tokens seen in the wild are `00` and 40 characters of `[A-Za-z0-9_-]`; another length is only a
//! soft warning. What is certainly something else is refused with a word for it.

use crate::code::Code;

/// Returns the pasted text without what people paste along with it: blanks, quotes, `SSWS `, `Bearer `, `Authorization:`.
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

/// Judges the shape of a pasted token.
///
/// # Errors
/// What it is instead, or what is odd about it; [`is_shape_warning`] tells a warning from a refusal.
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
    } else if text.len() == 42 && text.starts_with("00") && text.chars().all(|c| usual(c) || c == '=') {
        Ok(())
    } else if text.len() < SHORTEST {
        Err(Code::TokenTooShort)
    } else {
        Err(Code::TokenOddShape)
    }
}

/// Fewer characters than this are half a token at most: an id of Okta's has 20, the tokens that were seen 42.
const SHORTEST: usize = 20;

/// Tells whether a text is a token, or holds one: in a request line, say, or in an address. Used where a token has no
/// business, so that it is neither kept nor sent as something else. Inside a longer text only the exact shape counts, since
/// addresses of sign-in pages hold long random words of other kinds.
#[must_use]
pub fn holds_token(text: &str) -> bool {
    let usual = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let whole = strip_token(text);
    let nearly = whole.len() >= SURELY && whole.starts_with("00") && whole.chars().all(usual);
    let jwt = |word: &str| word.starts_with("eyJ") && word.split('.').filter(|part| part.len() >= 10).count() >= 2;
    nearly
        || token_shape(whole) == Err(Code::TokenIsClientSecret)
        || text.split(|c| !usual(c)).any(|word| token_shape(word) == Ok(()))
        || text.split(|c| !usual(c) && c != '.').any(jwt)
}

/// Characters from which a text that begins as API tokens do is taken for one: more than an id of Okta's has (20), fewer than
/// the tokens that were seen (42).
const SURELY: usize = 30;

/// Tells whether a shape is only odd: it is kept all the same, since Okta documents none.
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
    fn what_is_pasted_along_is_taken_off() {
        for pasted in [
            format!("SSWS {TOKEN}"),
            format!("Authorization: SSWS {TOKEN}\n"),
            format!("\u{201c}{TOKEN}\u{201d}"),
            format!("  `{TOKEN}`  "),
            format!("ssws   '{TOKEN}'"),
        ] {
            assert_eq!(strip_token(&pasted), TOKEN, "{pasted}");
            assert_eq!(token_shape(&pasted), Ok(()), "{pasted}");
        }
    }

    #[test]
    fn what_is_no_token_has_a_word_of_its_own() {
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
    fn a_token_is_found_wherever_it_stands_and_an_address_is_none() {
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
        fn stripping_never_panics_and_is_done_after_once(pasted in "\\PC{0,80}") {
            let once = strip_token(&pasted);
            prop_assert_eq!(strip_token(once), once);
            prop_assert!(pasted.contains(once));
        }

        #[test]
        fn every_token_of_the_usual_shape_passes(tail in "[A-Za-z0-9_-]{40}") {
            let token = format!("00{tail}");
            prop_assert_eq!(token_shape(&token), Ok(()));
        }
    }
}
