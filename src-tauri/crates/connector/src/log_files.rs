//! The log files of the app.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// The number of log files that are kept, one per day.
pub const MAX_LOG_FILES: usize = 7;
/// The most of the log that is read, in bytes: twice what a diagnostics bundle holds.
const MAX_LOG_READ: u64 = 512 * 1024;

/// Returns the newest part of the log in a folder. It may begin within a line. Files that cannot be read are left out.
#[must_use]
pub fn newest_log(folder: &Path) -> String {
    let (mut left, mut parts) = (MAX_LOG_READ, Vec::new());
    for file in log_files(folder).iter().rev() {
        let Some(bytes) = end_of(file, left).ok().filter(|_| left > 0) else { continue };
        left = left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        parts.push(String::from_utf8_lossy(&bytes).into_owned());
    }
    parts.reverse();
    parts.concat()
}

/// Returns the number of log files in a folder and their size in bytes.
#[must_use]
pub fn log_size(folder: &Path) -> (u32, u64) {
    let files = log_files(folder);
    let bytes = files.iter().filter_map(|file| file.metadata().ok()).map(|meta| meta.len()).sum();
    (u32::try_from(files.len()).unwrap_or(u32::MAX), bytes)
}

/// Returns the log files of a folder, oldest first: their names contain the day.
#[must_use]
pub fn log_files(folder: &Path) -> Vec<PathBuf> {
    let is_log = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "log");
    let listed = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = listed.filter(is_log).collect();
    files.sort();
    files
}

fn end_of(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let start = file.metadata()?.len().saturating_sub(most);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_log_files_are_read_up_to_the_maximum() {
        let folder = tempfile::tempdir().unwrap();
        let day = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        day("okta-connector.2026-11-23.log", "first\n");
        day("okta-connector.2026-11-24.log", "second\n");
        day("notes.txt", "not a log");
        assert_eq!(newest_log(folder.path()), "first\nsecond\n");
        assert_eq!(log_size(folder.path()), (2, 13));
        let large = usize::try_from(MAX_LOG_READ).unwrap();
        day("okta-connector.2026-11-25.log", &format!("{}\nlast\n", "x".repeat(large)));
        let log = newest_log(folder.path());
        assert_eq!((log.len(), log.ends_with("x\nlast\n")), (large, true));
        assert_eq!(newest_log(&folder.path().join("none")), "");
    }
}
