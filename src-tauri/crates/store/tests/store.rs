//! The store over real files: what was written is there after reopening, and one write replaces or removes
//! exactly what it names.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;

use chrono::{DateTime, TimeDelta, Utc};
use model::app_change::AppChange;
use model::check::CheckReport;
use model::code::Code;
use model::connection::{Connection, ConnectionId};
use model::guide::{Confirmable, Confirmation, GuideState, GuideStep};
use model::history::HourStats;
use model::monitor::MonitorState;
use model::okta_origin::{OktaDomain, Origin};
use model::rate_usage::{Bucket, ObservedRate, RateUsage, RequestRecord};
use model::reminder::{ObservedOwner, ReminderState};
use model::secret_name::{SecretName, SecretState};
use model::status::{State, StatusChange};
use store::{MonitorUpdate, REPORTS_KEPT, Store, StoreError};

use support::{add, bytes, connection, connections, database, noon, read, write};

fn report(minutes: i64) -> CheckReport {
    let at = noon() + TimeDelta::minutes(minutes);
    CheckReport { started: at, finished: at, rows: Vec::new(), capabilities: Vec::new() }
}

fn kept_secret(name: SecretName) -> SecretState {
    let bound_to = Some("https://acme.okta.com".to_owned());
    SecretState { name, since: Some(noon()), bound_to, this_run_only: false }
}

#[tokio::test]
async fn connections_are_read_as_they_were_written_the_oldest_first() {
    let dir = tempfile::tempdir().unwrap();
    let (first, second) = (connection("b", 0), connection("a", 1));
    {
        let store = Store::open(dir.path()).unwrap();
        add(&store, &second).await;
        add(&store, &first).await;
    }
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(connections(&store).await, vec![first.clone(), second]);
    let id = first.id.clone();
    let renamed = write(&store, move |tx| tx.update_connection(&id, |one| one.name = "another".to_owned())).await;
    assert_eq!(renamed, Connection { name: "another".to_owned(), ..first });
    let id = renamed.id.clone();
    assert_eq!(read(&store, move |tx| tx.connection(&id)).await, renamed);
    let none = store.read(|tx| tx.connection(&ConnectionId("none".to_owned()))).await;
    assert_eq!(none.unwrap_err().code(), Code::ConnectionUnknown);
}

#[tokio::test]
async fn a_write_for_a_connection_that_does_not_exist_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let id = || ConnectionId("none".to_owned());
    let update = MonitorUpdate {
        state: MonitorState::default(),
        report: None,
        hour: HourStats::default(),
        change: None,
        okta_time: None,
    };
    for answer in [
        store.write(move |tx| tx.update_connection(&id(), |_| {}).map(drop)).await,
        store.write(move |tx| tx.put(&id(), &GuideState::default())).await,
        store.write(move |tx| tx.update(&id(), |state: GuideState| state).map(drop)).await,
        store.write(move |tx| tx.add_report(&id(), &report(0))).await,
        store.write(move |tx| tx.record_probe(&id(), noon(), TimeDelta::days(90), &update)).await,
        store.write(move |tx| tx.put_secret_state(&id(), &kept_secret(SecretName::OktaToken))).await,
    ] {
        assert_eq!(answer.unwrap_err().code(), Code::ConnectionUnknown);
    }
    write(&store, move |tx| tx.remove_connection(&id())).await;
}

#[tokio::test]
async fn a_guide_survives_a_kill_without_a_clean_exit() {
    let dir = tempfile::tempdir().unwrap();
    let one = connection("a", 0);
    let state = GuideState {
        step: GuideStep::Credential,
        typed_domain: "My-Org".to_owned(),
        confirmed: vec![Confirmation { what: Confirmable::TokenCreated, at: noon(), by: "jo".to_owned() }],
        ..GuideState::default()
    };
    let store = Store::open(dir.path()).unwrap();
    add(&store, &one).await;
    let (id, written) = (one.id.clone(), state.clone());
    assert_eq!(read(&store, move |tx| tx.guide(&id)).await, GuideState::default());
    let id = one.id.clone();
    write(&store, move |tx| tx.update(&id, |_: GuideState| written)).await;
    // A killed process runs no destructor: the -wal is not folded in and nothing is closed.
    std::mem::forget(store);
    let after = Store::open(dir.path()).unwrap();
    assert_eq!(read(&after, move |tx| tx.guide(&one.id)).await, state);
}

