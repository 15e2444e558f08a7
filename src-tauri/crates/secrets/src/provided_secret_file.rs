//! Secrets that come from a file that is named for one run, as a service on a server reads them, instead of from the keychain.
//!
//! A file is opened without following a link and without waiting for a pipe, and is judged by its open descriptor, so that it
//! cannot be exchanged between the check and the read. It is read into memory that is wiped; nothing of it is written or logged.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use secrecy::SecretString;

/// The longest secret that is read, in bytes; Okta's tokens have 42 characters.
pub const MAX_SECRET_FILE_BYTES: u64 = 16 * 1024;

/// Where a secret is read from in this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// The keychain, where the app keeps it.
    Keychain,
    /// A file, which the app reads once and never copies.
    File(PathBuf),
}

/// A secret from a file.
#[derive(Debug, Clone)]
pub struct FileSecret {
    /// The secret, without the line break at its end.
    pub secret: SecretString,
    /// When the file was written last: since when the secret is known under its name.
    pub written: DateTime<Utc>,
}

/// Why a file is not read as a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretFileError {
    /// There is no such file.
    #[error("the file does not exist")]
    Missing,
    /// This account may not open it.
    #[error("the file may not be opened by this account")]
    Denied,
    /// It is a symbolic link, which another account may be able to redirect.
    #[error("the file is a symbolic link")]
    Link,
    /// It is a folder, a pipe, a socket or a device.
    #[error("this is not a regular file")]
    NotRegular,
    /// It belongs to another account.
    #[error("the file belongs to the account {owner}, and this program runs as {account}")]
    OtherOwner {
        /// The user id of the file.
        owner: u32,
        /// The user id of this process.
        account: u32,
    },
    /// Other accounts have access to it.
    #[error("the file has the mode {mode:04o}")]
    OpenToOthers {
        /// The permission bits.
        mode: u32,
    },
    /// Other accounts have access to the credential directory that it lies in, or it belongs to another account.
    #[error("the credential directory has the mode {mode:04o} and belongs to the account {owner}")]
    DirectoryOpenToOthers {
        /// The permission bits of the directory.
        mode: u32,
        /// The user id of the directory.
        owner: u32,
    },
    /// It contains nothing but line breaks.
    #[error("the file is empty")]
    Empty,
    /// It is longer than any secret.
    #[error("the file is longer than {MAX_SECRET_FILE_BYTES} bytes")]
    TooLong,
    /// It is no UTF-8 text.
    #[error("the file is not UTF-8 text")]
    NotText,
    /// On this system it cannot be checked who may read a file.
    #[error("on this system it cannot be checked who may read the file")]
    Uncheckable,
    /// The system's own error.
    #[error("the file cannot be read: {0}")]
    Failed(String),
}

impl SecretSource {
    /// Returns the file if one is named, otherwise the keychain.
    #[must_use]
    pub fn from_option(file: Option<PathBuf>) -> Self {
        file.map_or(Self::Keychain, Self::File)
    }

    /// Reads the secret if its source is a file; `None` means that the keychain holds it. `credentials` is systemd's directory
    /// of credentials (`$CREDENTIALS_DIRECTORY`), whose files have an owner and a mode of their own.
    ///
    /// # Errors
    /// Why the file is not read as a secret.
    pub fn read(&self, credentials: Option<&Path>) -> Result<Option<FileSecret>, SecretFileError> {
        match self {
            Self::Keychain => Ok(None),
            Self::File(path) => system::read(path, credentials).map(Some),
        }
    }
}

#[cfg(unix)]
mod system {
    use std::fs::{File, Metadata};
    use std::io::Read as _;
    use std::os::fd::{AsFd, OwnedFd};
    use std::os::unix::fs::MetadataExt as _;
    use std::path::Path;

    use chrono::{DateTime, Utc};
    use rustix::fs::{CWD, Mode, OFlags, openat};
    use rustix::io::Errno;
    use secrecy::zeroize::Zeroizing;

    use super::{FileSecret, MAX_SECRET_FILE_BYTES, SecretFileError, text};

