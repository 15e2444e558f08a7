//! What holds for every source file: its length, and nothing left undone or switched off.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::source;

/// No source file has this many lines.
pub(crate) const TOO_LONG: usize = 400;

/// Kinds of files that are read by people.
const KINDS: &[&str] = &["rs", "svelte", "ts", "css", "js", "mjs", "py"];

/// Made by a program, not by hand.
const GENERATED: &[&str] = &["ui/src/host/bindings.ts"];

/// Folders that hold what is made or fetched.
const MADE: &[&str] = &["node_modules", "target", "dist", "gen", "corpus", "artifacts"];

/// Returns every source file below the root, as a path from the root and its text.
pub(crate) fn sources(root: &Path) -> io::Result<Vec<(String, String)>> {
    let mut out = Vec::new();
    let mut dirs: Vec<PathBuf> = ["src-tauri", "tests", "ui"].map(|dir| root.join(dir)).to_vec();
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(&dir)? {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if entry.file_type()?.is_dir() {
                if !MADE.contains(&name.as_str()) && !name.starts_with('.') {
                    dirs.push(path);
                }
            } else if path.extension().is_some_and(|kind| KINDS.iter().any(|known| kind == *known)) {
                let from_root = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                out.push((from_root, fs::read_to_string(&path)?));
            }
        }
    }
    out.sort();
    Ok(out)
}

/// Returns what is wrong with one file, in words.
pub(crate) fn faults(file: &str, text: &str) -> Vec<String> {
    if GENERATED.contains(&file) {
        return Vec::new();
    }
    let mut out = Vec::new();
    let lines = text.lines().count();
    if lines >= TOO_LONG {
        out.push(format!("{file}: {lines} lines; a file has fewer than {TOO_LONG}"));
    }
    if file.ends_with(".rs") {
        out.extend(undone(file, text));
    } else {
        out.extend(switched_off(file, text));
    }
    out
}

fn undone(file: &str, text: &str) -> Vec<String> {
    let words = source::words(text);
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

fn switched_off(file: &str, text: &str) -> Vec<String> {
    let marks =
        ["it", "test", "describe"].iter().flat_map(|name| [".skip(", ".only(", ".todo("].map(|mark| (*name, mark)));
    let found = marks.map(|(name, mark)| format!("{name}{mark}")).filter(|call| text.contains(call.as_str()));
    found.map(|call| format!("{file}: {call})")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_long_is_found_unless_a_program_wrote_it() {
        let long = "x\n".repeat(TOO_LONG);
        assert_eq!(faults("a.css", &long).len(), 1);
        assert!(faults("a.css", &"x\n".repeat(TOO_LONG - 1)).is_empty());
        assert!(faults("ui/src/host/bindings.ts", &long).is_empty());
    }

    #[test]
    fn an_ignored_test_and_an_undone_function_are_found() {
        assert_eq!(faults("a.rs", "#[test]\n#[ignore]\nfn f() { todo!() }").len(), 2);
        assert!(faults("a.rs", "// todo!() and #[ignore]\nfn ignore() {}").is_empty());
    }

    #[test]
    fn a_test_switched_off_in_the_front_end_is_found() {
        let text = ["it", "only('x', () => {})"].join(".");
        assert_eq!(faults("a.test.ts", &text).len(), 1);
    }
}
