//! The folder with the sockets and the locks of agent and window, one for each data folder.
//!
//! It lies in `$XDG_RUNTIME_DIR`, or without one in the temporary folder. Whoever can open the folder can talk to the parts,
//! so it must belong to this account, be closed to all others, and be no link.

use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::login_session::LoginSession;
use super::message::Hello;

/// The name of the folder, and the beginning of its name in the temporary folder.
const NAME: &str = "okta-connector-for-radiant";
/// The system's limit on the path of a socket in bytes, without the final zero.
const MAX_SOCKET_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };
/// How many bytes of the hash name the data folder.
const HASH_BYTES: usize = 8;

/// One of the two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The agent: workers, tray and notifications.
    Agent,
    /// The window.
    Window,
}

impl Role {
    /// Returns its name in file names and in the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Window => "window",
        }
    }
}

/// Why there is no folder for the channel.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeFolderError {
    /// The data folder, or a folder for the sockets, cannot be read or created.
    #[error("{} cannot be used", .0.display())]
    Io(PathBuf, #[source] io::Error),
    /// The folder is a link, belongs to another account, or is open to others.
    #[error("{} {reason}", .folder.display())]
    NotOurs {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The path of a socket is longer than the system allows.
    #[error("{} is longer than the {MAX_SOCKET_PATH} bytes that the path of a socket may have", .0.display())]
    TooLong(PathBuf),
}

/// A folder that only this account can open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeFolder {
    path: PathBuf,
}

impl RuntimeFolder {
    /// Creates the folder that belongs to a data folder, or checks the one there is. `XDG_RUNTIME_DIR` and the temporary
    /// folder are taken from this process' environment.
    ///
    /// # Errors
    /// When the data folder does not exist, or the folder cannot be created or is not safe to use.
    pub fn of_environment(data_folder: &Path) -> Result<Self, RuntimeFolderError> {
        Self::create(data_folder, std::env::var_os("XDG_RUNTIME_DIR"), &std::env::temp_dir())
    }

    /// As [`RuntimeFolder::of_environment`], with the value of `XDG_RUNTIME_DIR` and the temporary folder as arguments.
    ///
    /// # Errors
    /// As there.
    pub fn create(
        data_folder: &Path,
        runtime_dir: Option<OsString>,
        temporary_folder: &Path,
    ) -> Result<Self, RuntimeFolderError> {
        let data_folder =
            fs::canonicalize(data_folder).map_err(|error| RuntimeFolderError::Io(data_folder.to_owned(), error))?;
        let uid = rustix::process::geteuid().as_raw();
        let parent = match runtime_dir.map(PathBuf::from).filter(|folder| is_usable(folder, uid)) {
            Some(folder) => folder.join(NAME),
            None => temporary_folder.join(format!("{NAME}-{uid}")),
        };
        let folder = Self { path: parent.join(hash(&data_folder)) };
        let longest = folder.socket(Role::Window);
        if longest.as_os_str().len() > MAX_SOCKET_PATH {
            return Err(RuntimeFolderError::TooLong(longest));
        }
        create_private(&parent, uid)?;
        create_private(&folder.path, uid)?;
        Ok(folder)
    }

    /// Returns the folder's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the socket of a part.
    #[must_use]
    pub fn socket(&self, role: Role) -> PathBuf {
        self.path.join(format!("{}.sock", role.as_str()))
    }

    /// Returns the lock file of a part.
    #[must_use]
    pub fn lock(&self, role: Role) -> PathBuf {
        self.path.join(format!("{}.lock", role.as_str()))
    }

    /// Returns the id of the process that last held the lock of a part; it may have ended.
    #[must_use]
    pub fn holder(&self, role: Role) -> Option<u32> {
        Some(self.holder_hello(role)?.pid)
    }

    /// Returns the hello of the process that last held the lock of a part; it may have ended. Earlier versions wrote a process id
    /// alone, and count as older than any.
    #[must_use]
    pub fn holder_hello(&self, role: Role) -> Option<Hello> {
        let text = fs::read_to_string(self.lock(role)).ok()?;
        let of_pid = |pid| Hello { version: String::new(), schema: 0, pid, session: LoginSession::default() };
        text.trim().parse().map(of_pid).or_else(|_| serde_json::from_str(&text)).ok()
    }
}

/// Tells whether the value of `XDG_RUNTIME_DIR` is an absolute path of a folder of this account. After `su` it may be another's.
fn is_usable(folder: &Path, uid: u32) -> bool {
    let owned = || fs::metadata(folder).is_ok_and(|found| found.is_dir() && found.uid() == uid);
    let usable = folder.is_absolute() && owned();
    if !usable {
        tracing::debug!(?folder, "XDG_RUNTIME_DIR is not a folder of this account; the temporary folder is used");
    }
    usable
}

