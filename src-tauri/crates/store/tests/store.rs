//! The store over real files: what was told to be kept is there after a reopen, and what is wrong with a file is told
//! without changing it.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use model::check::CheckReport;
use model::code::Code;
use model::connection::{Connection, ConnectionId, Keep, Profile};
use model::guide::{Confirmable, Confirmation, GuideState, GuideStep};
use model::history::HourStats;
use model::monitor::MonitorState;
use model::status::StatusChange;
use model::problem::Problem;
use model::radiant::RadiantSearch;
use model::reminder::{ObservedOwner, ReminderState};
use model::secret::{SecretName, SecretState};
use model::status::State;
use store::{MonitorUpdate, REPORTS_KEPT, Store, StoreError, lock};

fn noon() -> DateTime<Utc> {
    "2026-11-24T12:00:00.123456789Z".parse().unwrap()
}

fn connection(id: &str, minutes: i64) -> Connection {
    Connection {
        id: ConnectionId(id.to_owned()),
        name: format!("org {id}"),
        origin: None,
        org_id: Some("00o1".to_owned()),
        profile: Profile::Ingestion,
        keep: Keep::Nothing,
        radiant: RadiantSearch::default(),
        created: noon() + TimeDelta::minutes(minutes),
    }
}

fn report(minutes: i64) -> CheckReport {
    let at = noon() + TimeDelta::minutes(minutes);
    CheckReport { started: at, finished: at, rows: Vec::new(), capabilities: Vec::new() }
}

fn database(dir: &Path) -> std::path::PathBuf {
    dir.join("connector.db")
}

/// Every byte of every file in the folder but the empty lock files and SQLite's shared memory.
fn bytes(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .filter(|(name, bytes)| !name.ends_with("-shm") && !bytes.is_empty())
        .collect();
    all.sort();
    all
}

#[test]
fn connections_come_back_as_they_were_the_oldest_first() {
    let dir = tempfile::tempdir().unwrap();
    let (first, second) = (connection("b", 0), connection("a", 1));
    {
        let store = Store::open(dir.path()).unwrap();
        store.add(&second).unwrap();
        store.add(&first).unwrap();
    }
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(store.list().unwrap(), vec![first.clone(), second]);
    let renamed = Connection { name: "another".to_owned(), ..first };
    store.update(&renamed).unwrap();
    assert_eq!(store.get(&renamed.id).unwrap(), Some(renamed));
    assert_eq!(store.get(&ConnectionId("none".to_owned())).unwrap(), None);
}

#[test]
fn what_belongs_to_no_connection_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let (none, id) = (connection("none", 0), ConnectionId("none".to_owned()));
    let state = SecretState { name: SecretName::OktaToken, since: None, bound_to: None, this_run_only: false };
    for answer in [
        store.update(&none),
        store.put_setup(&id, &GuideState::default()),
        store.put_report(&id, &report(0)),
        store.put_secret_state(&id, &state),
        store.put_secret_state(&id, &SecretState { this_run_only: true, ..state.clone() }),
    ] {
        assert_eq!(answer.unwrap_err().code(), Code::ConnectionUnknown);
    }
    store.remove(&id).unwrap();
}

#[test]
fn a_guide_survives_a_kill_without_a_goodbye() {
    let dir = tempfile::tempdir().unwrap();
    let one = connection("a", 0);
    let setup = GuideState {
        step: GuideStep::Credential,
        typed_domain: "My-Org".to_owned(),
        confirmed: vec![Confirmation { what: Confirmable::TokenCreated, at: noon(), by: "jo".to_owned() }],
        ..GuideState::default()
    };
    let store = Store::open(dir.path()).unwrap();
    store.add(&one).unwrap();
    assert_eq!(store.setup(&one.id).unwrap(), GuideState::default());
    store.put_setup(&one.id, &GuideState::default()).unwrap();
    store.put_setup(&one.id, &setup).unwrap();
    // A killed process runs no destructor: nothing is folded from the -wal, nothing is closed.
    std::mem::forget(store);
    let after = Store::open(dir.path()).unwrap();
    assert_eq!(after.setup(&one.id).unwrap(), setup);
}

