//! The store's files: names, modes, the first look at a header, setting a damaged database aside.
//!
//! Promises: nothing here deletes, and a look changes nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::StoreError;

/// The database's file name.
pub(super) const DATABASE: &str = "connector.db";

/// What every SQLite 3 file begins with (SQLite, "Database File Format", 1.3).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Makes the data folder, for its owner alone, when it is not there. One that is there keeps its mode.
pub(super) fn make_folder(dir: &Path) -> io::Result<()> {
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(dir)
}

/// Opens a file of ours for reading and writing, made 0600 when it is not there. SQLite gives `-wal` and `-shm` the
/// database's mode.
pub(super) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Takes group and others off the mode of a file that was copied here with a wider one.
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

/// Reads the `user_version` in the header, without SQLite and so without touching a thing. `None` for a file that is
/// not there or empty: the database has not been made yet.
///
/// # Errors
/// [`StoreError::Corrupt`] when the file is no SQLite database.
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

/// The bytes of what the store has in its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sizes {
    /// The database with its companions.
    pub database: u64,
    /// Databases that were set aside.
    pub set_aside: u32,
    /// Their bytes, with their companions.
    pub set_aside_bytes: u64,
}

/// Measures what the store has in a folder.
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
    // The companions go first: a -wal left beside a database that is made anew would be deleted by SQLite, and with it
    // the newest changes of the old one.
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
