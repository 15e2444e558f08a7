//! Everything the app remembers: one SQLite file, `connector.db`, in the app's data folder. The only crate with SQL.
//!
//! Every access is one transaction: [`Store::read`] or [`Store::write`]. A write is `IMMEDIATE`, so a read and the write
//! that depends on it cannot lose another writer's change, in this process or in another. A write that returned `Ok`
//! survives a kill and a power cut (WAL, `synchronous = FULL`).
//!
//! The store never holds a secret (only which secrets the keychain holds), never guesses at an unreadable row, and never
//! deletes a database: a damaged, newer, read-only or full one is reported and left as it is.

mod action_audit;
mod action_audit_chain;
mod action_audit_row;
mod alert_outbox;
mod alert_secrets;
mod connection_lock;
mod connections;
mod database_file;
mod document;
mod error;
mod key_value;
mod monitoring_history;
mod open;
mod rate_usage;
mod relay;
mod relay_changes;
mod reports;
mod secret_index;
mod transaction;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::broadcast;

pub use action_audit::AuditReader;
pub use action_audit_chain::{AuditChain, NewAcknowledgement};
pub use action_audit_row::AuditRow;
pub use alert_outbox::{ALERT_CLAIM, AlertAttempt, AlertReads, AlertSummary, AlertWrites, OutboxChannel, QueuedAlert};
pub use alert_secrets::AlertSecretRow;
pub use connection_lock::{ConnectionLock, lock, lock_actions, lock_monitoring, lock_relay, monitoring_process};
pub use database_file::{Sizes, sizes};
pub use document::Document;
pub use error::StoreError;
use model::app_change::AppChange;
pub use monitoring_history::MonitorUpdate;
pub use open::SCHEMA_VERSION;
pub use relay::{NewBatch, NewUndeliverableEvent, RelayPosition, RelayRows, WaitingBatch};
pub use relay_changes::RelayChanges;
pub use reports::REPORTS_KEPT;
pub use transaction::{ReadTx, WriteTx};

/// Changes that a slow receiver of [`Store::changes`] may lag behind before it misses some and has to read everything.
const CHANGES_BUFFERED: usize = 256;

/// The open store. Clones share one reading and one writing database connection.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    /// Closed before the writer, which folds the `-wal` into the database.
    reader: Mutex<Connection>,
    writer: Mutex<Writer>,
    changes: broadcast::Sender<AppChange>,
}

struct Writer {
    db: Connection,
    /// `PRAGMA data_version` as it was read last.
    data_version: i64,
}

impl Store {
    /// Opens `connector.db` in `dir` and creates both when they do not exist.
    ///
    /// Only the owner can read the file (0600, in a folder created as 0700). On Windows it is in the user's profile, which
    /// other accounts cannot read.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Newer`], [`StoreError::ReadOnly`], [`StoreError::Full`] or
    /// [`StoreError::Busy`], with the database unchanged; [`StoreError::Sqlite`] and [`StoreError::File`] for the rest.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        Self::open_with(dir, broadcast::channel(CHANGES_BUFFERED).0)
    }

    /// Opens the database as [`Store::open`] does, and sends its changes on a channel that others may send on too.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with(dir: &Path, changes: broadcast::Sender<AppChange>) -> Result<Self, StoreError> {
        let (writer, reader) = open::open(dir)?;
        let data_version = data_version(&writer)?;
        Ok(Self(Arc::new(Inner {
            reader: Mutex::new(reader),
            writer: Mutex::new(Writer { db: writer, data_version }),
            changes,
        })))
    }

    /// Renames the database and its companions to `connector.db.set-aside-<time>`, so that the next [`Store::open`]
    /// creates a new one. Deletes nothing. Returns the new path of the database.
    ///
    /// # Errors
    /// [`StoreError::File`] when there is no database or it cannot be renamed; [`StoreError::ReadOnly`] when the folder
    /// cannot be written.
    pub fn set_aside(dir: &Path, now: DateTime<Utc>) -> Result<PathBuf, StoreError> {
        let _opening = connection_lock::opening(dir)?;
        database_file::set_aside(dir, now)
    }

    /// Runs `work` on one consistent snapshot of the database.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError`] as `E`.
    pub async fn read<T, E>(&self, work: impl FnOnce(&ReadTx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.off_thread(move |inner| {
            let mut db = lock_ignoring_panics(&inner.reader);
            let snapshot = db.transaction().map_err(StoreError::from)?;
            work(&ReadTx::new(&snapshot))
        })
        .await
    }

    /// Runs `work` in one transaction that no other writer can interleave with, commits it, and then sends an
    /// [`AppChange`] for everything it touched. When `work` fails, nothing is changed. `work` must not wait for anything
    /// but the store: no keychain, no network, no sleep.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError`] as `E`: [`StoreError::Busy`] when another process writes for more than five
    /// seconds.
    pub async fn write<T, E>(
        &self,
        work: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.off_thread(move |inner| {
            let mut writer = lock_ignoring_panics(&inner.writer);
            let transaction =
                writer.db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
            let mut tx = WriteTx::new(&transaction);
            let value = work(&mut tx)?;
            let touched = tx.into_touched();
            transaction.commit().map_err(StoreError::from)?;
            // Sent under the writer's lock, so that changes arrive in the order of the commits.
            for change in touched {
                drop(inner.changes.send(change));
            }
            Ok(value)
        })
        .await
    }

    /// Sends a change that this process did not commit: another process did, or time made it.
    pub fn publish(&self, change: AppChange) {
        // Without a receiver, nobody needs to know.
        drop(self.0.changes.send(change));
    }

    /// Returns a receiver of the changes that this process commits or publishes from now on.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<AppChange> {
        self.0.changes.subscribe()
    }

    /// Folds the log of changes into the database and empties it, so that what was deleted does not stay in it. While somebody
    /// reads, it is folded as far as possible.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`], [`StoreError::Full`] or [`StoreError::ReadOnly`].
    pub async fn fold_log(&self) -> Result<(), StoreError> {
        self.off_thread(|inner| {
            let writer = lock_ignoring_panics(&inner.writer);
            Ok(writer.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
        })
        .await
    }

    /// Returns whether another process, or another [`Store`] in this one, committed a change since this was last asked.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub async fn changed_elsewhere(&self) -> Result<bool, StoreError> {
        self.off_thread(|inner| {
            // The version a database connection sees does not change by its own commits, so only the writer can tell.
            let mut writer = lock_ignoring_panics(&inner.writer);
            let version = data_version(&writer.db)?;
            Ok(std::mem::replace(&mut writer.data_version, version) != version)
        })
        .await
    }

    async fn off_thread<T, E>(&self, work: impl FnOnce(&Inner) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || work(&inner)).await;
        done.unwrap_or_else(|_| Err(StoreError::Aborted.into()))
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// Locks a database connection. A panic of another call left nothing half done: its transaction was rolled back.
fn lock_ignoring_panics<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn data_version(db: &Connection) -> Result<i64, StoreError> {
    Ok(db.pragma_query_value(None, "data_version", |row| row.get(0))?)
}

