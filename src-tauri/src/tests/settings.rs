//! The settings' commands: the bundle that is saved is the one that was shown, an import needs a look first, data that is kept.

use std::sync::atomic::Ordering;

use serde_json::json;

use super::window::Window;

const DOCUMENT: &str = r#"{"app": "okta-connector-for-radiant", "format": 1, "connections": [
    {"name": "acme", "domain": "acme.okta.com", "radiant": {"url": "https://logs.example/_msearch"}}]}"#;

#[test]
fn the_bundle_that_would_be_saved_is_the_one_that_was_shown() {
    let window = Window::open(false);
    let everything = json!({"redact": {"people": true, "addresses": true, "orgs": true}});
    assert_eq!(window.call("save_diagnostics", json!({})).unwrap_err()["code"], "internal", "none was shown yet");
    let first = window.call("diagnostics", everything.clone()).unwrap();
    window.call("begin_setup", json!({})).unwrap();
    assert_eq!(window.held().shown().unwrap(), first.as_str().unwrap(), "byte for byte, whatever happened since");
    let second = window.call("diagnostics", everything).unwrap();
    assert_ne!(first, second);
    assert_eq!(window.held().shown().unwrap(), second.as_str().unwrap());
    let bundle: serde_json::Value = serde_json::from_str(second.as_str().unwrap()).unwrap();
    assert_eq!(bundle["app_version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(bundle["connections"].as_array().unwrap().len(), 1);
    assert!(bundle["os"].as_str().unwrap().contains(std::env::consts::OS), "{bundle}");
}

#[test]
fn nothing_is_imported_that_was_not_looked_at_and_nothing_twice() {
    let window = Window::open(false);
    assert_eq!(window.call("import_connections", json!({})).unwrap_err()["code"], "internal");
    let door = window.doors().real_door().unwrap();
    let look = |text: Option<&str>| tauri::async_runtime::block_on(window.held().look(&door, text.map(str::to_owned)));
    let preview = look(Some(DOCUMENT)).unwrap().unwrap();
    assert!(preview.connections[0].unusual && !preview.connections[0].here, "{preview:?}");
    assert_eq!(window.call("connections", json!({})).unwrap(), json!([]), "a look makes nothing");

    assert_eq!(look(None), Ok(None));
    assert_eq!(window.call("import_connections", json!({})).unwrap_err()["code"], "internal", "it was let go");
    assert!(look(Some("{}")).is_err());
    assert_eq!(window.call("import_connections", json!({})).unwrap_err()["code"], "internal", "it was refused");

    look(Some(DOCUMENT)).unwrap();
    let mut changes = window.doors().changes();
    let outcome = window.call("import_connections", json!({})).unwrap();
    assert_eq!(json!(changes.try_recv().unwrap()), outcome["added"][0]["id"], "tray and window hear of it");
    let made = window.call("connection", json!({"id": outcome["added"][0]["id"]})).unwrap();
    assert_eq!((&made["connection"]["origin"], &made["setup"]["step"]), (&json!(null), &json!("domain")));
    assert_eq!(made["connection"]["radiant"]["confirmed_host"], json!(null));
    assert_eq!(window.call("import_connections", json!({})).unwrap_err()["code"], "internal", "once");
}

#[test]
fn a_run_for_practice_alone_neither_exports_nor_imports() {
    let window = Window::open(true);
    window.call("begin_practice", json!({})).unwrap();
    for command in ["export_connections", "look_at_import", "import_connections"] {
        assert_eq!(window.call(command, json!({})).unwrap_err()["code"], "connection_unknown", "{command}");
    }
}

#[test]
fn what_is_kept_is_told_and_history_is_kept_within_bounds() {
    let window = Window::open(false);
    let kept = window.call("data_kept", json!({})).unwrap();
    assert_eq!((&kept["history_days"], &kept["reports"], &kept["log_days"]), (&json!(90), &json!(50), &json!(7)));
    assert_eq!(kept["data_dir"], window.folder().display().to_string());
    assert_eq!(window.call("keep_history", json!({"days": 3})).unwrap(), json!(7));
    assert_eq!(window.call("data_kept", json!({})).unwrap()["history_days"], json!(7));
}

#[test]
fn what_was_changed_elsewhere_stays_and_the_window_hears_of_it() {
    let window = Window::open(false);
    let heard = window.count("settings_changed");
    let change = |change| window.call("change_monitor_settings", json!({"change": change})).unwrap();
    // The page was opened before: it knows of no pause.
    let until = "2199-01-01T00:00:00Z";
    window.call("pause_notices", json!({"until": until})).unwrap();
    assert_eq!(heard.load(Ordering::Relaxed), 1, "a page that is open hears of the tray's pause");
    let changed = change(json!({"heartbeat_s": 1_200, "reminders": {"owner_days": 30}}));
    assert_eq!((&changed["heartbeat_s"], &changed["quiet_until"]), (&json!(1_200), &json!(until)), "{changed}");
    assert_eq!(changed["reminders"], json!({"on": true, "token_age_days": 180, "owner_days": 30}));
    window.call("pause_notices", json!({"until": null})).unwrap();
    assert_eq!(heard.load(Ordering::Relaxed), 2);
    let kept = window.call("monitor_settings", json!({})).unwrap();
    assert_eq!((&kept["heartbeat_s"], &kept["quiet_until"]), (&json!(1_200), &json!(null)), "{kept}");
}

#[test]
fn planned_work_that_is_added_twice_alike_is_there_once() {
    let window = Window::open(false);
    let work = json!({"from": "2199-01-01T08:00:00Z", "until": "2199-01-01T09:00:00Z", "note": "switch"});
    let change = |change| window.call("change_monitor_settings", json!({"change": change})).unwrap();
    change(json!({"plan": work}));
    assert_eq!(change(json!({"plan": work}))["maintenance"], json!([work]));
    assert_eq!(window.call("monitor_settings", json!({})).unwrap()["maintenance"], json!([work]));
    assert_eq!(change(json!({"unplan": work}))["maintenance"], json!([]));
}
