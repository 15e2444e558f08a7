//! Practice and real connections never share a database or keychain; a database that cannot be opened is reported and can be
//! set aside.

use messages::Messages;
use model::connection::ConnectionId;
use model::preferences::Language;
use model::secret_name::SecretName;
use serde_json::json;

use super::fixture_window::{FixtureWindow, start_config};
use crate::connector_registry::ConnectorRegistry;
use crate::practice_run_marker::PracticeRunMarker;
use model::app_change::AppChange;

fn english() -> Messages {
    Messages::load(Language::En)
}

fn practice_id() -> ConnectionId {
    ConnectionId("practice-of-an-earlier-run".to_owned())
}

#[test]
fn a_practice_connection_of_an_earlier_run_has_ended() {
    let window = FixtureWindow::open(false);
    let refused = window.call("connection", json!({"id": practice_id()})).unwrap_err();
    assert_eq!(refused["code"], json!("practice_ended"));
}

#[test]
fn a_start_for_practice_does_not_open_the_real_database() {
    let window = FixtureWindow::open(true);
    assert_eq!(window.call("app_info", json!({})).unwrap()["practice"], json!(true));
    assert_eq!(window.call("connections", json!({})).unwrap(), json!([]));
    let begun = window.call("begin_setup", json!({})).unwrap();
    assert!(begun["connection"]["id"].as_str().unwrap().starts_with("practice-"));
    assert_eq!(begun["practice"], json!(true));
    let made = std::fs::read_dir(window.folder()).unwrap().map(|entry| entry.unwrap().file_name());
    let made: Vec<String> = made.map(|name| name.to_string_lossy().into_owned()).collect();
    assert!(made.iter().all(|name| name == "practice.lock" || name.starts_with("practice-run-")), "{made:?}");
    let real = window.call("connection", json!({"id": "some-real-one"})).unwrap_err();
    assert_eq!(real["code"], json!("connection_unknown"));
}

#[test]
fn practice_beside_real_connections_leaves_no_trace_in_their_database_and_ends_with_the_run() {
    let window = FixtureWindow::open(false);
    let real = window.call("begin_setup", json!({})).unwrap();
    let practice = window.call("begin_practice", json!({})).unwrap();
    assert_ne!(real["practice"], practice["practice"]);
    assert_eq!(window.call("connections", json!({})).unwrap().as_array().unwrap().len(), 2);
    let id = practice["connection"]["id"].as_str().unwrap();
    let files = std::fs::read_dir(window.folder()).unwrap().map(|entry| entry.unwrap().path());
    for file in files.filter(|path| path.is_file()) {
        let bytes = std::fs::read(file).unwrap();
        assert!(!bytes.windows(id.len()).any(|window| window == id.as_bytes()));
    }
    tauri::async_runtime::block_on(window.state().connectors.end_practice());
    let left = window.call("connections", json!({})).unwrap();
    assert_eq!(left.as_array().unwrap().len(), 1);
    assert_eq!(left[0]["connection"]["id"], real["connection"]["id"]);
    assert_eq!(window.call("practice_credential", json!({"id": id})).unwrap_err()["code"], json!("practice_ended"));
}

#[test]
fn the_practice_organization_is_started_once_per_run() {
    let window = FixtureWindow::open(true);
    let one = window.call("begin_practice", json!({})).unwrap();
    let two = window.call("begin_practice", json!({})).unwrap();
    assert_eq!(one["okta_url"], two["okta_url"]);
    assert_ne!(one["connection"]["id"], two["connection"]["id"]);
}

