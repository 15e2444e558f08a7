//! What a pasted token looks like, before anything is sent.

use super::Code;

/// Returns the pasted text without what people paste along with it: blanks, quotes, `SSWS `, `Bearer `, `Authorization:`.
#[must_use]
pub fn strip_token(pasted: &str) -> &str {
    let mut text = pasted;
    loop {
        let before = text;
        text = text.trim().trim_matches(['"', '\'', '`', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}']);
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
