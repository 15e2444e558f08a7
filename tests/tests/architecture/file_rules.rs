//! Rules for every source file: its length, no unfinished code, no disabled test.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::rust_source;

/// No source file has this many lines.
const TOO_LONG: usize = 400;

/// Extensions of files that people read.
const EXTENSIONS: &[&str] = &["rs", "svelte", "ts", "css", "js", "mjs", "py"];

/// Files of any length: a list that grows with the product and that nothing divides.
const LISTS: &[&str] = &["src-tauri/crates/model/src/code.rs"];

/// Files that a program writes.
const GENERATED: &[&str] = &["ui/src/host/bindings.ts"];

/// Folders with generated or downloaded files.
const SKIPPED_FOLDERS: &[&str] = &["node_modules", "target", "dist", "gen", "corpus", "artifacts"];

/// Returns every source file below the root: its path from the root and its text.
pub(crate) fn sources(root: &Path) -> io::Result<Vec<(String, String)>> {
    let mut out = Vec::new();
    let mut dirs: Vec<PathBuf> = ["src-tauri", "tests", "ui"].map(|dir| root.join(dir)).to_vec();
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(&dir)? {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if entry.file_type()?.is_dir() {
                if !SKIPPED_FOLDERS.contains(&name.as_str()) && !name.starts_with('.') {
                    dirs.push(path);
                }
            } else if path.extension().is_some_and(|kind| EXTENSIONS.iter().any(|known| kind == *known)) {
                let from_root = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                out.push((from_root, fs::read_to_string(&path)?));
            }
        }
    }
    out.sort();
    Ok(out)
}

/// Returns what is wrong with one file.
pub(crate) fn violations(file: &str, text: &str) -> Vec<String> {
    if GENERATED.contains(&file) {
        return Vec::new();
    }
    let mut out = Vec::new();
    let lines = text.lines().count();
    if lines >= TOO_LONG && !LISTS.contains(&file) {
        out.push(format!("{file}: {lines} lines; a file has fewer than {TOO_LONG}"));
    }
    if file.ends_with(".rs") {
        out.extend(unfinished(file, text));
    } else {
        out.extend(disabled_tests(file, text));
    }
    out
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
    fn a_file_that_is_too_long_is_found_unless_it_is_generated() {
        let long = "x\n".repeat(TOO_LONG);
        assert_eq!(violations("a.css", &long).len(), 1);
        assert!(violations("a.css", &"x\n".repeat(TOO_LONG - 1)).is_empty());
        assert!(violations("ui/src/host/bindings.ts", &long).is_empty());
    }

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
