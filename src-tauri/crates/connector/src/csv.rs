//! Lines of a CSV file (RFC 4180) that are safe to open in a spreadsheet.

use model::sanitized_text::is_misleading;

/// Returns a line with its line break.
pub(crate) fn line<const N: usize>(fields: [String; N]) -> String {
    let mut line = fields.map(|field| safe(&field)).join(",");
    line.push_str("\r\n");
    line
}

/// Returns a field without characters that hide or reverse text. A text that a spreadsheet would run as a formula is prefixed with
/// an apostrophe (OWASP, CSV injection); blanks in front of it and full-width signs do not hide it.
fn safe(field: &str) -> String {
    let field: String = field.chars().filter(|c| *c == '\n' || !is_misleading(*c, false)).collect();
    let signs = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    let is_formula = field.trim_start().starts_with(signs);
    let text = if is_formula { format!("'{field}") } else { field };
    if text.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_cannot_become_a_formula_or_break_its_line() {
        assert_eq!(safe("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(safe("-1+1"), "'-1+1");
        assert_eq!(safe("@sum"), "'@sum");
        assert_eq!(safe("a\nb"), "\"a\nb\"");
        assert_eq!(safe(" \n=1+1"), "\"' \n=1+1\"");
        assert_eq!(safe("\r\t@sum\u{1b}[2J"), "'@sum[2J");
        assert_eq!(safe("\u{ff1d}1\u{202e}"), "'\u{ff1d}1");
        assert_eq!(safe("plain"), "plain");
    }
}
