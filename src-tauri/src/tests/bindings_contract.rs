//! Checks the contract with the window: it is current and complete, and no answer can contain a secret.

use serde_json::{Value, json};

use super::fixture_window::FixtureWindow;

const BINDINGS: &str = include_str!("../../../ui/src/host/bindings.ts");
const CAPABILITY: &str = include_str!("../../capabilities/main.json");
const CONFIGURATION: &str = include_str!("../../tauri.conf.json");

/// Returns the name and the answer type of every command, read from `__TAURI_INVOKE<T>("name"` in the bindings.
fn commands() -> Vec<(&'static str, &'static str)> {
    let calls = BINDINGS.lines().filter_map(|line| line.split_once("=> __TAURI_INVOKE<"));
    calls
        .map(|(_, call)| {
            let (answer, arguments) = call.split_once(">(\"").unwrap();
            (arguments.split('"').next().unwrap(), answer)
        })
        .collect()
}

#[test]
fn the_generated_bindings_are_current() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = folder.path().join("bindings.ts");
    crate::bindings::write(&fresh).unwrap();
    let fresh = std::fs::read_to_string(fresh).unwrap();
    assert!(fresh == BINDINGS, "run: cargo run -p okta-connector-for-radiant --example bindings");
}

#[test]
fn every_command_in_the_bindings_is_registered() {
    let window = FixtureWindow::open(false);
    let commands = commands();
    assert!(commands.len() > 40, "only {} commands were found in the bindings", commands.len());
    // Without arguments, a registered command answers or names the missing argument. These have an effect.
    let with_effect = ["quit", "clear_clipboard", "begin_practice", "export_connections", "preview_import"];
    for (name, _) in commands.iter().filter(|(name, _)| !with_effect.contains(name)) {
        if let Err(error) = window.call(name, json!({})) {
            assert!(!error.to_string().contains("not found"), "{name}: {error}");
        }
    }
}

#[test]
fn unknown_commands_and_all_plugins_are_denied() {
    let window = FixtureWindow::open(false);
    let denied = |command: &str, arguments: Value| window.call(command, arguments).unwrap_err().to_string();
    assert!(denied("secret", json!({"id": "x", "name": "okta_token"})).contains("not found"));
    assert!(denied("plugin:opener|open_url", json!({"url": "https://example.com"})).contains("not allowed"));
    assert!(denied("plugin:store|load", json!({"path": "preferences.json"})).contains("not allowed"));
}

#[test]
fn no_answer_can_contain_a_secret() {
    let texts: Vec<_> =
        commands().into_iter().filter(|(_, answer)| answer.contains("string")).map(|(name, _)| name).collect();
    assert_eq!(
        texts,
        [
            "export_connections",
            "keychain_probe",
            "copy_link",
            "save_history",
            "save_changes",
            "copy_place",
            "diagnostics",
            "save_diagnostics",
            "setup_report",
            "save_report",
            "undeliverable_event_text",
            "save_audit"
        ],
        "a command that answers with text"
    );
    assert!(commands().contains(&("store_secret", "ConnectionView")));
    assert!(commands().contains(&("practice_token", "ConnectionView")));
    let state = BINDINGS.split("export type SecretState = {").nth(1).and_then(|rest| rest.split("};").next()).unwrap();
    let members: Vec<_> =
        state.lines().filter(|line| !line.contains("/**")).filter_map(|line| line.trim().split(':').next()).collect();
    assert_eq!(
        members.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>(),
        ["name", "since", "bound_to", "this_run_only"]
    );
}

#[test]
fn the_window_may_only_listen_to_events() {
    let capability: Value = serde_json::from_str(CAPABILITY).unwrap();
    assert_eq!(capability["permissions"], json!(["core:event:allow-listen", "core:event:allow-unlisten"]));
    assert_eq!(capability["windows"], json!(["main"]));
    assert_eq!(capability.get("remote"), None);
}

#[test]
fn the_page_runs_only_its_own_files() {
    let configuration: Value = serde_json::from_str(CONFIGURATION).unwrap();
    let policy = configuration["app"]["security"]["csp"].as_str().unwrap();
    for forbidden in ["unsafe-inline", "unsafe-eval", "https:", "*"] {
        assert!(!policy.split([' ', ';']).any(|word| word.trim_matches('\'') == forbidden), "{forbidden}");
    }
    for rule in
        ["default-src 'self'", "script-src 'self'", "object-src 'none'", "form-action 'none'", "base-uri 'none'"]
    {
        assert!(policy.contains(rule), "{rule}");
    }
    assert_eq!(configuration["app"]["withGlobalTauri"], json!(false));
    assert_eq!(configuration["app"]["windows"], json!([]));
}
