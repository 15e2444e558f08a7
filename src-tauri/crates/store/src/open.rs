//! Opens the database: inspects it, then sets it up, then migrates it.
//!
//! Until the inspection is done, nothing in the database or its `-wal` changes. All migrations run in one transaction, so a
//! kill between them leaves the old schema. One process opens at a time.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{StoreError, connection_lock, database_file};

/// How long a write waits for another process's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The migrations, in order; the database's `user_version` is the number of those that ran.
const MIGRATIONS: [&str; 6] = [
    include_str!("migrations/001_connections.sql"),
    include_str!("migrations/002_monitoring.sql"),
    include_str!("migrations/003_rotation.sql"),
    include_str!("migrations/004_reminders.sql"),
    include_str!("migrations/005_documents_and_rate_usage.sql"),
    include_str!("migrations/006_action_audit.sql"),
];

/// The version of the database schema that this version of the product works with.
#[expect(clippy::cast_possible_truncation, reason = "a handful of migrations")]
pub const SCHEMA_VERSION: u32 = MIGRATIONS.len() as u32;

const FLAGS: OpenFlags = OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// Opens the writing and the reading connection to the database in `dir`.
pub(super) fn open(dir: &Path) -> Result<(Connection, Connection), StoreError> {
    let path = dir.join(database_file::DATABASE);
    refuse_newer(database_file::version_in_header(&path)?.unwrap_or(0))?;
    let _opening = connection_lock::opening(dir)?;
    drop(database_file::open_private(&path)?);
    let mut writer = inspect(&path, FLAGS)?;
    database_file::make_private(&path)?;
    database_file::make_companions_private(&path)?;
    set_up(&writer)?;
    migrate(&mut writer)?;
    let reader = Connection::open_with_flags(&path, FLAGS)?;
    reader.busy_timeout(BUSY_TIMEOUT)?;
    set_up(&reader)?;
    reader.pragma_update(None, "query_only", true)?;
    Ok((writer, reader))
}

/// Connects, and checks that the database can be written, that this version can read it, and that it is whole.
fn inspect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let db = Connection::open_with_flags(path, flags)?;
    // Otherwise closing after a refusal would fold the -wal into a database that must stay as it is.
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
    // Rows of a removed connection are overwritten, not only unlinked.
    db.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    db.pragma_update(None, "trusted_schema", false)?;
    Ok(())
}

fn migrate(db: &mut Connection) -> Result<(), StoreError> {
    if version(db)? == SCHEMA_VERSION {
        return Ok(());
    }
    let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = version(&change)?;
    refuse_newer(done)?;
    for migration in MIGRATIONS.iter().skip(usize::try_from(done).unwrap_or(usize::MAX)) {
        change.execute_batch(migration)?;
    }
    change.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    change.commit()?;
    Ok(())
}

fn version(db: &Connection) -> Result<u32, StoreError> {
    Ok(db.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn refuse_newer(found: u32) -> Result<(), StoreError> {
    if found > SCHEMA_VERSION { Err(StoreError::Newer { found, known: SCHEMA_VERSION }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_can_only_be_read_is_reported_as_read_only() {
        // File modes do not stop root, so the test opens a read-only connection.
        let dir = tempfile::tempdir().unwrap();
        drop(open(dir.path()).unwrap());
        let path = dir.path().join(database_file::DATABASE);
        let found = inspect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap_err();
        assert!(matches!(found, StoreError::ReadOnly), "{found:?}");
    }

    #[test]
    fn every_setting_that_durability_depends_on_is_in_force() {
        let dir = tempfile::tempdir().unwrap();
        let (db, _reader) = open(dir.path()).unwrap();
        let number = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        let mode: String = db.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
        assert_eq!(number("synchronous"), 2, "FULL");
        assert_eq!(number("foreign_keys"), 1);
        assert_eq!(number("busy_timeout"), 5000);
        assert_eq!(number("secure_delete"), 1);
        assert_eq!(number("user_version"), i64::from(SCHEMA_VERSION));
        assert!(!db.db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE).unwrap());
    }

    #[test]
    #[cfg(unix)]
    fn the_database_and_its_companions_are_closed_to_other_accounts() {
        use std::os::unix::fs::PermissionsExt as _;
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("data");
        let open_files = open(&dir).unwrap();
        open_files.0.execute_batch("CREATE TABLE one (a); INSERT INTO one VALUES (1)").unwrap();
        let files = || std::fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
        for path in files() {
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0, "{}", path.display());
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        }
        assert!(files().iter().any(|path| path.to_string_lossy().ends_with("-wal")), "{:?}", files());
        let _again = open(&dir).unwrap();
        for path in files().iter().filter(|path| path.to_string_lossy().contains("connector.db")) {
            if !path.to_string_lossy().ends_with(".opening") {
                assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o077, 0, "{}", path.display());
            }
        }
        drop(open_files);
    }
}
