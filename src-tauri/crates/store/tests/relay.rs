//! The relay's rows: the order of what waits, what is settled, what is remembered, and what is left of a delivered event.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use chrono::TimeDelta;
use model::connection::ConnectionId;
use model::relay::{RelayState, UndeliverableReason};
use model::relay_gap::{GapReason, RelayGap};
use model::relay_settings::RelaySettings;
use store::{NewBatch, NewUndeliverableEvent, Store, StoreError};
use support::{add, bytes, connection, database, noon, read, write};

fn id() -> ConnectionId {
    ConnectionId("a".to_owned())
}

fn batch(events: u32, body: &[u8]) -> NewBatch {
    NewBatch {
        events,
        bytes: 100,
        oldest: Some(noon()),
        idempotency_key: "k".to_owned(),
        uuids: "u1,u2".to_owned(),
        body: body.to_vec(),
    }
}

/// Returns a store with a relay, and its number.
async fn with_relay(dir: &std::path::Path) -> (Store, i64) {
    let store = Store::open(dir).unwrap();
    add(&store, &connection("a", 0)).await;
    write(&store, |tx| tx.put_relay_settings(&id(), &RelaySettings::default())).await;
    let relay = read(&store, |tx| tx.relay(&id())).await.unwrap().relay;
    (store, relay)
}

#[tokio::test]
async fn a_database_of_the_version_before_gets_the_relay() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = with_relay(dir.path()).await;
    drop(store);
    let db = rusqlite::Connection::open(database(dir.path())).unwrap();
    let later = ["alert_outbox", "alert_state", "alert_secrets"];
    for table in ["relay_gaps", "relay_dead_letters", "relay_uuids", "relay_batches", "relay"].into_iter().chain(later)
    {
        db.execute_batch(&format!("DROP TABLE {table}")).unwrap();
    }
    db.pragma_update(None, "user_version", 6).unwrap();
    drop(db);
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(read(&store, |tx| tx.relay(&id())).await, None);
    assert_eq!(support::connections(&store).await.len(), 1);
}

#[tokio::test]
async fn settings_are_replaced_and_the_state_and_the_cursor_stay() {
    let dir = tempfile::tempdir().unwrap();
    let (store, relay) = with_relay(dir.path()).await;
    write(&store, move |tx| {
        tx.relay_changes().put_cursor(relay, Some("https://acme.okta.com/api/v1/logs?after=1%2B"))?;
        tx.relay_changes().update(relay, |state| RelayState { is_on: true, ..state }).map(drop)
    })
    .await;
    let changed = RelaySettings { dedup_days: 9, ..RelaySettings::default() };
    let written = changed.clone();
    write(&store, move |tx| tx.put_relay_settings(&id(), &written)).await;
    let found = read(&store, |tx| tx.relay(&id())).await.unwrap();
    assert_eq!((found.relay, found.settings, found.state.is_on), (relay, changed, true));
    assert_eq!(found.cursor.as_deref(), Some("https://acme.okta.com/api/v1/logs?after=1%2B"));
    let missing = store.write(|tx| tx.relay_changes().update(99, |state| state).map(drop)).await;
    assert!(matches!(missing, Err(StoreError::Missing)));
}

#[tokio::test]
async fn requests_wait_in_order_and_are_settled_in_parts() {
    let dir = tempfile::tempdir().unwrap();
    let (store, relay) = with_relay(dir.path()).await;
    write(&store, move |tx| tx.relay_changes().add_batches(relay, &[batch(3, b"one"), batch(1, b"two")])).await;
    let first = read(&store, move |tx| tx.relay_rows().oldest_batch(relay)).await.unwrap();
    assert_eq!((first.settled, first.chunk, first.batch.body.as_slice()), (0, 3, &b"one"[..]));
    for (events, chunk, left) in [(0, 1, Some((0, 1))), (1, 2, Some((1, 2))), (2, 2, None)] {
        let number = first.number;
        write(&store, move |tx| tx.relay_changes().settle_batch(number, events, chunk)).await;
        let next = read(&store, move |tx| tx.relay_rows().oldest_batch(relay)).await.unwrap();
        match left {
            Some(left) => assert_eq!((next.number, (next.settled, next.chunk)), (number, left)),
            None => assert_eq!(next.batch.body, b"two"),
        }
    }
    assert_eq!(
        read(&store, move |tx| tx.relay_rows().oldest_waiting(relay)).await.unwrap().timestamp(),
        noon().timestamp()
    );
}