#[test]
fn a_copy_of_the_files_taken_in_the_middle_of_things_is_whole() {
    let (dir, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = Store::open(dir.path()).unwrap();
    store.add(&connection("a", 0)).unwrap();
    for name in ["connector.db", "connector.db-wal"] {
        fs::copy(dir.path().join(name), copy.path().join(name)).unwrap();
    }
    let after = Store::open(copy.path()).unwrap();
    assert_eq!(after.list().unwrap().len(), 1, "the power went: what was told as kept is in the -wal");
}

#[test]
fn the_newest_report_is_returned_and_fifty_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let (one, two) = (connection("a", 0), connection("b", 0));
    store.add(&one).unwrap();
    store.add(&two).unwrap();
    store.put_report(&two.id, &report(7)).unwrap();
    assert_eq!(store.report(&one.id).unwrap(), None);
    for minute in 0..i64::from(REPORTS_KEPT) + 10 {
        store.put_report(&one.id, &report(minute)).unwrap();
    }
    assert_eq!(store.report(&one.id).unwrap(), Some(report(i64::from(REPORTS_KEPT) + 9)));
    assert_eq!(store.report(&two.id).unwrap(), Some(report(7)), "another connection's history is its own");
    let db = rusqlite::Connection::open(database(dir.path())).unwrap();
    let kept: u32 = db.query_row("SELECT count(*) FROM reports WHERE connection = 'a'", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, REPORTS_KEPT);
}

#[test]
fn the_vaults_index_is_kept_but_for_this_run_ends_with_the_run() {
    let dir = tempfile::tempdir().unwrap();
    let one = connection("a", 0);
    let kept = SecretState {
        name: SecretName::OktaToken,
        since: Some(noon()),
        bound_to: Some("https://acme.okta.com".to_owned()),
        this_run_only: false,
    };
    let passing = SecretState { name: SecretName::RadiantSearchToken, this_run_only: true, ..kept.clone() };
    let store = Store::open(dir.path()).unwrap();
    store.add(&one).unwrap();
    store.put_secret_state(&one.id, &passing).unwrap();
    store.put_secret_state(&one.id, &kept).unwrap();
    assert_eq!(store.secret_states(&one.id).unwrap(), vec![kept.clone(), passing]);
    assert_eq!(Store::open(dir.path()).unwrap().secret_states(&one.id).unwrap(), vec![kept.clone()]);
    // The same name kept for this run takes the kept one's place, and the other way round.
    store.put_secret_state(&one.id, &SecretState { this_run_only: true, ..kept.clone() }).unwrap();
    assert_eq!(store.secret_states(&one.id).unwrap().len(), 2);
    store.forget_secret_state(&one.id, SecretName::OktaToken).unwrap();
    store.forget_secret_state(&one.id, SecretName::RadiantSearchToken).unwrap();
    assert_eq!(store.secret_states(&one.id).unwrap(), vec![]);
}

#[test]
fn removing_a_connection_leaves_nothing_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let one = connection("canary-of-removal", 0);
    let store = Store::open(dir.path()).unwrap();
    store.add(&one).unwrap();
    store.put_setup(&one.id, &GuideState::default()).unwrap();
    store.put_report(&one.id, &report(0)).unwrap();
    let state = SecretState { name: SecretName::OktaToken, since: None, bound_to: None, this_run_only: false };
    store.put_secret_state(&one.id, &state).unwrap();
    let passing = SecretState { name: SecretName::MonitoringToken, this_run_only: true, ..state };
    store.put_secret_state(&one.id, &passing).unwrap();
    store.remove(&one.id).unwrap();
    assert_eq!(store.list().unwrap(), vec![]);
    assert_eq!(store.report(&one.id).unwrap(), None);
    assert_eq!(store.secret_states(&one.id).unwrap(), vec![]);
    drop(store);
    let found = bytes(dir.path()).iter().any(|(_, bytes)| bytes.windows(17).any(|part| part == b"canary-of-removal"));
    assert!(!found, "its rows are overwritten, not only unlinked");
}

#[test]
fn another_org_leaves_nothing_that_was_seen_of_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let (one, other) = (connection("a", 0), connection("b", 1));
    let store = Store::open(dir.path()).unwrap();
    let owner = ObservedOwner { of: noon(), owner: "svc@example.com".to_owned(), roles: Vec::new(), at: noon() };
    let care = ReminderState { owner: Some(owner), ..ReminderState::default() };
    for id in [&one.id, &other.id] {
        store.add(if *id == one.id { &one } else { &other }).unwrap();
        store.put_report(id, &report(0)).unwrap();
        store.put_care(id, &care).unwrap();
        let change = StatusChange { at: noon(), state: State::Stopped, problem: None, row: None };
        let look = |watched| {
            let watched = MonitorState { heartbeat: Some(noon()), ..watched };
            (MonitorUpdate { watched, report: None, hour: HourStats::default(), change: Some(change) }, ())
        };
        store.put_look(id, noon(), TimeDelta::days(90), look).unwrap();
    }
    store.forget_org(&one.id).unwrap();
    let since = noon() - TimeDelta::days(1);
    let left = |id| {
        let seen = (store.report(id).unwrap().is_some(), store.watched(id).unwrap().heartbeat.is_some());
        let past = (store.hours(id, since).unwrap().len(), store.changes(id, since, 9).unwrap().len());
        (seen, past, store.care(id).unwrap() == ReminderState::default())
    };
    assert_eq!(left(&one.id), ((false, false), (0, 0), true));
    assert_eq!(left(&other.id), ((true, true), (1, 1), false), "another connection's stays");
    assert_eq!(store.get(&one.id).unwrap(), Some(one));
}

