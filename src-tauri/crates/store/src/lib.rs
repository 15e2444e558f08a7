//! What the app remembers: one SQLite file, `connector.db`, in the app's data folder.
//!
//! Promises: a call that returned `Ok` survives a kill and a power cut (WAL, `synchronous = FULL`); several processes
//! may have it open; a damaged, newer, read-only or full store is told as such, with its bytes as they were.
//! Never: a secret (the vault's index says which there are, the keychain holds them), a guess at an unreadable row, a
//! deleted database: a damaged one is set aside.
//!
//! Calls block; an async caller goes through `spawn_blocking`.

mod connections;
mod database_file;
mod error;
mod guide;
mod key_value;
mod lock;
mod monitoring;
mod open;
mod reminders;
mod reports;
mod rotation;
mod secrets;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, SecondsFormat, Utc};

pub use database_file::{Sizes, sizes};
pub use error::StoreError;
pub use lock::{ConnectionLock, lock};
pub use monitoring::MonitorUpdate;
pub use reports::REPORTS_KEPT;

/// The open store. Clones share one database connection; calls on it take turns.
#[derive(Clone)]
pub struct Store {
    db: Arc<Mutex<rusqlite::Connection>>,
}

impl Store {
    /// Opens `connector.db` in `dir`, making both when they are not there.
    ///
    /// The file is readable by its owner alone (0600, in a folder made 0700). On Windows it lies in the user's profile,
    /// whose access rules already keep other accounts out.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Newer`], [`StoreError::ReadOnly`], [`StoreError::Full`] or
    /// [`StoreError::Busy`], with nothing in the database changed; [`StoreError::Sqlite`] and [`StoreError::File`] for
    /// the rest.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let db = open::open(dir)?;
        Ok(Self { db: Arc::new(Mutex::new(db)) })
    }

    /// Renames the database and its companions to `connector.db.set-aside-<time>`, so that the next [`Store::open`]
    /// begins anew. Nothing is deleted. Returns the new path of the database.
    ///
    /// # Errors
    /// [`StoreError::File`] when there is no database or it cannot be renamed; [`StoreError::ReadOnly`] when the folder
    /// cannot be written.
    pub fn set_aside(dir: &Path, now: DateTime<Utc>) -> Result<PathBuf, StoreError> {
        let _opening = lock::opening(dir)?;
        database_file::set_aside(dir, now)
    }

    /// Takes the database connection. A panic in another call left nothing half done: its transaction was rolled back.
    fn db(&self) -> MutexGuard<'_, rusqlite::Connection> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// Writes a time so that text order is time order: UTC, microseconds, `Z`.
fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Store;
    use model::code::Code;

    #[test]
    fn a_full_disk_is_told_and_the_rest_stays_readable() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store.put_setting("small", &1).unwrap();
        // SQLite answers a full disk and a full quota of pages with the same SQLITE_FULL.
        store.db().pragma_update_and_check(None, "max_page_count", 1, |_| Ok(())).unwrap();
        let error = store.put_setting("large", &"x".repeat(100_000)).unwrap_err();
        assert_eq!(error.code(), Code::DiskFull);
        assert_eq!(store.setting::<u32>("small").unwrap(), Some(1));
        assert_eq!(store.setting::<String>("large").unwrap(), None);
    }

    #[test]
    fn a_write_while_another_process_writes_is_told_as_busy() {
        let dir = tempfile::tempdir().unwrap();
        let (ours, theirs) = (Store::open(dir.path()).unwrap(), Store::open(dir.path()).unwrap());
        ours.db().busy_timeout(Duration::from_millis(20)).unwrap();
        theirs.db().execute_batch("BEGIN IMMEDIATE").unwrap();
        assert_eq!(ours.put_setting("a", &1).unwrap_err().code(), Code::StoreBusy);
        assert_eq!(ours.setting::<u32>("a").unwrap(), None, "reading goes on meanwhile");
        theirs.db().execute_batch("ROLLBACK").unwrap();
        ours.put_setting("a", &1).unwrap();
    }

    #[test]
    fn a_store_that_became_read_only_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store.db().pragma_update(None, "query_only", true).unwrap();
        assert_eq!(store.put_setting("a", &1).unwrap_err().code(), Code::StoreReadOnly);
    }
}
