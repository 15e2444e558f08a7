//! Where the app lives on this computer, for the window and the command line alike: its name towards the system, its
//! keychain services, its folders, the organisation's policy file, and files that only their owner may read.

use std::io::Write as _;
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
        let bundle: serde_json::Value = serde_json::from_str(include_str!("../../tauri.conf.json")).unwrap();
        assert_eq!(bundle["identifier"], IDENTIFIER);
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
