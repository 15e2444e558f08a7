//! Where the app lives on this computer, for the window and the command line alike: its name towards the system, its
//! keychain services, its folders, the organisation's policy file, and files that only their owner may read.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// The app's name towards the system; the window's bundle carries the same.
pub const IDENTIFIER: &str = "ai.radiantsecurity.okta-connector";
/// Keychain service of real connections.
pub const KEYCHAIN: &str = IDENTIFIER;
/// Keychain service of practice.
pub const PRACTICE_KEYCHAIN: &str = "ai.radiantsecurity.okta-connector.practice";
/// The policy file's name.
const POLICY: &str = "policy.json";
/// The administrator's user id.
#[cfg(unix)]
const ROOT: u32 = 0;

/// Longest document of connections that is read, in bytes; one that is too long to be an export is refused by name.
pub const LONGEST_DOCUMENT: u64 = 2 * 1024 * 1024;

/// Returns the folder of the database: the window's own, as Tauri's `app_data_dir` names it. `None` without a home.
#[must_use]
pub fn data_dir() -> Option<PathBuf> {
    Some(dirs::data_dir()?.join(IDENTIFIER))
}

/// Returns the folder of the log, as Tauri's `app_log_dir` names it. `None` without a home.
#[must_use]
pub fn log_dir() -> Option<PathBuf> {
    if cfg!(target_os = "macos") {
        return Some(dirs::home_dir()?.join("Library/Logs").join(IDENTIFIER));
    }
    Some(dirs::data_local_dir()?.join(IDENTIFIER).join("logs"))
}

/// A place of a policy file, and whose it must be to be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyPlace {
    /// The file.
    pub file: PathBuf,
    /// On Unix, the user id of the account that, beside root, may be able to write it. `None`: that is not looked at.
    pub owner: Option<u32>,
}

/// Returns the one place where an administrator of this computer puts the organisation's policy. `None` where the system does
/// not say where that is.
#[must_use]
pub fn policy() -> Option<PolicyPlace> {
    #[cfg(windows)]
    {
        // Asked of the system; the variable ProgramData is whatever the one who starts the app makes it.
        let shared = known_folders::get_known_folder_path(known_folders::KnownFolder::ProgramData)?;
        Some(PolicyPlace { file: shared.join(IDENTIFIER).join(POLICY), owner: None })
    }
    #[cfg(target_os = "macos")]
    {
        let file = Path::new("/Library/Application Support").join(IDENTIFIER).join(POLICY);
        Some(PolicyPlace { file, owner: Some(ROOT) })
    }
    #[cfg(not(any(windows, target_os = "macos")))]
    {
        Some(PolicyPlace { file: Path::new("/etc/okta-connector-for-radiant").join(POLICY), owner: Some(ROOT) })
    }
}

/// Log files kept, one a day.
pub const LOG_FILES: usize = 7;
/// Most of the log that is read, in bytes: twice what a diagnostics bundle takes in.
const LOG_READ: u64 = 512 * 1024;

/// Returns the newest part of the log in a folder, from wherever its beginning falls. A log that cannot be read is no
/// reason not to help: what can be read is returned.
#[must_use]
pub fn newest_log(folder: &Path) -> String {
    let (mut left, mut parts) = (LOG_READ, Vec::new());
    for file in log_files(folder).iter().rev() {
        let Some(bytes) = end_of(file, left).ok().filter(|_| left > 0) else { continue };
        left = left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        parts.push(String::from_utf8_lossy(&bytes).into_owned());
    }
    parts.reverse();
    parts.concat()
}

/// Returns how many log files are in a folder, and their bytes.
#[must_use]
pub fn log_size(folder: &Path) -> (u32, u64) {
    let files = log_files(folder);
    let bytes = files.iter().filter_map(|file| file.metadata().ok()).map(|meta| meta.len()).sum();
    (u32::try_from(files.len()).unwrap_or(u32::MAX), bytes)
}

/// The log files of a folder, the oldest first: their names hold the day, so the order of names is the order of time.
fn log_files(folder: &Path) -> Vec<PathBuf> {
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

/// Reads a file up to so many bytes, whatever its size is.
///
/// # Errors
/// The system's reason.
pub fn read_at_most(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a file that only its owner can read; on Windows the folder's own rights hold.
///
/// # Errors
/// The system's reason.
pub fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_windows_bundle_carries_the_same_name() {
        let bundle: serde_json::Value = serde_json::from_str(include_str!("../../../tauri.conf.json")).unwrap();
        assert_eq!(bundle["identifier"], IDENTIFIER);
    }

    #[test]
    fn of_the_log_the_newest_files_are_read_and_no_more_than_the_bound() {
        let folder = tempfile::tempdir().unwrap();
        let day = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        day("okta-connector.2026-11-23.log", "first\n");
        day("okta-connector.2026-11-24.log", "second\n");
        day("notes.txt", "not a log");
        assert_eq!(newest_log(folder.path()), "first\nsecond\n");
        assert_eq!(log_size(folder.path()), (2, 13));
        let large = usize::try_from(LOG_READ).unwrap();
        day("okta-connector.2026-11-25.log", &format!("{}\nlast\n", "x".repeat(large)));
        let log = newest_log(folder.path());
        assert_eq!((log.len(), log.ends_with("x\nlast\n")), (large, true));
        assert_eq!(newest_log(&folder.path().join("none")), "");
    }

    #[test]
    fn a_file_is_read_up_to_a_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "abcdef").unwrap();
        assert_eq!(read_at_most(&path, 4).unwrap(), b"abcd");
        assert_eq!(read_at_most(&path, 40).unwrap(), b"abcdef");
    }

    #[test]
    #[cfg(unix)]
    fn the_policy_is_believed_only_where_root_alone_can_have_put_it() {
        let place = policy().unwrap();
        assert!(place.file.starts_with("/etc") || place.file.starts_with("/Library"), "{place:?}");
        assert_eq!(place.owner, Some(0));
    }

    #[test]
    #[cfg(unix)]
    fn a_written_file_is_its_owners_alone_even_over_an_older_one() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        std::fs::write(&path, "an older and longer one").unwrap();
        write_private(&path, "new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
