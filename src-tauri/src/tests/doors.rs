//! Practice and the real thing never share a door; a database that cannot be opened is told and can be mended.

use messages::Messages;
use model::code::Code;
use model::connection::ConnectionId;
use model::preferences::Language;
use model::problem::Problem;
use model::secret::SecretName;
use runtime::Clock;
use secrets::Keychain;
use serde_json::json;

use super::window::{Window, home};
use crate::alive::Alive;
use crate::doors::{Doors, Home};

fn words() -> Messages {
    Messages::of(Language::En)
}

fn practice_id() -> ConnectionId {
    ConnectionId("practice-of-an-earlier-run".to_owned())
}

#[test]
fn a_practice_connection_of_an_earlier_run_has_ended() {
    let window = Window::open(false);
    let refused = window.call("connection", json!({"id": practice_id()})).unwrap_err();
    assert_eq!(refused["code"], json!("practice_ended"));
}

#[test]
fn started_for_practice_the_real_database_is_not_opened_at_all() {
    let window = Window::open(true);
    assert_eq!(window.call("app_info", json!({})).unwrap()["practice"], json!(true));
    assert_eq!(window.call("connections", json!({})).unwrap(), json!([]));
    let begun = window.call("begin_setup", json!({})).unwrap();
    assert!(begun["connection"]["id"].as_str().unwrap().starts_with("practice-"));
    assert_eq!(begun["practice"], json!(true));
    assert_eq!(std::fs::read_dir(window.folder()).unwrap().count(), 0);
    let real = window.call("connection", json!({"id": "some-real-one"})).unwrap_err();
    assert_eq!(real["code"], json!("connection_unknown"));
}

#[test]
fn practice_beside_the_real_thing_leaves_no_trace_in_its_database_and_ends_with_the_run() {
    let window = Window::open(false);
    let real = window.call("begin_setup", json!({})).unwrap();
    let practice = window.call("begin_practice", json!({})).unwrap();
    assert_ne!(real["practice"], practice["practice"]);
    assert_eq!(window.call("connections", json!({})).unwrap().as_array().unwrap().len(), 2);
    let id = practice["connection"]["id"].as_str().unwrap();
    for file in std::fs::read_dir(window.folder()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(id.len()).any(|window| window == id.as_bytes()));
    }
    tauri::async_runtime::block_on(window.doors().end_practice());
    let left = window.call("connections", json!({})).unwrap();
    assert_eq!(left.as_array().unwrap().len(), 1);
    assert_eq!(left[0]["connection"]["id"], real["connection"]["id"]);
    assert_eq!(window.call("practice_credential", json!({"id": id})).unwrap_err()["code"], json!("practice_ended"));
}

#[test]
fn the_practice_organisation_is_started_once_per_run() {
    let window = Window::open(true);
    let one = window.call("begin_practice", json!({})).unwrap();
    let two = window.call("begin_practice", json!({})).unwrap();
    assert_eq!(one["okta_url"], two["okta_url"]);
    assert_ne!(one["connection"]["id"], two["connection"]["id"]);
}

#[tokio::test]
async fn a_practice_run_forgets_what_a_killed_one_left_unless_another_is_alive() {
    let folder = tempfile::tempdir().unwrap();
    let practice_runs = folder.path().join("runs.lock");
    let home = || Home { practice_runs: practice_runs.clone(), ..home(&folder, true) };
    let id = practice_id();
    for alive in [true, false] {
        let home = home();
        let (real, practice) = (home.vault.clone(), home.practice_vault.clone());
        for vault in [&real, &practice] {
            vault.put(&id, SecretName::OktaToken, "https://acme.okta.com", &"00left".to_owned().into()).await.unwrap();
        }
        let other = alive.then(|| Alive::join(&practice_runs).unwrap());
        Doors::open(home).begin_practice(&words()).await.unwrap();
        assert_eq!(practice.has(&id, SecretName::OktaToken).await.unwrap().is_some(), alive);
        assert!(
            real.has(&id, SecretName::OktaToken).await.unwrap().is_some(),
            "the real keychain service is not touched"
        );
        drop(other);
    }
}

#[test]
fn a_damaged_database_is_told_and_set_aside_without_losing_a_byte() {
    let folder = tempfile::tempdir().unwrap();
    let damaged = [0x55_u8; 4096];
    std::fs::write(folder.path().join("connector.db"), damaged).unwrap();
    let window = Window::over(folder, false);
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
    let window = Window::open(false);
    let made = window.call("begin_setup", json!({})).unwrap();
    window.call("set_store_aside", json!({})).unwrap();
    assert_eq!(window.call("connections", json!({})).unwrap()[0]["connection"]["id"], made["connection"]["id"]);
}

#[test]
fn what_the_end_of_the_run_would_lose_is_told() {
    let (folder, vault) = (tempfile::tempdir().unwrap(), Keychain::memory());
    let doors = Doors::open(Home { vault: vault.clone(), ..home(&folder, false) });
    let (id, name) = (ConnectionId("one".to_owned()), SecretName::OktaToken);
    assert!(!doors.is_busy());
    let under_way = doors.of(&id).unwrap();
    assert!(doors.is_busy(), "a call is under way");
    drop(under_way);
    assert!(!doors.is_busy());
    tauri::async_runtime::block_on(async {
        vault.put_for_this_run(&id, name, "https://one.okta.com", &"x".into(), Clock::system().now());
        assert!(doors.is_busy(), "a secret is kept for this run only");
        vault.forget(&id, name).await.unwrap();
        assert!(!doors.is_busy());
        doors.begin_practice(&words()).await.unwrap();
        assert!(doors.is_busy(), "practice lives in memory");
        doors.end_practice().await;
    });
    assert!(!doors.is_busy());
}

#[test]
fn what_worked_is_told_to_tray_and_window_and_what_may_have_worked_in_part() {
    let folder = tempfile::tempdir().unwrap();
    let doors = Doors::open(home(&folder, false));
    let mut heard = doors.changes();
    let id = ConnectionId("one".to_owned());
    doors.tell(&id, Err::<(), _>(Problem::new(Code::Internal))).unwrap_err();
    heard.try_recv().unwrap_err();
    doors.tell(&id, Ok(())).unwrap();
    assert_eq!(heard.try_recv().unwrap(), id);
    doors.tell_in_any_case(&id, Err::<(), _>(Problem::new(Code::KeychainLocked))).unwrap_err();
    assert_eq!(heard.try_recv().unwrap(), id);
}
