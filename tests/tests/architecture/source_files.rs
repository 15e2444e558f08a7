//! The source files of the product, its tests and its front end.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Extensions of files that people read.
const EXTENSIONS: &[&str] = &["rs", "svelte", "ts", "css", "js", "mjs", "py"];

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
