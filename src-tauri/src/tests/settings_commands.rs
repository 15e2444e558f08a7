//! Commands of the settings: the saved bundle is the one that was shown, an import needs a preview, stored data, monitoring.

use model::connection::ConnectionId;
use serde_json::json;

use super::fixture_window::FixtureWindow;
use model::app_change::AppChange;

const DOCUMENT: &str = r#"{"app": "okta-connector-for-radiant", "format": 1, "connections": [
    {"name": "acme", "domain": "acme.okta.com", "radiant": {"url": "https://logs.example/_msearch"}}]}"#;

#[test]
fn the_bundle_that_is_saved_is_the_one_that_was_shown() {
    let window = FixtureWindow::open(false);
    let everything = json!({"redact": {"people": true, "addresses": true, "orgs": true}});
    assert_eq!(window.call("save_diagnostics", json!({})).unwrap_err()["code"], "internal", "none was shown yet");
    let first = window.call("diagnostics", everything.clone()).unwrap();
    window.call("begin_setup", json!({})).unwrap();
    assert_eq!(
        window.state().reviewed.bundle().unwrap(),
        first.as_str().unwrap(),
        "byte for byte, whatever has changed since"
    );
    let second = window.call("diagnostics", everything).unwrap();
    assert_ne!(first, second);
    assert_eq!(window.state().reviewed.bundle().unwrap(), second.as_str().unwrap());
    let bundle: serde_json::Value = serde_json::from_str(second.as_str().unwrap()).unwrap();
    assert_eq!(bundle["app_version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(bundle["connections"].as_array().unwrap().len(), 1);
    assert!(bundle["os"].as_str().unwrap().contains(std::env::consts::OS), "{bundle}");
}

#[test]
fn nothing_is_imported_without_a_preview_and_nothing_twice() {
    let window = FixtureWindow::open(false);
    assert_eq!(window.call("import_connections", json!({})).unwrap_err()["code"], "internal");
    let state = window.state();
    let connector = state.connectors.real().unwrap();
    let preview = |text: Option<&str>| {
        tauri::async_runtime::block_on(state.reviewed.preview_import(&connector, text.map(str::to_owned)))
    };
    let shown = preview(Some(DOCUMENT)).unwrap().unwrap();
    assert!(shown.connections[0].unusual && !shown.connections[0].here, "{shown:?}");
    assert_eq!(window.call("connections", json!({})).unwrap(), json!([]), "a preview creates nothing");

    assert_eq!(preview(None), Ok(None));
    assert_eq!(
        window.call("import_connections", json!({})).unwrap_err()["code"],
        "internal",
        "the preview was dropped"
    );
    assert!(preview(Some("{}")).is_err());
    assert_eq!(window.call("import_connections", json!({})).unwrap_err()["code"], "internal", "the file was refused");

    preview(Some(DOCUMENT)).unwrap();
    let mut changes = state.connectors.changes();
    let outcome = window.call("import_connections", json!({})).unwrap();
    let id = ConnectionId(outcome["added"][0]["id"].as_str().unwrap().to_owned());
    assert_eq!(changes.try_recv().unwrap(), AppChange::Connection(id), "tray and window are updated");
    let made = window.call("connection", json!({"id": outcome["added"][0]["id"]})).unwrap();
    assert_eq!((&made["connection"]["origin"], &made["setup"]["step"]), (&json!(null), &json!("domain")));
    assert_eq!(made["connection"]["radiant"]["confirmed_host"], json!(null));
    assert_eq!(window.call("import_connections", json!({})).unwrap_err()["code"], "internal", "once");
}

#[test]
fn a_run_for_practice_alone_neither_exports_nor_imports() {
    let window = FixtureWindow::open(true);
    window.call("begin_practice", json!({})).unwrap();
    for command in ["export_connections", "preview_import", "import_connections"] {
        assert_eq!(window.call(command, json!({})).unwrap_err()["code"], "connection_unknown", "{command}");
    }
}

#[test]
fn stored_data_is_listed_and_history_is_kept_within_bounds() {
    let window = FixtureWindow::open(false);
    let kept = window.call("data_retention", json!({})).unwrap();
    assert_eq!((&kept["history_days"], &kept["reports"], &kept["log_days"]), (&json!(90), &json!(50), &json!(7)));
    assert_eq!(kept["data_dir"], window.folder().display().to_string());
    assert_eq!(window.call("keep_history", json!({"days": 3})).unwrap(), json!(7));
    assert_eq!(window.call("data_retention", json!({})).unwrap()["history_days"], json!(7));
}

#[test]
fn a_setting_changed_elsewhere_is_kept_and_the_window_is_notified() {
    let window = FixtureWindow::open(false);
    let received = window.count("settings_changed");
    let change = |change| window.call("change_monitor_settings", json!({"change": change})).unwrap();
    // The page was opened before the pause and does not know of it.
    let until = "2199-01-01T00:00:00Z";
    window.call("pause_notices", json!({"until": until})).unwrap();
    assert_eq!(received.wait_for(1), 1, "an open page is notified of a pause from the tray");
    let changed = change(json!({"heartbeat_s": 1_200, "reminders": {"owner_days": 30}}));
    assert_eq!((&changed["heartbeat_s"], &changed["quiet_until"]), (&json!(1_200), &json!(until)), "{changed}");
    assert_eq!(changed["reminders"], json!({"on": true, "token_age_days": 180, "owner_days": 30}));
    assert_eq!(received.wait_for(2), 2);
    window.call("pause_notices", json!({"until": null})).unwrap();
    assert_eq!(received.wait_for(3), 3, "every write is announced, also the window's own");
    let kept = window.call("monitor_settings", json!({})).unwrap();
    assert_eq!((&kept["heartbeat_s"], &kept["quiet_until"]), (&json!(1_200), &json!(null)), "{kept}");
}

#[test]
fn planned_maintenance_that_is_added_twice_is_stored_once() {
    let window = FixtureWindow::open(false);
    let work = json!({"from": "2199-01-01T08:00:00Z", "until": "2199-01-01T09:00:00Z", "note": "switch"});
    let change = |change| window.call("change_monitor_settings", json!({"change": change})).unwrap();
    change(json!({"plan": work}));
    assert_eq!(change(json!({"plan": work}))["maintenance"], json!([work]));
    assert_eq!(window.call("monitor_settings", json!({})).unwrap()["maintenance"], json!([work]));
    assert_eq!(change(json!({"unplan": work}))["maintenance"], json!([]));
}
