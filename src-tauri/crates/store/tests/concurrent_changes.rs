//! Changes that several tasks and processes make to one document at the same time: none is lost.
//!
//! The second process is this test binary, started again for the one test that waits to be a child.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::process::{Child, Command};

use chrono::DateTime;
use model::connection::{Connection, ConnectionId, Keep, Profile};
use model::guide::{Confirmable, Confirmation, GuideState};
use model::radiant_search_settings::RadiantSearch;
use model::reminder::{ReminderKind, ReminderMark, ReminderState};
use model::rotation::Rotation;
use store::{Store, StoreError};

/// Where a child process works, and who it is.
const FOLDER: &str = "CONCURRENT_CHANGES_FOLDER";
/// Changes of each kind that each process makes.
const CHANGES: usize = 60;
/// Rounds of simultaneous confirmations.
const ROUNDS: usize = 20;
const CONFIRMATIONS: [Confirmable; 6] = [
    Confirmable::HasServiceAccount,
    Confirmable::HasRadiantAdmin,
    Confirmable::TokenCreated,
    Confirmable::CredentialAdded,
    Confirmable::DataConnectorAdded,
    Confirmable::ActionConnectorAdded,
];

fn id() -> ConnectionId {
    ConnectionId("a".to_owned())
}

async fn store_with_connection(dir: &Path) -> Store {
    let store = Store::open(dir).unwrap();
    let connection = Connection {
        id: id(),
        name: String::new(),
        origin: None,
        org_id: None,
        profile: Profile::default(),
        keep: Keep::default(),
        radiant: RadiantSearch::default(),
        created: DateTime::UNIX_EPOCH,
    };
    store.write(move |tx| tx.add_connection(&connection)).await.unwrap();
    store
}

fn confirmation(what: Confirmable) -> Confirmation {
    Confirmation { what, at: DateTime::UNIX_EPOCH, by: "admin".to_owned() }
}

/// Adds one to each kind of document, the connection and a setting.
async fn change_everything(store: &Store) -> Result<(), StoreError> {
    store.write(|tx| tx.update_connection(&id(), |one| one.name.push('x')).map(drop)).await?;
    store
        .write(|tx| {
            tx.update(&id(), |mut state: GuideState| {
                state.confirmed.push(confirmation(Confirmable::TokenCreated));
                state
            })
            .map(drop)
        })
        .await?;
    store
        .write(|tx| {
            tx.update(&id(), |rotation: Option<Rotation>| {
                let mut rotation = rotation.unwrap_or_default();
                rotation.token_name.push('x');
                Some(rotation)
            })
            .map(drop)
        })
        .await?;
    store
        .write(|tx| {
            tx.update(&id(), |mut state: ReminderState| {
                let of = DateTime::UNIX_EPOCH;
                state.marks.push(ReminderMark {
                    kind: ReminderKind::NoticesOff,
                    of,
                    notified: true,
                    snoozed_until: None,
                    dismissed: false,
                });
                state
            })
            .map(drop)
        })
        .await?;
    store.write(|tx| tx.update_setting("count", |count: Option<usize>| count.unwrap_or(0) + 1).map(drop)).await
}

async fn counts(store: &Store) -> [usize; 5] {
    let read = store.read(|tx| {
        Ok::<_, StoreError>([
            tx.connection(&id())?.name.len(),
            tx.guide(&id())?.confirmed.len(),
            tx.rotation(&id())?.map_or(0, |rotation| rotation.token_name.len()),
            tx.reminder_state(&id())?.marks.len(),
            tx.setting("count")?.unwrap_or(0),
        ])
    });
    read.await.unwrap()
}

async fn make_changes(store: &Store) {
    for _ in 0..CHANGES {
        change_everything(store).await.unwrap();
    }
}

/// Starts this binary again as a second process that works in `dir`.
fn child(dir: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_second_process_makes_its_changes", "--nocapture"])
        .env(FOLDER, dir)
        .spawn()
        .unwrap()
}

/// Runs in the child process only.
#[tokio::test]
async fn a_second_process_makes_its_changes() {
    let Some(dir) = std::env::var_os(FOLDER) else { return };
    make_changes(&Store::open(Path::new(&dir)).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_two_processes_are_all_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = store_with_connection(dir.path()).await;
    let mut child = child(dir.path());
    make_changes(&store).await;
    assert!(child.wait().unwrap().success());
    assert_eq!(counts(&store).await, [2 * CHANGES; 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn six_simultaneous_confirmations_are_all_kept_in_every_round() {
    let dir = tempfile::tempdir().unwrap();
    let store = store_with_connection(dir.path()).await;
    // Every other task has a store of its own, as another process has.
    let other = Store::open(dir.path()).unwrap();
    for round in 0..ROUNDS {
        store.write(|tx| tx.put(&id(), &GuideState::default())).await.unwrap();
        let confirmed = CONFIRMATIONS.into_iter().zip([&store, &other].into_iter().cycle()).map(|(what, store)| {
            store.write(move |tx| {
                tx.update(&id(), |mut state: GuideState| {
                    state.confirmed.push(confirmation(what));
                    state
                })
            })
        });
        for one in futures_util::future::join_all(confirmed).await {
            one.unwrap();
        }
        let kept = store.read(|tx| tx.guide(&id())).await.unwrap();
        let missing: Vec<_> = CONFIRMATIONS.into_iter().filter(|what| !kept.has(*what)).collect();
        assert_eq!(missing, [], "round {round}");
    }
}
