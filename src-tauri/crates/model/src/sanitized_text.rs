//! Makes text from outside safe to show: in one line, before a terminal, in JSON, and as markup.

/// Returns whether a character can forge or hide text: a control character (C0, DEL, C1), a direction mark, a line separator, or
/// an invisible character. The joiners of names and emoji (U+200C, U+200D) only count where `with_joiners` is set.
#[must_use]
pub fn is_misleading(c: char, with_joiners: bool) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
        || (with_joiners && matches!(c, '\u{200c}' | '\u{200d}'))
}

/// Removes line breaks, control characters and characters that reverse or hide text, and truncates to `max_chars` characters.
#[must_use]
pub fn single_line(text: &str, max_chars: usize) -> String {
    let text: String = text.chars().filter(|c| !is_misleading(*c, true)).collect();
    let text: String = text.trim().chars().take(max_chars).collect();
    text.trim().to_owned()
}

/// Returns one line of text for a terminal: blanks and tabs stay blanks, and every other character that could move the cursor,
/// begin a line, change colors or reverse the text is replaced by U+FFFD, so that it stays noticeable.
#[must_use]
pub fn terminal_line(text: &str) -> String {
    let replaced = |c: char| match c {
        '\t' | '\n' => ' ',
        c if is_misleading(c, false) => '\u{fffd}',
        c => c,
    };
    text.chars().map(replaced).collect()
}

/// Escapes the characters of a JSON text that JSON allows and a terminal interprets, so that it stays the same JSON.
#[must_use]
pub fn terminal_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || !is_misleading(c, false) {
            out.push(c);
            continue;
        }
        let mut units = [0; 2];
        for unit in c.encode_utf16(&mut units) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    }
    out
}

/// Escapes a text for one line or table cell of Markdown, so that it cannot form markup, HTML, a link or a line break, or
/// change the reading direction.
#[must_use]
pub fn markdown_line(text: &str) -> String {
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
            c if c.is_control() => out.push(' '),
            c if is_misleading(c, true) => {}
            c => out.push(c),
        }
    }
    // A bare address would become a link.
    out.replace("://", "&#58;//").replace("www.", "www&#46;")
}

/// Escapes text for a place that reads markup, such as the body of a desktop notification.
#[must_use]
pub fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' => out.push(c),
            c if is_misleading(c, false) => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn control_and_invisible_characters_are_removed_and_the_rest_is_truncated() {
        assert_eq!(single_line(" a\nb\u{202e}c\u{200b}\u{feff} ", 9), "abc");
        assert_eq!(single_line("äöü ß", 4), "äöü");
        assert_eq!(single_line("\u{7f}\t", 9), "");
    }

    #[test]
    fn a_text_can_neither_begin_a_line_nor_command_a_terminal() {
        assert_eq!(terminal_line("Jo\n+ passed"), "Jo + passed");
        assert_eq!(terminal_line("a\r\u{1b}[2Kb\u{9b}1mc\u{202e}d\u{85}"), "a��[2Kb�1mc�d�");
        assert_eq!(terminal_line("grün \u{1f468}\u{200d}\u{1f469} 漢\t."), "grün \u{1f468}\u{200d}\u{1f469} 漢 .");
    }

    #[test]
    fn json_stays_the_same_json() {
        let json = "{\"name\":\"a\u{9b}b\u{7f}\u{202e}\u{e0041}é\"}\n";
        let safe = terminal_json(json);
        assert!(!safe.chars().any(|c| c != '\n' && is_misleading(c, false)), "{safe}");
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
        assert_eq!(read(&safe), read(json));
        assert!(read(json).is_some());
    }

    #[test]
    fn markup_shows_its_text_as_it_is() {
        assert_eq!(markup("<b>a</b> & \"b\"\nc\u{1b}"), "&lt;b&gt;a&lt;/b&gt; &amp; \"b\"\nc");
    }

    proptest! {
        #[test]
        fn no_text_passes_a_misleading_character(text in any::<String>()) {
            prop_assert!(!terminal_line(&text).chars().any(|c| is_misleading(c, false)));
            prop_assert!(!single_line(&text, 50).chars().any(|c| is_misleading(c, true)));
            prop_assert!(!markup(&text).chars().any(|c| c != '\n' && (is_misleading(c, false) || "<>".contains(c))));
            let json = serde_json::to_string(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
            let safe = terminal_json(&json);
            prop_assert!(!safe.chars().any(|c| is_misleading(c, false)));
            prop_assert_eq!(serde_json::from_str::<String>(&safe).ok(), Some(text));
        }
    }
}