    /// A pipe without a writer is opened at once instead of waiting for one, and a terminal does not become the controlling one.
    const FLAGS: OFlags =
        OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);
    const PERMISSIONS: u32 = 0o7777;
    /// Any access of the group or of others.
    const OTHERS: u32 = 0o077;
    /// Write access of the group, any access of others. The group's read bit alone can be the mask of an access list.
    const OTHERS_OF_CREDENTIAL: u32 = 0o037;
    const OTHERS_OF_DIRECTORY: u32 = 0o027;

    pub(super) fn read(path: &Path, credentials: Option<&Path>) -> Result<FileSecret, SecretFileError> {
        match (credentials, path.parent(), path.file_name()) {
            (Some(directory), Some(parent), Some(name)) if parent == directory => {
                let directory = open_directory(directory)?;
                read_open(open(&directory, Path::new(name))?, confirm_credential)
            }
            (_, _, _) => read_open(open(CWD, path)?, confirm_private),
        }
    }

    fn open(folder: impl AsFd, path: &Path) -> Result<File, SecretFileError> {
        Ok(File::from(openat(folder, path, FLAGS, Mode::empty()).map_err(refusal)?))
    }

    fn open_directory(directory: &Path) -> Result<OwnedFd, SecretFileError> {
        let open = openat(CWD, directory, FLAGS | OFlags::DIRECTORY, Mode::empty()).map_err(refusal)?;
        let file = File::from(open);
        let found = file.metadata().map_err(failed)?;
        let (owner, mode) = (found.uid(), found.mode() & PERMISSIONS);
        if ![0, account()].contains(&owner) || mode & OTHERS_OF_DIRECTORY != 0 {
            return Err(SecretFileError::DirectoryOpenToOthers { mode, owner });
        }
        Ok(file.into())
    }

    fn read_open(
        file: File,
        confirm: impl FnOnce(&Metadata) -> Result<(), SecretFileError>,
    ) -> Result<FileSecret, SecretFileError> {
        let found = file.metadata().map_err(failed)?;
        if !found.is_file() {
            return Err(SecretFileError::NotRegular);
        }
        confirm(&found)?;
        let capacity = usize::try_from(MAX_SECRET_FILE_BYTES + 1).unwrap_or_default();
        // A buffer that grows would leave copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
        file.take(MAX_SECRET_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
        Ok(FileSecret { secret: text(&bytes)?.into(), written: written(&found) })
    }

    /// Accepts a file of this account that no other account has access to.
    fn confirm_private(found: &Metadata) -> Result<(), SecretFileError> {
        let (owner, account, mode) = (found.uid(), account(), found.mode() & PERMISSIONS);
        if owner != account {
            return Err(SecretFileError::OtherOwner { owner, account });
        }
        if mode & OTHERS == 0 { Ok(()) } else { Err(SecretFileError::OpenToOthers { mode }) }
    }

    /// Accepts a credential: systemd leaves it to root with mode 0400 and gives the service's account access by an access list,
    /// whose mask shows as the group's read bit; without access lists it changes the owner (systemd, `exec-credential.c`).
    fn confirm_credential(found: &Metadata) -> Result<(), SecretFileError> {
        let (owner, account, mode) = (found.uid(), account(), found.mode() & PERMISSIONS);
        if ![0, account].contains(&owner) {
            return Err(SecretFileError::OtherOwner { owner, account });
        }
        if mode & OTHERS_OF_CREDENTIAL == 0 { Ok(()) } else { Err(SecretFileError::OpenToOthers { mode }) }
    }

    fn account() -> u32 {
        rustix::process::geteuid().as_raw()
    }

    fn written(found: &Metadata) -> DateTime<Utc> {
        DateTime::from_timestamp(found.mtime(), 0).unwrap_or_default()
    }

    fn refusal(error: Errno) -> SecretFileError {
        match error {
            Errno::NOENT | Errno::NOTDIR => SecretFileError::Missing,
            Errno::ACCESS | Errno::PERM => SecretFileError::Denied,
            // A link at the end of the path; FreeBSD says MLINK.
            Errno::LOOP | Errno::MLINK => SecretFileError::Link,
            // A socket, or a device without a driver.
            Errno::NXIO | Errno::OPNOTSUPP => SecretFileError::NotRegular,
            other => SecretFileError::Failed(other.to_string()),
        }
    }

    fn failed(error: impl std::fmt::Display) -> SecretFileError {
        SecretFileError::Failed(error.to_string())
    }
}

#[cfg(not(unix))]
mod system {
    use std::path::Path;

    use super::{FileSecret, SecretFileError};

    /// Refuses every file: who may read it is decided by an access list, which this app cannot read here.
    pub(super) fn read(_path: &Path, _credentials: Option<&Path>) -> Result<FileSecret, SecretFileError> {
        Err(SecretFileError::Uncheckable)
    }
}

/// Returns the text of a secret without the line breaks at its end.
#[cfg_attr(not(unix), expect(dead_code, reason = "only Unix reads such a file"))]
fn text(bytes: &[u8]) -> Result<&str, SecretFileError> {
    if bytes.len() as u64 > MAX_SECRET_FILE_BYTES {
        return Err(SecretFileError::TooLong);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| SecretFileError::NotText)?;
    if text.contains('\0') {
        return Err(SecretFileError::NotText);
    }
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() { Err(SecretFileError::Empty) } else { Ok(text) }
}