#[tokio::test]
async fn a_practice_run_deletes_the_secrets_of_a_killed_one_unless_another_is_running() {
    let folder = tempfile::tempdir().unwrap();
    let practice_lock = PracticeRunMarker::file(folder.path());
    let left = folder.path().join("practice-run-left");
    let id = practice_id();
    for another_runs in [true, false] {
        let config = start_config(&folder, true);
        let (real, practice) = (config.real.keychain.clone(), config.practice.keychain.clone());
        for keychain in [&real, &practice] {
            keychain
                .put(&id, SecretName::OktaToken, "https://acme.okta.com", &"00left".to_owned().into())
                .await
                .unwrap();
        }
        std::fs::create_dir_all(&left).unwrap();
        let other = another_runs.then(|| PracticeRunMarker::shared(&practice_lock).unwrap());
        ConnectorRegistry::open(config).begin_practice(&english()).await.unwrap();
        assert_eq!(practice.has(&id, SecretName::OktaToken).await.unwrap().is_some(), another_runs);
        assert_eq!(left.exists(), another_runs, "the folder of a killed run goes with its secrets");
        assert!(
            real.has(&id, SecretName::OktaToken).await.unwrap().is_some(),
            "the real keychain service is not touched"
        );
        drop(other);
    }
}

#[test]
fn a_damaged_database_is_reported_and_set_aside_without_losing_a_byte() {
    let folder = tempfile::tempdir().unwrap();
    let damaged = [0x55_u8; 4096];
    std::fs::write(folder.path().join("connector.db"), damaged).unwrap();
    let window = FixtureWindow::with_folder(folder, false);
    assert_eq!(window.call("app_info", json!({})).unwrap()["problem"]["code"], json!("store_corrupt"));
    assert_eq!(window.call("connections", json!({})).unwrap_err()["code"], json!("store_corrupt"));
    assert_eq!(window.call("retry_start", json!({})).unwrap()["problem"]["code"], json!("store_corrupt"));
    assert_eq!(window.call("set_store_aside", json!({})).unwrap()["problem"], json!(null));
    assert_eq!(window.call("connections", json!({})).unwrap(), json!([]));
    let kept = std::fs::read_dir(window.folder()).unwrap().map(|file| file.unwrap().path());
    assert!(kept.into_iter().any(|path| std::fs::read(path).unwrap() == damaged));
}

#[test]
fn a_database_that_is_open_is_never_set_aside() {
    let window = FixtureWindow::open(false);
    let made = window.call("begin_setup", json!({})).unwrap();
    window.call("set_store_aside", json!({})).unwrap();
    assert_eq!(window.call("connections", json!({})).unwrap()[0]["connection"]["id"], made["connection"]["id"]);
}

#[test]
fn data_that_the_end_of_the_run_would_lose_makes_it_busy() {
    let folder = tempfile::tempdir().unwrap();
    let config = start_config(&folder, false);
    let keychain = config.real.keychain.clone();
    let connectors = ConnectorRegistry::open(config);
    let (id, name) = (ConnectionId("one".to_owned()), SecretName::OktaToken);
    assert!(!connectors.is_busy());
    let in_progress = connectors.for_connection(&id).unwrap();
    assert!(connectors.is_busy(), "a call is in progress");
    drop(in_progress);
    assert!(!connectors.is_busy());
    tauri::async_runtime::block_on(async {
        keychain.put_for_this_run(&id, name, "https://one.okta.com", &"x".into(), connectors.config().clock.now());
        assert!(connectors.is_busy(), "a secret is kept for this run only");
        keychain.forget(&id, name).await.unwrap();
        assert!(!connectors.is_busy());
        connectors.begin_practice(&english()).await.unwrap();
        assert!(connectors.is_busy(), "practice lives in memory");
        connectors.end_practice().await;
    });
    assert!(!connectors.is_busy());
}

#[test]
fn every_write_publishes_its_change_and_a_refused_call_publishes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let connectors = ConnectorRegistry::open(start_config(&folder, false));
    let mut changes = connectors.changes();
    tauri::async_runtime::block_on(async {
        let connector = connectors.real().unwrap();
        let id = connector.connections().begin().await.unwrap().connection.id;
        assert_eq!(changes.try_recv().unwrap(), AppChange::Connection(id.clone()));
        let unknown = ConnectionId("one".to_owned());
        connector.connections().rename(&unknown, "acme".to_owned()).await.unwrap_err();
        changes.try_recv().unwrap_err();
        connector.connections().rename(&id, "acme".to_owned()).await.unwrap();
        assert_eq!(changes.try_recv().unwrap(), AppChange::Connection(id));
    });
}
