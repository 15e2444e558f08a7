//! The app's identifier, keychain services, folders and policy file on this computer, for the desktop app and the command line.

#[cfg(not(windows))]
use std::path::Path;
use std::path::PathBuf;

/// The app's identifier on this system, the same as in the desktop app's bundle.
pub const IDENTIFIER: &str = "ai.radiantsecurity.okta-connector";
/// The keychain service of real connections.
pub const KEYCHAIN: &str = IDENTIFIER;
/// The keychain service of practice connections.
pub const PRACTICE_KEYCHAIN: &str = "ai.radiantsecurity.okta-connector.practice";
/// The name of the policy file.
const POLICY_FILE: &str = "policy.json";
/// The user ID of root.
#[cfg(unix)]
const ROOT: u32 = 0;

/// The longest exported document that is read, in bytes.
pub const MAX_EXPORT_LENGTH: u64 = 2 * 1024 * 1024;

/// Returns the folder of the database, the same as Tauri's `app_data_dir`. `None` without a home folder.
#[must_use]
pub fn data_dir() -> Option<PathBuf> {
    Some(dirs::data_dir()?.join(IDENTIFIER))
}

/// Returns the folder of the log files, the same as Tauri's `app_log_dir`. `None` without a home folder.
#[must_use]
pub fn log_dir() -> Option<PathBuf> {
    if cfg!(target_os = "macos") {
        return Some(dirs::home_dir()?.join("Library/Logs").join(IDENTIFIER));
    }
    Some(dirs::data_local_dir()?.join(IDENTIFIER).join("logs"))
}

/// The path of a policy file, and the account that it must belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyPlace {
    /// The file.
    pub file: PathBuf,
    /// On Unix, the user ID of the account that may write it besides root. `None`: write access is not checked.
    pub owner: Option<u32>,
}

/// Returns the place where an administrator of this computer puts the organization's policy. `None` when the system does not
/// name the folder.
#[must_use]
pub fn policy() -> Option<PolicyPlace> {
    #[cfg(windows)]
    {
        // Read from the system, because whoever starts the app can set the variable ProgramData.
        let shared = known_folders::get_known_folder_path(known_folders::KnownFolder::ProgramData)?;
        Some(PolicyPlace { file: shared.join(IDENTIFIER).join(POLICY_FILE), owner: None })
    }
    #[cfg(target_os = "macos")]
    {
        let file = Path::new("/Library/Application Support").join(IDENTIFIER).join(POLICY_FILE);
        Some(PolicyPlace { file, owner: Some(ROOT) })
    }
    #[cfg(not(any(windows, target_os = "macos")))]
    {
        Some(PolicyPlace { file: Path::new("/etc/okta-connector-for-radiant").join(POLICY_FILE), owner: Some(ROOT) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desktop_bundle_has_the_same_identifier() {
        let bundle: serde_json::Value = serde_json::from_str(include_str!("../../../tauri.conf.json")).unwrap();
        assert_eq!(bundle["identifier"], IDENTIFIER);
    }

    #[test]
    #[cfg(unix)]
    fn the_policy_file_is_in_a_folder_that_only_root_can_write() {
        let place = policy().unwrap();
        assert!(place.file.starts_with("/etc") || place.file.starts_with("/Library"), "{place:?}");
        assert_eq!(place.owner, Some(0));
    }
}
