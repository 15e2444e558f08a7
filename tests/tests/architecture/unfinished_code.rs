//! No unfinished code and no disabled test.

use crate::rust_source;

/// Returns the unfinished code and the disabled tests of one file.
pub(crate) fn violations(file: &str, text: &str) -> Vec<String> {
    if file.ends_with(".rs") { unfinished(file, text) } else { disabled_tests(file, text) }
}

fn unfinished(file: &str, text: &str) -> Vec<String> {
    let words = rust_source::words(rust_source::parse(text));
    let at = |i: usize, word: &str| words.get(i).is_some_and(|found| found == word);
    let mut out = Vec::new();
    for (i, word) in words.iter().enumerate() {
        match word.as_str() {
            "todo" | "unimplemented" if at(i + 1, "!") => out.push(format!("{file}: {word}!")),
            "ignore" if i >= 2 && words[i - 2..i] == ["#", "["] && !at(i + 1, "=") => {
                out.push(format!("{file}: an ignored test without a reason"));
            }
            _ => {}
        }
    }
    out
}

fn disabled_tests(file: &str, text: &str) -> Vec<String> {
    let marks =
        ["it", "test", "describe"].iter().flat_map(|name| [".skip(", ".only(", ".todo("].map(|mark| (*name, mark)));
    let found = marks.map(|(name, mark)| format!("{name}{mark}")).filter(|call| text.contains(call.as_str()));
    found.map(|call| format!("{file}: {call})")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_test_and_an_unfinished_function_are_found() {
        assert_eq!(violations("a.rs", "#[test]\n#[ignore]\nfn f() { todo!() }").len(), 2);
        assert!(violations("a.rs", "// todo!() and #[ignore]\nfn ignore() {}").is_empty());
    }

    #[test]
    fn a_disabled_test_of_the_front_end_is_found() {
        let text = ["it", "only('x', () => {})"].join(".");
        assert_eq!(violations("a.test.ts", &text).len(), 1);
    }
}