#[tokio::test]
async fn nothing_of_a_delivered_event_is_left_on_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let (store, relay) = with_relay(dir.path()).await;
    let secret = b"typed-password-as-user-name".repeat(400);
    let body = secret.clone();
    write(&store, move |tx| tx.relay_changes().add_batches(relay, &[batch(1, &body)])).await;
    let is_there = |dir: &std::path::Path| {
        bytes(dir).iter().any(|(_, bytes)| bytes.windows(27).any(|part| part == b"typed-password-as-user-name"))
    };
    assert!(is_there(dir.path()));
    let number = read(&store, move |tx| tx.relay_rows().oldest_batch(relay)).await.unwrap().number;
    write(&store, move |tx| tx.relay_changes().settle_batch(number, 1, 1)).await;
    store.fold_log().await.unwrap();
    assert!(!is_there(dir.path()), "neither in the database nor in its log");
}

#[tokio::test]
async fn a_uuid_is_remembered_until_it_is_too_old_wherever_the_sweep_is() {
    let dir = tempfile::tempdir().unwrap();
    let (store, relay) = with_relay(dir.path()).await;
    let uuids: Vec<Vec<u8>> = (0..50_u8).map(|number| vec![number; 16]).collect();
    for (day, is_new) in [(10, true), (10, false), (11, true)] {
        let all = uuids.clone();
        let found = write(&store, move |tx| {
            // Those with even numbers on the tenth day, the others on the next.
            let of_day = all.iter().enumerate().filter(|(at, _)| (at % 2 == 0) == (day == 10));
            tx.relay_changes().remember(relay, of_day.map(|(_, uuid)| uuid.as_slice()), day)
        })
        .await;
        assert_eq!(found, vec![is_new; 25], "{day}");
    }
    for _ in 0..9 {
        write(&store, move |tx| tx.relay_changes().sweep_uuids(relay, 11, 7)).await;
    }
    let known = read(&store, move |tx| {
        uuids.iter().map(|uuid| tx.relay_rows().remembers(relay, uuid)).collect::<Result<Vec<_>, _>>()
    })
    .await;
    let expected: Vec<bool> = (0..50).map(|number| number % 2 == 1).collect();
    assert_eq!(known, expected, "those of the later day");
}

#[tokio::test]
async fn undeliverable_events_and_gaps_are_kept_until_they_expire_or_are_removed() {
    let dir = tempfile::tempdir().unwrap();
    let (store, relay) = with_relay(dir.path()).await;
    let undeliverable = |minutes: i64| NewUndeliverableEvent {
        uuid: Some(format!("u{minutes}")),
        published: None,
        at: noon() + TimeDelta::minutes(minutes),
        reason: UndeliverableReason::TooLarge,
        status: Some(413),
        body: b"{}".to_vec(),
    };
    let gap =
        RelayGap { found: noon(), from: noon(), until: noon(), reason: GapReason::CursorRefused, missing: Some(3) };
    let recorded = gap.clone();
    write(&store, move |tx| {
        tx.relay_changes().add_gap(relay, &recorded)?;
        (0..3).try_for_each(|minutes| tx.relay_changes().add_undeliverable(relay, &undeliverable(minutes)))
    })
    .await;
    let found = read(&store, move |tx| tx.relay_rows().undeliverable_events(relay, 0, 2)).await;
    assert_eq!((found.events.len(), found.total), (2, 3));
    assert_eq!((found.events[0].reason, found.events[0].status), (UndeliverableReason::TooLarge, Some(413)));
    let (last, second) = (found.events[1].number, noon() + TimeDelta::minutes(1));
    let rest = read(&store, move |tx| tx.relay_rows().undeliverable_events(relay, last, 9)).await;
    assert_eq!(rest.events[0].uuid.as_deref(), Some("u2"));
    assert_eq!(write(&store, move |tx| tx.relay_changes().expire_undeliverable(relay, second)).await, 1);
    assert!(write(&store, move |tx| tx.relay_changes().remove_undeliverable(relay, last)).await);
    assert_eq!(read(&store, move |tx| tx.relay_rows().count_undeliverable(relay)).await, 1);
    let gaps = read(&store, move |tx| tx.relay_rows().gaps(relay, 5)).await;
    assert_eq!((gaps[0].reason, gaps[0].missing), (gap.reason, gap.missing));
}

#[tokio::test]
async fn a_removed_connection_leaves_nothing_of_its_relay() {
    let dir = tempfile::tempdir().unwrap();
    let (store, relay) = with_relay(dir.path()).await;
    write(&store, move |tx| {
        tx.relay_changes().add_batches(relay, &[batch(1, b"x")])?;
        tx.relay_changes().remember(relay, [&[1_u8; 16][..]], 1)?;
        tx.remove_connection(&id())
    })
    .await;
    let db = rusqlite::Connection::open(database(dir.path())).unwrap();
    for table in ["relay", "relay_batches", "relay_uuids", "relay_dead_letters", "relay_gaps"] {
        let count: i64 = db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(count, 0, "{table}");
    }
}
