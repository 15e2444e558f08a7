//! The outbox of team alerts: one process claims an alert at a time, in order, and none is lost with a process.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use model::alert::{AlertEvent, AlertKind};
use model::code::Code;
use model::condition_registry::Severity;
use model::connection::{Connection, ConnectionId};
use model::problem::Problem;
use store::{ALERT_CLAIM, AlertAttempt, OutboxChannel, QueuedAlert, Store, StoreError};

const WEBHOOK: OutboxChannel = OutboxChannel::Stored(AlertKind::Webhook);

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

fn alert(id: &str, connection: &ConnectionId, kind: AlertKind) -> QueuedAlert {
    let event = AlertEvent::Worse { problem: Problem::new(Code::TokenRefused), severity: Severity::Stopped };
    let channel = OutboxChannel::Stored(kind);
    QueuedAlert { id: id.to_owned(), channel, connection: connection.clone(), created: at(0), event, attempts: 0 }
}

async fn add(store: &Store, alert: QueuedAlert) -> Result<(), StoreError> {
    store.write(move |tx| tx.alerts_mut().add(&alert)).await
}

async fn claim(store: &Store, hosted: &[&ConnectionId], seconds: i64) -> Option<QueuedAlert> {
    let hosted: BTreeSet<_> = hosted.iter().map(|id| (*id).clone()).collect();
    store.write(move |tx| tx.alerts_mut().claim(WEBHOOK, Some(&hosted), at(seconds))).await.unwrap()
}

async fn end(store: &Store, id: &str, attempt: AlertAttempt, seconds: i64) {
    let id = id.to_owned();
    store.write(move |tx| tx.alerts_mut().end_attempt(&id, &attempt, at(seconds))).await.unwrap();
}

async fn with_connections(store: &Store, names: [&str; 2]) -> [ConnectionId; 2] {
    let connections: [Connection; 2] = names.map(|name| support::connection(name, 0));
    let ids = [connections[0].id.clone(), connections[1].id.clone()];
    store.write(move |tx| connections.iter().try_for_each(|one| tx.add_connection(one))).await.unwrap();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_processes_one_claims_an_alert() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let [a, _] = with_connections(&store, ["a", "b"]).await;
    add(&store, alert("1", &a, AlertKind::Webhook)).await.unwrap();
    let processes: Vec<Store> = (0..6).map(|_| Store::open(folder.path()).unwrap()).collect();
    let hosted = [&a];
    let claims = futures_util::future::join_all(processes.iter().map(|one| claim(one, &hosted, 1))).await;
    assert_eq!(claims.iter().flatten().count(), 1);
}

#[tokio::test]
async fn an_alert_of_a_killed_process_is_claimed_again_with_the_same_id_after_a_while() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let [a, _] = with_connections(&store, ["a", "b"]).await;
    add(&store, alert("1", &a, AlertKind::Webhook)).await.unwrap();
    assert_eq!(claim(&store, &[&a], 1).await.unwrap().attempts, 1);
    assert_eq!(claim(&store, &[&a], ALERT_CLAIM.num_seconds()).await, None);
    let again = claim(&store, &[&a], ALERT_CLAIM.num_seconds() + 1).await.unwrap();
    assert_eq!((again.id.as_str(), again.attempts), ("1", 2));
    // A claim from a time that the clock was set back from does not hold the alert for long.
    assert!(claim(&store, &[&a], -3_600).await.is_none(), "it is due at its time");
    assert!(claim(&store, &[&a], 5).await.is_some());
}

#[tokio::test]
async fn alerts_about_one_connection_keep_their_order_and_those_of_others_pass_them() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let [a, b] = with_connections(&store, ["a", "b"]).await;
    for (id, connection) in [("1", &a), ("2", &a), ("3", &b)] {
        add(&store, alert(id, connection, AlertKind::Webhook)).await.unwrap();
    }
    add(&store, alert("4", &a, AlertKind::Slack)).await.unwrap();
    assert_eq!(claim(&store, &[&a, &b], 1).await.unwrap().id, "1");
    let problem = Problem::new(Code::AlertUnreachable);
    end(&store, "1", AlertAttempt::Retry { at: at(60), problem: problem.clone() }, 2).await;
    assert_eq!(claim(&store, &[&a, &b], 3).await.unwrap().id, "3", "the second one waits for the first");
    assert_eq!(claim(&store, &[&a, &b], 3).await, None);
    let summary = store.read(|tx| tx.alerts().summary(WEBHOOK)).await.unwrap();
    assert_eq!((summary.waiting, summary.failure.map(|one| one.problem)), (3, Some(problem)));
    assert_eq!(claim(&store, &[&a], 61).await.unwrap().id, "1");
    end(&store, "1", AlertAttempt::Delivered, 62).await;
    assert_eq!(claim(&store, &[&a], 63).await.unwrap().id, "2");
    let summary = store.read(|tx| tx.alerts().summary(WEBHOOK)).await.unwrap();
    assert_eq!((summary.delivered, summary.failure), (Some(at(62)), None));
}

#[tokio::test]
async fn an_alert_with_a_known_id_is_added_once_also_after_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let [a, b] = with_connections(&store, ["a", "b"]).await;
    add(&store, alert("1", &a, AlertKind::Webhook)).await.unwrap();
    claim(&store, &[&a], 1).await.unwrap();
    end(&store, "1", AlertAttempt::Delivered, 2).await;
    add(&store, alert("1", &a, AlertKind::Webhook)).await.unwrap();
    assert_eq!(claim(&store, &[&a], 3).await, None);
    let unknown = add(&store, alert("2", &ConnectionId("none".to_owned()), AlertKind::Webhook)).await;
    assert!(matches!(unknown, Err(StoreError::Missing)), "{unknown:?}");
    // After a week it is forgotten.
    add(&store, alert("3", &b, AlertKind::Webhook)).await.unwrap();
    end(&store, "3", AlertAttempt::Dropped, 8 * 86_400).await;
    let summary = store.read(|tx| tx.alerts().summary(WEBHOOK)).await.unwrap();
    assert_eq!((summary.delivered, summary.failure, summary.waiting), (None, None, 0));
}

#[tokio::test]
async fn alerts_go_with_their_connection() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let [a, b] = with_connections(&store, ["a", "b"]).await;
    add(&store, alert("1", &a, AlertKind::Webhook)).await.unwrap();
    store.write(move |tx| tx.remove_connection(&a)).await.unwrap();
    assert_eq!(claim(&store, &[&b], 1).await, None);
    assert_eq!(store.read(|tx| tx.alerts().next_at()).await.unwrap(), None);
}