/// Returns the beginning of the hash of a path in hex.
fn hash(path: &Path) -> String {
    let hash = Sha256::digest(path.as_os_str().as_bytes());
    hash.iter().take(HASH_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

/// Creates a folder for this account alone, or checks the one there is.
fn create_private(folder: &Path, uid: u32) -> Result<(), RuntimeFolderError> {
    let failed = |error| RuntimeFolderError::Io(folder.to_owned(), error);
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(error)),
        Ok(()) | Err(_) => {}
    }
    let found = fs::symlink_metadata(folder).map_err(failed)?;
    let refused = |reason| Err(RuntimeFolderError::NotOurs { folder: folder.to_owned(), reason });
    if !found.is_dir() {
        return refused("is a link or a file where a folder is expected");
    }
    if found.uid() != uid {
        return refused("belongs to another account");
    }
    if found.mode() & 0o077 != 0 {
        return refused("can be opened by other accounts");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use tempfile::TempDir;

    use super::*;

    /// A data folder, a runtime folder and a temporary folder, below a short path.
    fn folders() -> (TempDir, PathBuf, PathBuf, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let [data, run, temporary] = ["data", "run", "tmp"].map(|name| root.path().join(name));
        for folder in [&data, &run, &temporary] {
            fs::create_dir(folder).unwrap();
        }
        (root, data, run, temporary)
    }

    fn mode(folder: &Path) -> u32 {
        fs::metadata(folder).unwrap().mode() & 0o777
    }

    #[test]
    fn each_data_folder_has_a_private_folder_below_the_runtime_folder_by_its_real_path() {
        let (root, data, run, temporary) = folders();
        let create = |data: &Path| RuntimeFolder::create(data, Some(run.clone().into()), &temporary).unwrap();
        let folder = create(&data);
        let name = folder.path().file_name().unwrap().to_str().unwrap().to_owned();
        assert!(name.len() == 16 && name.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
        assert_eq!(folder.path().parent().unwrap(), run.join(NAME));
        assert_eq!([mode(folder.path()), mode(&run.join(NAME))], [0o700, 0o700]);
        let link = root.path().join("link");
        symlink(&data, &link).unwrap();
        assert_eq!(create(&link), folder, "a link to the data folder is the same data folder");
        assert_ne!(create(&temporary), folder);
        assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
    }

    #[test]
    fn without_a_usable_variable_the_folder_lies_in_the_temporary_folder() {
        let (root, data, _, temporary) = folders();
        let missing = root.path().join("missing").into_os_string();
        for value in [None, Some(OsString::new()), Some("run/user".into()), Some(missing)] {
            let folder = RuntimeFolder::create(&data, value.clone(), &temporary).unwrap();
            let parent = folder.path().parent().unwrap();
            assert_eq!(parent, temporary.join(format!("{NAME}-{}", rustix::process::geteuid().as_raw())), "{value:?}");
            assert_eq!([mode(parent), mode(folder.path())], [0o700, 0o700]);
        }
    }

    #[test]
    fn a_folder_that_may_be_another_accounts_is_refused() {
        let (_root, data, run, temporary) = folders();
        let refused = |expected: &str| match RuntimeFolder::create(&data, None, &temporary) {
            Err(RuntimeFolderError::NotOurs { reason, .. }) => assert!(reason.contains(expected), "{reason}"),
            other => panic!("{other:?}"),
        };
        let uid = rustix::process::geteuid().as_raw();
        let folder = temporary.join(format!("{NAME}-{uid}"));
        symlink(&run, &folder).unwrap();
        refused("is a link");
        fs::remove_file(&folder).unwrap();
        fs::create_dir(&folder).unwrap();
        for open in [0o750, 0o701, 0o777] {
            fs::set_permissions(&folder, fs::Permissions::from_mode(open)).unwrap();
            refused("other accounts");
        }
        let error = create_private(&run, uid + 1).unwrap_err().to_string();
        assert!(error.ends_with("belongs to another account"), "{error}");
    }

    #[test]
    fn a_path_too_long_for_a_socket_is_reported_before_anything_is_created() {
        let (_root, data, run, temporary) = folders();
        let long = run.join("x".repeat(90));
        fs::create_dir(&long).unwrap();
        let error = RuntimeFolder::create(&data, Some(long.clone().into()), &temporary).unwrap_err();
        assert!(error.to_string().contains("window.sock is longer than the"), "{error}");
        assert_eq!(fs::read_dir(&long).unwrap().count(), 0);
    }

    #[test]
    fn a_data_folder_that_does_not_exist_is_reported() {
        let (root, _, run, temporary) = folders();
        let error = RuntimeFolder::create(&root.path().join("none"), Some(run.into()), &temporary).unwrap_err();
        assert!(matches!(error, RuntimeFolderError::Io(..)), "{error}");
    }
}
