//! Locks between processes: the agent, the window and the CLI can work on one data folder at the same time.
//!
//! A lock ends with its process, whatever killed it. The lock files remain and have no meaning; that of monitoring names the
//! process that took it last.

use std::fmt::Write as _;
use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{StoreError, database_file};
use model::connection::ConnectionId;

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub struct ConnectionLock {
    /// The lock belongs to the open file: closing it releases the lock.
    file: File,
}

/// Takes the lock of one connection, for anything that writes to Okta or moves tokens in the keychain.
///
/// # Errors
/// [`StoreError::Busy`] at once when another process, or another part of this one, holds it; [`StoreError::ReadOnly`],
/// [`StoreError::Full`] or [`StoreError::File`] when the lock file cannot be made.
pub fn lock(dir: &Path, id: &ConnectionId) -> Result<ConnectionLock, StoreError> {
    database_file::make_folder(dir)?;
    take(&dir.join(format!("connection-{}.lock", file_safe(&id.0))), false)
}

/// Takes the lock of the process that monitors a connection. It is held between probes too; the lock of [`lock`] is taken for
/// each probe besides.
///
/// # Errors
/// As [`lock`].
pub fn lock_monitoring(dir: &Path, id: &ConnectionId) -> Result<ConnectionLock, StoreError> {
    database_file::make_folder(dir)?;
    let lock = take(&monitoring_lock(dir, id), false)?;
    // It only names the process to a person: without it, the lock holds as well.
    lock.file.set_len(0).and_then(|()| write!(&lock.file, "{}", std::process::id())).unwrap_or_default();
    Ok(lock)
}

/// Returns the id of the process that took the monitoring lock of a connection last; it may have ended.
#[must_use]
pub fn monitoring_process(dir: &Path, id: &ConnectionId) -> Option<u32> {
    fs::read_to_string(monitoring_lock(dir, id)).ok()?.trim().parse().ok()
}

fn monitoring_lock(dir: &Path, id: &ConnectionId) -> PathBuf {
    dir.join(format!("monitoring-{}.lock", file_safe(&id.0)))
}

/// Takes the lock of a run of response actions. It is separate from the others, so that an action never waits for a probe.
///
/// # Errors
/// As [`lock`].
pub fn lock_actions(dir: &Path, id: &ConnectionId) -> Result<ConnectionLock, StoreError> {
    database_file::make_folder(dir)?;
    take(&dir.join(format!("actions-{}.lock", file_safe(&id.0))), false)
}

/// Takes the lock of the process that runs the relay of a connection, which is held as long as it runs.
///
/// # Errors
/// As [`lock`].
pub fn lock_relay(dir: &Path, id: &ConnectionId) -> Result<ConnectionLock, StoreError> {
    database_file::make_folder(dir)?;
    take(&dir.join(format!("relay-{}.lock", file_safe(&id.0))), false)
}

/// Takes the lock under which the database is opened, migrated or set aside. Waits for it, since it is held only briefly.
pub(super) fn opening(dir: &Path) -> Result<ConnectionLock, StoreError> {
    database_file::make_folder(dir)?;
    take(&dir.join("connector.db.opening"), true)
}

fn take(path: &Path, wait: bool) -> Result<ConnectionLock, StoreError> {
    let file = database_file::open_private(path)?;
    if wait {
        file.lock()?;
    } else {
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => StoreError::Busy,
            TryLockError::Error(error) => error.into(),
        })?;
    }
    Ok(ConnectionLock { file })
}

/// Encodes an id as a file name: letters, digits and `-` stay, every other byte becomes `_` and two hex digits.
fn file_safe(id: &str) -> String {
    let mut name = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            name.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            write!(name, "_{byte:02x}").unwrap_or_default();
        }
    }
    name
}