#[tokio::test]
async fn a_copy_of_the_files_taken_while_the_store_is_open_is_complete() {
    let (dir, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = Store::open(dir.path()).unwrap();
    add(&store, &connection("a", 0)).await;
    for name in ["connector.db", "connector.db-wal"] {
        fs::copy(dir.path().join(name), copy.path().join(name)).unwrap();
    }
    let after = Store::open(copy.path()).unwrap();
    assert_eq!(connections(&after).await.len(), 1, "as after a power cut: what was committed is in the -wal");
}

#[tokio::test]
async fn the_newest_report_is_returned_and_fifty_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let (one, two) = (connection("a", 0), connection("b", 0));
    add(&store, &one).await;
    add(&store, &two).await;
    let newest = async |id: &ConnectionId| {
        let id = id.clone();
        read(&store, move |tx| tx.report(&id)).await
    };
    let id = two.id.clone();
    write(&store, move |tx| tx.add_report(&id, &report(7))).await;
    assert_eq!(newest(&one.id).await, None);
    for minute in 0..i64::from(REPORTS_KEPT) + 10 {
        let id = one.id.clone();
        write(&store, move |tx| tx.add_report(&id, &report(minute))).await;
    }
    assert_eq!(newest(&one.id).await, Some(report(i64::from(REPORTS_KEPT) + 9)));
    assert_eq!(newest(&two.id).await, Some(report(7)), "each connection has its own history");
    let db = rusqlite::Connection::open(database(dir.path())).unwrap();
    let kept: u32 = db.query_row("SELECT count(*) FROM reports WHERE connection = 'a'", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, REPORTS_KEPT);
}

#[tokio::test]
async fn the_index_of_secrets_is_kept_and_one_row_replaces_another_of_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let id = connection("a", 0).id;
    let store = Store::open(dir.path()).unwrap();
    add(&store, &connection("a", 0)).await;
    let states = async |store: &Store| {
        let id = id.clone();
        read(store, move |tx| tx.secret_states(&id)).await
    };
    let (token, search) = (kept_secret(SecretName::OktaToken), kept_secret(SecretName::RadiantSearchToken));
    let later = SecretState { since: Some(noon() + TimeDelta::days(1)), ..token.clone() };
    for state in [search.clone(), token, later.clone()] {
        let id = id.clone();
        write(&store, move |tx| tx.put_secret_state(&id, &state)).await;
    }
    assert_eq!(states(&Store::open(dir.path()).unwrap()).await, vec![later, search.clone()]);
    for _ in 0..2 {
        let id = id.clone();
        write(&store, move |tx| tx.remove_secret_state(&id, SecretName::OktaToken)).await;
    }
    assert_eq!(states(&store).await, vec![search]);
}

#[tokio::test]
async fn removing_a_connection_leaves_nothing_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let org = Origin::Okta(OktaDomain::from_host("canary-of-removal.okta.com").unwrap());
    let one = Connection { origin: Some(org.clone()), ..connection("canary-of-removal", 0) };
    let store = Store::open(dir.path()).unwrap();
    add(&store, &one).await;
    let id = one.id.clone();
    write(&store, move |tx| {
        tx.put(&id, &GuideState::default())?;
        tx.add_report(&id, &report(0))?;
        tx.update_rate_usage(&org, |_| usage(1))?;
        tx.put_secret_state(&id, &kept_secret(SecretName::OktaToken))
    })
    .await;
    let id = one.id.clone();
    write(&store, move |tx| tx.remove_connection(&id)).await;
    assert_eq!(connections(&store).await, vec![]);
    let id = one.id.clone();
    let left = read(&store, move |tx| Ok((tx.report(&id)?, tx.secret_states(&id)?))).await;
    assert_eq!(left, (None, vec![]));
    drop(store);
    let found = bytes(dir.path()).iter().any(|(_, bytes)| bytes.windows(17).any(|part| part == b"canary-of-removal"));
    assert!(!found, "its rows are overwritten, not only unlinked");
}

