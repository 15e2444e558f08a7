//! Collects the license texts in the folders of packages. Texts that differ only in blanks are kept once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The beginnings of the names of license files, in capitals.
const NAMES: [&str; 6] = ["LICENSE", "LICENCE", "UNLICENSE", "COPYING", "COPYRIGHT", "NOTICE"];
/// The extensions of files that are no license although they are named like one.
const OTHER_EXTENSIONS: [&str; 6] = ["rs", "html", "spdx", "toml", "json", "js"];

/// The texts collected so far.
#[derive(Debug, Default)]
pub(super) struct LicenseTexts {
    all: Vec<String>,
    index_by_words: HashMap<String, usize>,
}

impl LicenseTexts {
    /// Adds the texts of a package's folder and returns their indices.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(super) fn add_folder(&mut self, folder: &Path) -> Result<Vec<usize>> {
        let mut indices = Vec::new();
        for file in license_files(folder)? {
            let bytes = std::fs::read(&file).with_context(|| file.display().to_string())?;
            let text = normalize(&String::from_utf8_lossy(&bytes));
            let index = self.add(text);
            if !indices.contains(&index) {
                indices.push(index);
            }
        }
        Ok(indices)
    }

    /// Returns every text.
    pub(super) fn all(&self) -> &[String] {
        &self.all
    }

    fn add(&mut self, text: String) -> usize {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let next = self.all.len();
        let index = *self.index_by_words.entry(words).or_insert(next);
        if index == next {
            self.all.push(text);
        }
        index
    }
}

fn license_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let listed = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut files: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).filter(|path| is_license(path)).collect();
    files.sort();
    Ok(files)
}

fn is_license(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_uppercase()).unwrap_or_default();
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default();
    path.is_file()
        && NAMES.iter().any(|start| name.starts_with(start))
        && !OTHER_EXTENSIONS.contains(&extension.as_str())
}

/// Normalizes line ends and removes blanks at the end of lines and empty lines around the text.
fn normalize(text: &str) -> String {
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_kept_once_and_only_license_files_are_read() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("xtask-licenses-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        for (name, text) in [
            ("LICENSE-MIT", "MIT\r\ntext \r\n"),
            ("license.md", "MIT\n  text"),
            ("NOTICE", "by Jo\n"),
            ("licensed.rs", "code"),
        ] {
            std::fs::write(folder.join(name), text)?;
        }
        let mut texts = LicenseTexts::default();
        let indices = texts.add_folder(&folder)?;
        std::fs::remove_dir_all(&folder)?;
        assert_eq!((indices, texts.all()), (vec![0, 1], &["MIT\ntext".to_owned(), "by Jo".to_owned()][..]));
        Ok(())
    }
}
