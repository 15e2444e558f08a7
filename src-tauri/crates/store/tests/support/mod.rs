//! A connection and short calls on a store, for several test files.
#![allow(dead_code, reason = "each test program uses what it needs")]

use std::fs;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use model::connection::{Connection, ConnectionId, Keep, Profile};
use model::radiant_search_settings::RadiantSearch;
use store::{ReadTx, Store, StoreError, WriteTx};

pub(crate) fn noon() -> DateTime<Utc> {
    "2026-11-24T12:00:00.123456789Z".parse().unwrap()
}

pub(crate) fn connection(id: &str, minutes: i64) -> Connection {
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

pub(crate) async fn read<T: Send + 'static>(
    store: &Store,
    work: impl FnOnce(&ReadTx<'_>) -> Result<T, StoreError> + Send + 'static,
) -> T {
    store.read(work).await.unwrap()
}

pub(crate) async fn write<T: Send + 'static>(
    store: &Store,
    work: impl FnOnce(&mut WriteTx<'_>) -> Result<T, StoreError> + Send + 'static,
) -> T {
    store.write(work).await.unwrap()
}

pub(crate) async fn add(store: &Store, connection: &Connection) {
    let connection = connection.clone();
    write(store, move |tx| tx.add_connection(&connection)).await;
}

pub(crate) async fn connections(store: &Store) -> Vec<Connection> {
    read(store, |tx| tx.connections()).await
}

pub(crate) fn database(dir: &Path) -> std::path::PathBuf {
    dir.join("connector.db")
}

/// Every byte of every file in the folder but the empty lock files and SQLite's shared memory.
pub(crate) fn bytes(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .filter(|(name, bytes)| !name.ends_with("-shm") && !bytes.is_empty())
        .collect();
    all.sort();
    all
}
