//! The file of the store: a damaged, newer or unreadable one is reported and left as it was; only its owner can read it.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;

use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use store::{Store, StoreError, lock};

use support::{add, bytes, connection, connections, database, noon};

#[tokio::test]
async fn a_damaged_file_is_reported_and_left_as_it_was() {
    let whole = {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        for number in 0..40 {
            add(&store, &connection(&format!("c{number}"), number)).await;
        }
        drop(store);
        fs::read(database(dir.path())).unwrap()
    };
    let mut torn_pages = whole.clone();
    torn_pages[4096..].iter_mut().for_each(|byte| *byte ^= 0x5a);
    let mut torn_header = whole.clone();
    torn_header[..16].fill(b'x');
    for damaged in [b"not a database".to_vec(), torn_header, torn_pages, whole[..5000].to_vec()] {
        let dir = tempfile::tempdir().unwrap();
        fs::write(database(dir.path()), &damaged).unwrap();
        let error = Store::open(dir.path()).unwrap_err();
        assert!(matches!(error, StoreError::Corrupt), "{error:?}");
        assert_eq!(fs::read(database(dir.path())).unwrap(), damaged);
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_reported_not_guessed() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    add(&store, &connection("a", 0)).await;
    rusqlite::Connection::open(database(dir.path()))
        .unwrap()
        .execute("UPDATE connections SET body = '{}'", [])
        .unwrap();
    assert_eq!(store.read(|tx| tx.connections()).await.unwrap_err().code(), Code::StoreCorrupt);
}

#[test]
fn a_database_of_a_newer_version_is_reported_and_left_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    let db = rusqlite::Connection::open(database(dir.path())).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    // Still in the -wal, so the header alone does not show it.
    std::mem::forget(db);
    let before = bytes(dir.path());
    assert!(before.iter().any(|(name, _)| name.ends_with("-wal")));
    let error = Store::open(dir.path()).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 99, known: store::SCHEMA_VERSION }), "{error:?}");
    assert_eq!(bytes(dir.path()), before);
    let problem = Problem::from(error);
    assert_eq!((problem.code, problem.args["found"].as_str()), (Code::StoreNewer, "99"));
}

#[test]
fn a_newer_version_in_the_header_is_refused_before_anything_is_created() {
    let dir = tempfile::tempdir().unwrap();
    {
        let db = rusqlite::Connection::open(database(dir.path())).unwrap();
        db.pragma_update(None, "user_version", 99).unwrap();
    }
    let before = bytes(dir.path());
    assert_eq!(Store::open(dir.path()).unwrap_err().code(), Code::StoreNewer);
    assert_eq!(bytes(dir.path()), before);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("data");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let store = Store::open(&dir).unwrap();
    add(&store, &connection("a", 0)).await;
    assert_eq!(mode(&dir), 0o700);
    for name in ["connector.db", "connector.db-wal", "connector.db-shm"] {
        assert_eq!(mode(&dir.join(name)), 0o600, "{name}");
    }
    drop(store);
    fs::set_permissions(database(&dir), fs::Permissions::from_mode(0o644)).unwrap();
    drop(Store::open(&dir).unwrap());
    assert_eq!(mode(&database(&dir)), 0o600, "a wider mode is narrowed");
}

#[tokio::test]
async fn a_damaged_database_is_set_aside_with_its_companions_and_the_next_open_creates_another() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["connector.db", "connector.db-wal", "connector.db-shm"] {
        fs::write(dir.path().join(name), name).unwrap();
    }
    let aside = Store::set_aside(dir.path(), noon()).unwrap();
    assert_eq!(aside.file_name().unwrap(), "connector.db.set-aside-20261124T120000Z");
    for companion in ["", "-wal", "-shm"] {
        let name = format!("{}{companion}", aside.display());
        assert_eq!(fs::read_to_string(name).unwrap(), format!("connector.db{companion}"));
    }
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(connections(&store).await, vec![]);
    drop(store);
    let second = Store::set_aside(dir.path(), noon()).unwrap();
    assert_ne!(second, aside, "nothing is overwritten in the same second");
    assert_eq!(Store::set_aside(dir.path(), noon()).unwrap_err().code(), Code::StoreFailed);
}

#[test]
fn the_lock_of_a_connection_is_held_once_and_ends_with_its_guard() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (ConnectionId("a/../b".to_owned()), ConnectionId("a".to_owned()));
    let guard = lock(dir.path(), &one).unwrap();
    assert_eq!(lock(dir.path(), &one).unwrap_err().code(), Code::StoreBusy);
    let other = lock(dir.path(), &two).unwrap();
    drop(guard);
    drop(lock(dir.path(), &one).unwrap());
    assert_eq!(lock(dir.path(), &two).unwrap_err().code(), Code::StoreBusy);
    drop(other);
}
