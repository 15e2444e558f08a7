//! Data retention, and the preview of an import, over real files.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use connector::{Connector, ConnectorConfig};
use http_client::HttpSettings;
use model::connection::ConnectionId;
use model::connection_import::ImportedSettings;
use model::data_retention::{DataLocation, HISTORY_DAYS, history_length};
use model::guide::GuideStep;
use model::history::HourStats;
use model::status::State;
use model::status::StatusChange;
use runtime::Clock;
use secrets::Keychain;
use store::{MonitorUpdate, ReadTx, Store, StoreError, WriteTx};

fn now() -> DateTime<Utc> {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn open(dir: &Path) -> Connector {
    Connector::open(ConnectorConfig {
        data_dir: dir.to_owned(),
        keychain: Keychain::memory(),
        http: HttpSettings::default(),
        clock: Clock::manual(now()),
        operator: "admin".to_owned(),
        policy: None,
    })
    .unwrap()
}

/// Records a probe with a change of status `days` ago.
async fn record_probe(dir: &Path, id: &ConnectionId, days: i64, kept: TimeDelta) {
    record_change(dir, id, days, kept, State::Ok).await;
}

async fn record_change(dir: &Path, id: &ConnectionId, days: i64, kept: TimeDelta, state: State) {
    let at = now() - TimeDelta::days(days);
    let change = StatusChange { at, state, problem: None, row: None };
    let id = id.clone();
    let probe = move |tx: &mut WriteTx<'_>| {
        let state = tx.monitor_state(&id)?;
        let update = MonitorUpdate {
            state,
            report: None,
            hour: HourStats::default(),
            change: Some(change),
            okta_time: Some(at),
        };
        tx.record_probe(&id, at, kept, &update)
    };
    Store::open(dir).unwrap().write(probe).await.unwrap();
}

async fn count_history(dir: &Path, id: &ConnectionId) -> (usize, usize) {
    let store = Store::open(dir).unwrap();
    let ever = DateTime::UNIX_EPOCH;
    let id = id.clone();
    let read = move |tx: &ReadTx<'_>| {
        Ok::<_, StoreError>((tx.hours(&id, ever)?.len(), tx.status_changes(&id, ever, 100)?.len()))
    };
    store.read(read).await.unwrap()
}

#[tokio::test]
async fn a_status_is_dated_by_the_change_that_led_to_it_and_by_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let connector = open(dir.path());
    let id = connector.connections().begin().await.unwrap().connection.id;
    let unchanged_since = async || connector.connections().get(&id).await.unwrap().monitor.unchanged_since;
    assert_eq!(unchanged_since().await, None);
    record_change(dir.path(), &id, 9, history_length(HISTORY_DAYS), State::NeedsSetup).await;
    assert_eq!(unchanged_since().await, Some(now() - TimeDelta::days(9)));
    record_change(dir.path(), &id, 2, history_length(HISTORY_DAYS), State::Stopped).await;
    assert_eq!(unchanged_since().await, None, "the newest change led to another status");
}

#[tokio::test]
async fn history_is_kept_for_the_chosen_days_and_older_history_is_dropped_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let connector = open(dir.path());
    let id = connector.connections().begin().await.unwrap().connection.id;
    for days in [80, 20, 3] {
        record_probe(dir.path(), &id, days, history_length(HISTORY_DAYS)).await;
    }
    let before = connector.settings().data_retention(None).await.unwrap();
    assert_eq!((before.history_days, count_history(dir.path(), &id).await), (90, (3, 3)));
    assert!(before.history_since.unwrap() < now() - TimeDelta::days(79));
    assert_eq!(connector.settings().set_history_days(30).await.unwrap(), 30);
    assert_eq!(count_history(dir.path(), &id).await, (2, 2));
    assert_eq!(
        connector.settings().set_history_days(1).await.unwrap(),
        7,
        "the number of days stays within its bounds"
    );
    assert_eq!(count_history(dir.path(), &id).await, (1, 1));
    assert_eq!(open(dir.path()).settings().data_retention(None).await.unwrap().history_days, 7, "the choice is stored");
}

#[tokio::test]
async fn a_probe_drops_history_that_is_too_old() {
    let dir = tempfile::tempdir().unwrap();
    let id = open(dir.path()).connections().begin().await.unwrap().connection.id;
    record_probe(dir.path(), &id, 20, history_length(30)).await;
    record_probe(dir.path(), &id, 1, history_length(30)).await;
    assert_eq!(count_history(dir.path(), &id).await, (2, 2));
    record_probe(dir.path(), &id, 0, history_length(7)).await;
    assert_eq!(
        count_history(dir.path(), &id).await,
        (2, 2),
        "the probe of twenty days ago is dropped and the newest is added"
    );
}

#[tokio::test]
async fn sizes_and_paths_are_those_of_the_files() {
    let (dir, logs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let connector = open(dir.path());
    std::fs::write(logs.path().join("okta-connector.2026-11-24.log"), [b'x'; 1_500]).unwrap();
    std::fs::write(dir.path().join("connector.db.set-aside-20261124T120000Z"), [0; 2_500]).unwrap();
    std::fs::write(dir.path().join("connector.db.set-aside-20261124T120000Z-wal"), [0; 600]).unwrap();
    let kept = connector.settings().data_retention(Some(logs.path())).await.unwrap();
    assert_eq!((kept.set_aside, kept.set_aside_kb, kept.log_files, kept.log_kb), (1, 4, 1, 2));
    let file = std::fs::metadata(dir.path().join("connector.db")).unwrap().len();
    assert!(u64::from(kept.database_kb) * 1000 >= file, "{kept:?}");
    assert_eq!(kept.clone().path(DataLocation::Log), logs.path().display().to_string());
    assert_eq!(kept.path(DataLocation::Data), dir.path().display().to_string());
}

#[tokio::test]
async fn a_preview_changes_nothing_and_shows_what_the_import_then_does() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (source, target) = (open(from.path()), open(to.path()));
    let text = r#"{"app": "okta-connector-for-radiant", "format": 1, "connections": [
        {"name": "acme", "domain": "acme.okta.com"}, {"name": "globex", "domain": "globex.okta.com"},
        {"name": "acme again", "domain": "https://acme-admin.okta.com"}]}"#;
    source.connections().import(text).await.unwrap();
    target
        .connections()
        .import(r#"{"app": "okta-connector-for-radiant", "format": 1, "connections": [{"domain": "globex.okta.com"}]}"#)
        .await
        .unwrap();
    let document = source.connections().export().await.unwrap();

    let preview = target.connections().preview_import(&document).await.unwrap();
    let lines: Vec<_> = preview.connections.iter().map(|one| (one.domain.as_str(), one.here)).collect();
    assert_eq!(lines, [("acme.okta.com", false), ("globex.okta.com", true)]);
    assert_eq!(preview.settings, ImportedSettings::Applied);
    assert_eq!(target.connections().list().await.unwrap().len(), 1, "nothing was created");

    let outcome = target.connections().import(&document).await.unwrap();
    assert_eq!((outcome.added.len(), outcome.skipped.len(), outcome.settings), (1, 1, ImportedSettings::Applied));
    let imported = target.connections().get(&outcome.added[0].id).await.unwrap();
    assert_eq!(
        (imported.connection.origin, imported.connection.radiant.confirmed_host, imported.secrets.len()),
        (None, None, 0)
    );
    assert_eq!((imported.setup.step, imported.setup.typed_domain.as_str()), (GuideStep::Domain, "acme.okta.com"));
    assert_eq!(target.connections().preview_import(&document).await.unwrap().settings, ImportedSettings::Kept);
}
