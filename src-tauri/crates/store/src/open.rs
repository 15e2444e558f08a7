//! Opening the database: look first, then set it up, then migrate.
//!
//! Promises: until the looks are done nothing in the database or its `-wal` changes; migrations run in one transaction,
//! so a kill between them leaves the old shape. One process opens at a time.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{StoreError, database_file, lock};

/// How long a call waits for another process's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The migrations, in order; the database's `user_version` is the number of those that ran.
const MIGRATIONS: [&str; 4] = [
    include_str!("migrations/001_connections.sql"),
    include_str!("migrations/002_monitoring.sql"),
    include_str!("migrations/003_rotation.sql"),
    include_str!("migrations/004_reminders.sql"),
];

/// The newest version this app knows.
#[expect(clippy::cast_possible_truncation, reason = "a handful of migrations")]
const KNOWN: u32 = MIGRATIONS.len() as u32;

/// Secrets that live for this run only have their index in memory alone, so that no later run believes in them.
const THIS_RUN: &str = "
    CREATE TEMP TABLE secrets_this_run (
        connection TEXT NOT NULL,
        name       TEXT NOT NULL,
        since      TEXT,
        bound_to   TEXT,
        PRIMARY KEY (connection, name)
    ) STRICT, WITHOUT ROWID;";

pub(super) fn open(dir: &Path) -> Result<Connection, StoreError> {
    let path = dir.join(database_file::DATABASE);
    refuse_newer(database_file::version_in_header(&path)?.unwrap_or(0))?;
    let _opening = lock::opening(dir)?;
    drop(database_file::open_private(&path)?);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = look(&path, flags)?;
    database_file::make_private(&path)?;
    set_up(&db)?;
    migrate(&mut db)?;
    db.execute_batch(THIS_RUN)?;
    Ok(db)
}

/// Connects and looks: may it be written, is it ours to read, is it whole?
fn look(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let db = Connection::open_with_flags(path, flags)?;
    // Without this, closing after a refusal would fold the -wal into a database that is not ours to change.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    if db.is_readonly("main")? {
        return Err(StoreError::ReadOnly);
    }
    refuse_newer(version(&db)?)?;
    let answer: String = db.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if answer == "ok" { Ok(db) } else { Err(StoreError::Corrupt) }
}

fn set_up(db: &Connection) -> Result<(), StoreError> {
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    // A removed connection's rows are overwritten, not only unlinked.
    db.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    db.pragma_update(None, "trusted_schema", false)?;
    Ok(())
}

fn migrate(db: &mut Connection) -> Result<(), StoreError> {
    if version(db)? == KNOWN {
        return Ok(());
    }
    let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = version(&change)?;
    refuse_newer(done)?;
    for migration in MIGRATIONS.iter().skip(usize::try_from(done).unwrap_or(usize::MAX)) {
        change.execute_batch(migration)?;
    }
    change.pragma_update(None, "user_version", KNOWN)?;
    change.commit()?;
    Ok(())
}

fn version(db: &Connection) -> Result<u32, StoreError> {
    Ok(db.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn refuse_newer(found: u32) -> Result<(), StoreError> {
    if found > KNOWN { Err(StoreError::Newer { found, known: KNOWN }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_may_only_be_read_is_told_as_read_only() {
        // Modes do not stop root, so the read-only connection is asked for by name.
        let dir = tempfile::tempdir().unwrap();
        drop(open(dir.path()).unwrap());
        let path = dir.path().join(database_file::DATABASE);
        let found = look(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap_err();
        assert!(matches!(found, StoreError::ReadOnly), "{found:?}");
    }

    #[test]
    fn every_setting_the_promises_rest_on_is_in_force() {
        let dir = tempfile::tempdir().unwrap();
        let db = open(dir.path()).unwrap();
        let number = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        let mode: String = db.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
        assert_eq!(number("synchronous"), 2, "FULL");
        assert_eq!(number("foreign_keys"), 1);
        assert_eq!(number("busy_timeout"), 5000);
        assert_eq!(number("secure_delete"), 1);
        assert_eq!(number("user_version"), i64::from(KNOWN));
        assert!(!db.db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE).unwrap());
    }
}