#[tokio::test]
async fn another_org_leaves_nothing_that_was_observed_of_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let (one, other) = (connection("a", 0), connection("b", 1));
    let store = Store::open(dir.path()).unwrap();
    let owner = ObservedOwner { of: noon(), owner: "svc@example.com".to_owned(), roles: Vec::new(), at: noon() };
    let reminders = ReminderState { owner: Some(owner), ..ReminderState::default() };
    for connection in [&one, &other] {
        let (connection, reminders) = (connection.clone(), reminders.clone());
        write(&store, move |tx| {
            let id = &connection.id;
            tx.add_connection(&connection)?;
            tx.add_report(id, &report(0))?;
            tx.put(id, &reminders)?;
            let change = Some(StatusChange { at: noon(), state: State::Stopped, problem: None, row: None });
            let state = MonitorState { heartbeat: Some(noon()), ..tx.monitor_state(id)? };
            let update = MonitorUpdate { state, report: None, hour: HourStats::default(), change, okta_time: None };
            tx.record_probe(id, noon(), TimeDelta::days(90), &update)
        })
        .await;
    }
    let id = one.id.clone();
    write(&store, move |tx| tx.forget_org(&id)).await;
    let left = async |id: &ConnectionId| {
        let (id, since) = (id.clone(), noon() - TimeDelta::days(1));
        read(&store, move |tx| {
            let seen = (tx.report(&id)?.is_some(), tx.monitor_state(&id)?.heartbeat.is_some());
            let past = (tx.hours(&id, since)?.len(), tx.status_changes(&id, since, 9)?.len());
            Ok((seen, past, tx.reminder_state(&id)? == ReminderState::default()))
        })
        .await
    };
    assert_eq!(left(&one.id).await, ((false, false), (0, 0), true));
    assert_eq!(left(&other.id).await, ((true, true), (1, 1), false), "the other connection keeps its own");
    assert_eq!(connections(&store).await[0], one);
}

fn usage(requests: u32) -> RateUsage {
    let asked = [Bucket::Logs, Bucket::User].map(|bucket| RequestRecord { at: noon(), bucket, requests }).to_vec();
    let rate = ObservedRate { at: noon(), limit: 120, remaining: 100, until: None };
    RateUsage { requests: asked, observed: [(Bucket::Users, rate)].into() }
}

#[tokio::test]
async fn rate_usage_is_kept_for_each_org_and_shared_by_its_connections() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let org = |name: &str| Origin::Okta(OktaDomain::from_host(&format!("{name}.okta.com")).unwrap());
    for (id, name) in [("a", "acme"), ("b", "acme"), ("c", "globex")] {
        add(&store, &Connection { origin: Some(org(name)), ..connection(id, 0) }).await;
    }
    let (acme, globex) = (org("acme"), org("globex"));
    write(&store, move |tx| {
        tx.update_rate_usage(&acme, |_| usage(1))?;
        tx.update_rate_usage(&globex, |_| usage(2))
    })
    .await;
    let of = async |name: &str| {
        let org = org(name);
        read(&store, move |tx| tx.rate_usage(&org)).await
    };
    assert_eq!((of("acme").await, of("globex").await), (usage(1), usage(2)));
    for (id, left) in [("a", usage(1)), ("b", RateUsage::default())] {
        write(&store, move |tx| tx.remove_connection(&ConnectionId(id.to_owned()))).await;
        assert_eq!(of("acme").await, left, "it is dropped with the last connection to the org");
    }
    assert_eq!(of("globex").await, usage(2));
}

#[tokio::test]
async fn settings_keep_their_type() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(read(&store, |tx| tx.setting::<u32>("interval")).await, None);
    write(&store, |tx| tx.put_setting("interval", &600_u32)).await;
    write(&store, |tx| tx.put_setting("interval", &900_u32)).await;
    assert_eq!(read(&store, |tx| tx.setting::<u32>("interval")).await, Some(900));
    let other = store.read(|tx| tx.setting::<Vec<String>>("interval")).await;
    assert_eq!(other.unwrap_err().code(), Code::StoreCorrupt);
    let changed = store.write(|tx| tx.update_setting("interval", |_: Option<String>| String::new())).await;
    assert_eq!(changed.unwrap_err().code(), Code::StoreCorrupt);
    assert_eq!(read(&store, |tx| tx.setting::<u32>("interval")).await, Some(900), "nothing was changed");
}

