//! A foreign text made fit to stand in one line of ours.

/// Returns the text without line breaks, other controls and signs that turn or hide what is read, at most `longest` long.
#[must_use]
pub fn single_line(text: &str, longest: usize) -> String {
    let shown = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let text: String = text.chars().filter(shown).collect();
    let text: String = text.trim().chars().take(longest).collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::single_line;

    #[test]
    fn what_breaks_turns_or_hides_is_left_out_and_the_rest_is_short() {
        assert_eq!(single_line(" a\nb\u{202e}c\u{200b}\u{feff} ", 9), "abc");
        assert_eq!(single_line("äöü ß", 4), "äöü");
        assert_eq!(single_line("\u{7f}\t", 9), "");
    }
}
