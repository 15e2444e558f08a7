//! The licence texts in packages' folders. Equal texts, blanks apart, are kept once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// How the names of files with licence texts begin, in capitals.
const NAMES: [&str; 6] = ["LICENSE", "LICENCE", "UNLICENSE", "COPYING", "COPYRIGHT", "NOTICE"];
/// Endings of files that only look like one.
const NOT: [&str; 6] = ["rs", "html", "spdx", "toml", "json", "js"];

/// The texts met so far.
#[derive(Debug, Default)]
pub(super) struct Texts {
    all: Vec<String>,
    known: HashMap<String, usize>,
}

impl Texts {
    /// Takes in the texts of a package's folder and returns their places.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(super) fn of(&mut self, folder: &Path) -> Result<Vec<usize>> {
        let mut places = Vec::new();
        for file in files(folder)? {
            let bytes = std::fs::read(&file).with_context(|| file.display().to_string())?;
            let text = tidy(&String::from_utf8_lossy(&bytes));
            let place = self.place(text);
            if !places.contains(&place) {
                places.push(place);
            }
        }
        Ok(places)
    }

    /// Returns every text.
    pub(super) fn all(&self) -> &[String] {
        &self.all
    }

    fn place(&mut self, text: String) -> usize {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let next = self.all.len();
        let place = *self.known.entry(words).or_insert(next);
        if place == next {
            self.all.push(text);
        }
        place
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let listed = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut files: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).filter(|path| is_text(path)).collect();
    files.sort();
    Ok(files)
}

fn is_text(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_uppercase()).unwrap_or_default();
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    path.is_file() && NAMES.iter().any(|known| name.starts_with(known)) && !NOT.contains(&ending.as_str())
}

/// Without what differs only by editor: line ends, blanks at the end of lines, empty lines around.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_kept_once_and_only_licence_files_are_read() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("xtask-licences-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        for (name, text) in [
            ("LICENSE-MIT", "MIT\r\ntext \r\n"),
            ("license.md", "MIT\n  text"),
            ("NOTICE", "by Jo\n"),
            ("licensed.rs", "code"),
        ] {
            std::fs::write(folder.join(name), text)?;
        }
        let mut texts = Texts::default();
        let places = texts.of(&folder)?;
        std::fs::remove_dir_all(&folder)?;
        assert_eq!((places, texts.all()), (vec![0, 1], &["MIT\ntext".to_owned(), "by Jo".to_owned()][..]));
        Ok(())
    }
}