#[tokio::test]
async fn a_change_is_sent_after_the_commit_for_everything_that_was_touched_and_for_nothing_that_was_undone() {
    let dir = tempfile::tempdir().unwrap();
    let (store, one) = (Store::open(dir.path()).unwrap(), connection("a", 0));
    let mut changes = store.changes();
    add(&store, &one).await;
    assert_eq!(changes.try_recv().unwrap(), AppChange::Connection(one.id.clone()));
    let id = one.id.clone();
    write(&store, move |tx| {
        tx.put_setting("a", &1)?;
        tx.add_report(&id, &report(0))?;
        tx.update(&id, |state: GuideState| GuideState { typed_domain: "acme".to_owned(), ..state })
    })
    .await;
    assert_eq!(
        changes.try_recv().unwrap(),
        AppChange::Connection(one.id.clone()),
        "once, however often it was touched"
    );
    assert_eq!(changes.try_recv().unwrap(), AppChange::Settings);
    let id = one.id.clone();
    write(&store, move |tx| tx.update(&id, |state: GuideState| state)).await;
    let undone = store.write(|tx| {
        tx.put_setting("a", &2)?;
        Err::<(), _>(StoreError::Missing)
    });
    assert!(undone.await.is_err());
    assert!(changes.try_recv().is_err(), "nothing was changed");
    assert_eq!(read(&store, |tx| tx.setting::<u32>("a")).await, Some(1));
}

#[tokio::test]
async fn commits_of_another_process_are_noticed_and_our_own_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let (ours, theirs) = (Store::open(dir.path()).unwrap(), Store::open(dir.path()).unwrap());
    assert!(!ours.changed_elsewhere().await.unwrap());
    add(&ours, &connection("a", 0)).await;
    assert!(!ours.changed_elsewhere().await.unwrap());
    add(&theirs, &connection("b", 0)).await;
    assert!(ours.changed_elsewhere().await.unwrap());
    assert!(!ours.changed_elsewhere().await.unwrap(), "once");
}

#[tokio::test]
async fn two_opens_side_by_side_read_each_others_writes() {
    let dir = tempfile::tempdir().unwrap();
    let opened: Vec<_> = std::thread::scope(|scope| {
        let at_once: Vec<_> = (0..6).map(|_| scope.spawn(|| Store::open(dir.path()))).collect();
        at_once.into_iter().map(|one| one.join().unwrap().unwrap()).collect()
    });
    let added = opened.iter().enumerate().map(async |(number, store)| {
        add(store, &connection(&format!("c{number}"), 0)).await;
    });
    futures_util::future::join_all(added).await;
    for store in &opened {
        assert_eq!(connections(store).await.len(), 6);
    }
}

#[tokio::test]
async fn history_is_dropped_only_when_it_is_old_by_this_computers_clock_and_by_oktas() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let one = connection("a", 0);
    add(&store, &one).await;
    let probe = async |at: DateTime<Utc>, okta_time: Option<DateTime<Utc>>| {
        let (id, state) = (one.id.clone(), MonitorState::default());
        let change = Some(StatusChange { at, state: State::Stopped, problem: None, row: None });
        let update = MonitorUpdate { state, report: None, hour: HourStats::default(), change, okta_time };
        write(&store, move |tx| {
            tx.record_probe(&id, at, TimeDelta::days(30), &update)?;
            Ok((tx.hours(&id, DateTime::UNIX_EPOCH)?.len(), tx.status_changes(&id, DateTime::UNIX_EPOCH, 9)?.len()))
        })
        .await
    };
    let (later, year) = (noon() + TimeDelta::hours(2), noon() + TimeDelta::days(365));
    assert_eq!(probe(noon(), Some(noon())).await, (1, 1));
    assert_eq!(probe(year, None).await, (2, 2), "this clock jumped, and Okta was not asked");
    assert_eq!(probe(year, Some(later)).await, (2, 3), "this clock jumped");
    assert_eq!(probe(later, Some(year)).await, (3, 4), "Okta's time alone drops nothing either");
    assert_eq!(probe(year, Some(year)).await, (1, 3), "a year passed");
}