/// Formats a time so that text order is time order: UTC, microseconds, `Z`.
fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Store, StoreError, lock_ignoring_panics};
    use model::code::Code;

    async fn put(
        store: &Store,
        key: &'static str,
        value: impl serde::Serialize + Send + 'static,
    ) -> Result<(), StoreError> {
        store.write(move |tx| tx.put_setting(key, &value)).await
    }

    async fn setting(store: &Store, key: &'static str) -> Option<u32> {
        store.read(move |tx| tx.setting(key)).await.unwrap()
    }

    #[tokio::test]
    async fn a_full_disk_is_reported_and_the_rest_stays_readable() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        put(&store, "small", 1).await.unwrap();
        // SQLite answers a full disk and a full quota of pages with the same SQLITE_FULL.
        lock_ignoring_panics(&store.0.writer)
            .db
            .pragma_update_and_check(None, "max_page_count", 1, |_| Ok(()))
            .unwrap();
        let error = put(&store, "large", "x".repeat(100_000)).await.unwrap_err();
        assert_eq!(error.code(), Code::DiskFull);
        assert_eq!(setting(&store, "small").await, Some(1));
        assert_eq!(setting(&store, "large").await, None);
    }

    #[tokio::test]
    async fn a_write_while_another_process_writes_is_reported_as_busy() {
        let dir = tempfile::tempdir().unwrap();
        let (ours, theirs) = (Store::open(dir.path()).unwrap(), Store::open(dir.path()).unwrap());
        lock_ignoring_panics(&ours.0.writer).db.busy_timeout(Duration::from_millis(20)).unwrap();
        lock_ignoring_panics(&theirs.0.writer).db.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert_eq!(put(&ours, "a", 1).await.unwrap_err().code(), Code::StoreBusy);
        assert_eq!(setting(&ours, "a").await, None, "reading continues meanwhile");
        lock_ignoring_panics(&theirs.0.writer).db.execute_batch("ROLLBACK").unwrap();
        put(&ours, "a", 1).await.unwrap();
    }

    #[tokio::test]
    async fn a_store_that_became_read_only_is_reported() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        lock_ignoring_panics(&store.0.writer).db.pragma_update(None, "query_only", true).unwrap();
        assert_eq!(put(&store, "a", 1).await.unwrap_err().code(), Code::StoreReadOnly);
    }

    #[tokio::test]
    async fn a_panic_inside_a_write_changes_nothing_and_the_store_works_on() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let panicked: Result<(), StoreError> = store
            .write(|tx| {
                tx.put_setting("a", &1)?;
                panic!("in the middle of a transaction");
            })
            .await;
        assert!(matches!(panicked, Err(StoreError::Aborted)), "{panicked:?}");
        assert_eq!(setting(&store, "a").await, None);
        put(&store, "a", 2).await.unwrap();
        assert_eq!(setting(&store, "a").await, Some(2));
    }
}