#[test]
fn settings_keep_their_kind() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(store.setting::<u32>("interval").unwrap(), None);
    store.put_setting("interval", &600_u32).unwrap();
    store.put_setting("interval", &900_u32).unwrap();
    assert_eq!(store.setting::<u32>("interval").unwrap(), Some(900));
    assert_eq!(store.setting::<Vec<String>>("interval").unwrap_err().code(), Code::StoreCorrupt);
}

#[test]
fn a_setting_that_several_processes_change_at_once_loses_no_change() {
    let dir = tempfile::tempdir().unwrap();
    let opened: Vec<_> = (0..4).map(|_| Store::open(dir.path()).unwrap()).collect();
    std::thread::scope(|scope| {
        for store in &opened {
            scope.spawn(move || {
                for _ in 0..25 {
                    store.change_setting("count", |kept: Option<u32>| kept.unwrap_or(0) + 1).unwrap();
                }
            });
        }
    });
    assert_eq!(opened[0].setting::<u32>("count").unwrap(), Some(100));
    opened[0].put_setting("count", "a text").unwrap();
    assert_eq!(opened[1].change_setting("count", |_: Option<u32>| 1).unwrap_err().code(), Code::StoreCorrupt);
    assert_eq!(opened[1].setting::<String>("count").unwrap().as_deref(), Some("a text"), "nothing was changed");
}

#[test]
fn two_opens_side_by_side_see_each_others_writes() {
    let dir = tempfile::tempdir().unwrap();
    let opened: Vec<_> = std::thread::scope(|scope| {
        let at_once: Vec<_> = (0..6).map(|_| scope.spawn(|| Store::open(dir.path()))).collect();
        at_once.into_iter().map(|one| one.join().unwrap().unwrap()).collect()
    });
    std::thread::scope(|scope| {
        for (number, store) in opened.iter().enumerate() {
            scope.spawn(move || store.add(&connection(&format!("c{number}"), 0)).unwrap());
        }
    });
    for store in &opened {
        assert_eq!(store.list().unwrap().len(), 6);
    }
}

#[test]
fn a_damaged_file_is_told_and_left_as_it_was() {
    let whole = {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        for number in 0..40 {
            store.add(&connection(&format!("c{number}"), number)).unwrap();
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

#[test]
fn a_row_that_cannot_be_read_is_told_not_guessed() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    store.add(&connection("a", 0)).unwrap();
    rusqlite::Connection::open(database(dir.path()))
        .unwrap()
        .execute("UPDATE connections SET body = '{}'", [])
        .unwrap();
    assert_eq!(store.list().unwrap_err().code(), Code::StoreCorrupt);
}

#[test]
fn a_database_of_a_newer_version_is_told_and_left_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    let db = rusqlite::Connection::open(database(dir.path())).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    // Still in the -wal: the header alone does not tell.
    std::mem::forget(db);
    let before = bytes(dir.path());
    assert!(before.iter().any(|(name, _)| name.ends_with("-wal")));
    let error = Store::open(dir.path()).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 99, known: 4 }), "{error:?}");
    assert_eq!(bytes(dir.path()), before);
    let told = Problem::from(error);
    assert_eq!((told.code, told.args["found"].as_str()), (Code::StoreNewer, "99"));
}

#[test]
fn a_newer_version_in_the_header_is_refused_before_anything_is_made() {
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
#[test]
fn files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("data");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let store = Store::open(&dir).unwrap();
    store.add(&connection("a", 0)).unwrap();
    assert_eq!(mode(&dir), 0o700);
    for name in ["connector.db", "connector.db-wal", "connector.db-shm"] {
        assert_eq!(mode(&dir.join(name)), 0o600, "{name}");
    }
    drop(store);
    fs::set_permissions(database(&dir), fs::Permissions::from_mode(0o644)).unwrap();
    drop(Store::open(&dir).unwrap());
    assert_eq!(mode(&database(&dir)), 0o600, "a wider mode is taken back");
}

#[test]
fn a_damaged_database_is_set_aside_whole_and_the_next_open_begins_anew() {
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
    assert_eq!(store.list().unwrap(), vec![]);
    drop(store);
    let second = Store::set_aside(dir.path(), noon()).unwrap();
    assert_ne!(second, aside, "in the same second, still nothing is overwritten");
    assert_eq!(Store::set_aside(dir.path(), noon()).unwrap_err().code(), Code::StoreFailed);
}

#[test]
fn one_connections_lock_is_held_once_and_ends_with_its_guard() {
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
