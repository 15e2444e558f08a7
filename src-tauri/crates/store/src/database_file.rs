//! The store's files: names, modes, the header of the database, and setting a damaged database aside.
//!
//! Nothing here deletes a file, and reading a header changes nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::StoreError;

/// The database's file name.
pub(super) const DATABASE: &str = "connector.db";

/// The first bytes of every SQLite 3 file (SQLite, "Database File Format", 1.3).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Creates the data folder, for its owner alone, when it does not exist. An existing one keeps its mode.
pub(super) fn make_folder(dir: &Path) -> io::Result<()> {
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(dir)
}

/// Opens a file for reading and writing, and creates it as 0600 when it does not exist. SQLite gives `-wal` and `-shm` the
/// mode of the database.
pub(super) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Removes the rights of group and others from a file that was copied here with a wider mode.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path)?.permissions().mode();
        if mode & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        }
    }
    #[cfg(not(unix))]
    fs::metadata(path)?;
    Ok(())
}

/// Removes the rights of group and others from the `-wal` and `-shm` that another program or an older version left.
pub(super) fn make_companions_private(path: &Path) -> io::Result<()> {
    for companion in ["-wal", "-shm"] {
        match make_private(&beside(path, companion)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Reads the `user_version` in the header without SQLite, which might change the file. Returns `None` when the file does not
/// exist or is empty, because the database was not created yet.
///
/// # Errors
/// [`StoreError::Corrupt`] when the file is not a SQLite database.
pub(super) fn version_in_header(path: &Path) -> Result<Option<u32>, StoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut header = Vec::with_capacity(100);
    file.take(100).read_to_end(&mut header)?;
    if header.is_empty() {
        return Ok(None);
    }
    let version = header.get(60..64).and_then(|bytes| bytes.try_into().ok());
    match version {
        Some(version) if header.len() == 100 && header.starts_with(MAGIC) => Ok(Some(u32::from_be_bytes(version))),
        Some(_) | None => Err(StoreError::Corrupt),
    }
}

/// Sizes of the store's files, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sizes {
    /// The database with its companions.
    pub database: u64,
    /// Number of databases that were set aside.
    pub set_aside: u32,
    /// Size of those, with their companions.
    pub set_aside_bytes: u64,
}

/// Measures the store's files in a folder.
///
/// # Errors
/// When the folder cannot be listed.
pub fn sizes(dir: &Path) -> io::Result<Sizes> {
    let aside = format!("{DATABASE}.set-aside-");
    let mut sizes = Sizes::default();
    for entry in fs::read_dir(dir)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let bytes = entry.metadata().map(|meta| meta.len()).unwrap_or(0);
        let companion = name.ends_with("-wal") || name.ends_with("-shm");
        if name.starts_with(&aside) {
            sizes.set_aside_bytes += bytes;
            sizes.set_aside += u32::from(!companion);
        } else if name == DATABASE || (companion && name.starts_with(DATABASE)) {
            sizes.database += bytes;
        }
    }
    Ok(sizes)
}

/// Renames the database, its `-wal` and its `-shm`.
pub(super) fn set_aside(dir: &Path, now: DateTime<Utc>) -> Result<PathBuf, StoreError> {
    let from = dir.join(DATABASE);
    fs::metadata(&from)?;
    let to = free_name(dir, now);
    // The companions go first: SQLite would delete a -wal that is left beside a new database, and with it the newest
    // changes of the old one.
    for companion in ["-wal", "-shm"] {
        let from = beside(&from, companion);
        if from.exists() {
            fs::rename(&from, beside(&to, companion))?;
        }
    }
    fs::rename(&from, &to)?;
    Ok(to)
}

fn free_name(dir: &Path, now: DateTime<Utc>) -> PathBuf {
    let stem = format!("{DATABASE}.set-aside-{}", now.format("%Y%m%dT%H%M%SZ"));
    let taken = |path: &Path| path.exists() || beside(path, "-wal").exists() || beside(path, "-shm").exists();
    let mut path = dir.join(&stem);
    let mut number = 2_u32;
    while taken(&path) {
        path = dir.join(format!("{stem}-{number}"));
        number += 1;
    }
    path
}

fn beside(path: &Path, companion: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(companion);
    PathBuf::from(name)
}
