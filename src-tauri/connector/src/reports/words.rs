//! Words and escapes: the model's words as catalogue keys, outside text as harmless Markdown, tokens taken out.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::messages::Messages;

/// Returns the message `<room>.<word>`, for example `outcome.passed`.
pub(super) fn label(messages: &Messages, room: &str, word: &impl Serialize) -> String {
    messages.named(&format!("{room}.{}", self::word(word)), &BTreeMap::new())
}

/// Returns a model word as it stands on the wire, for example `could_not_be_told`.
pub(super) fn word(word: &impl Serialize) -> String {
    let value = serde_json::to_value(word).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// Writes a time: UTC, whole seconds.
pub(super) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Replaces what looks like an API token (`00` and 38 characters or more; Okta's are 42 long in all examples seen) or a
/// signed JWT.
pub(super) fn without_tokens(text: &str, instead: &str) -> String {
    let part_of_one = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let inside = part_of_one(first);
        let end = rest.find(|c: char| part_of_one(c) != inside).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        let api_token = |part: &str| part.len() >= 40 && part.starts_with("00");
        let secret = (run.len() >= 20 && run.starts_with("eyJ")) || run.split('.').any(api_token);
        out.push_str(if inside && secret { instead } else { run });
        rest = after;
    }
    out
}

/// Makes a text from outside stand in one line of Markdown, or one table cell, as just that text: no table, no markup,
/// no HTML, no link, no line break, nothing that turns the reading direction.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            // Zero-width and direction marks, line and paragraph separators.
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {}
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    // A bare address would become a link by itself.
    out.replace("://", "&#58;//").replace("www.", "www&#46;")
}
