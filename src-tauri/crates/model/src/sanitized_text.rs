//! Sanitizes text from outside so that it can be shown in one line.

/// Removes line breaks, control characters and characters that reverse or hide text, and truncates to `max_chars` characters.
#[must_use]
pub fn single_line(text: &str, max_chars: usize) -> String {
    let is_visible = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let text: String = text.chars().filter(is_visible).collect();
    let text: String = text.trim().chars().take(max_chars).collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::single_line;

    #[test]
    fn control_and_invisible_characters_are_removed_and_the_rest_is_truncated() {
        assert_eq!(single_line(" a\nb\u{202e}c\u{200b}\u{feff} ", 9), "abc");
        assert_eq!(single_line("äöü ß", 4), "äöü");
        assert_eq!(single_line("\u{7f}\t", 9), "");
    }
}
