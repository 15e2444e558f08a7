//! Runs `connectorctl diagnostics` as a script does, against a practice organization.
#![cfg(unix)]

mod support;

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use support::{Fixture, over, run, stderr, stdout};

#[tokio::test]
async fn only_the_owner_can_read_diagnostics_and_they_hold_no_token_and_no_name() {
    let fixture = Fixture::new().await;
    let tokens = &fixture.practice.card().tokens;
    assert_eq!(run(fixture.in_practice(&["status", "--check"], "a")).await.status.code(), Some(0));
    let logs = fixture.path("logs");
    std::fs::create_dir(&logs).unwrap();
    let line = format!("{{\"message\":\"SSWS {} for jo@example.com at 203.0.113.7\"}}\n", tokens.super_admin);
    std::fs::write(logs.join("okta-connector.2026-11-24.log"), line).unwrap();
    let (file, logs) = (fixture.path("bundle.json").display().to_string(), logs.display().to_string());
    let wrote = run(over(&["diagnostics", &file, "--log-dir", &logs], &fixture.path("a"))).await;
    assert_eq!(wrote.status.code(), Some(0), "{}", stderr(&wrote));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&file).unwrap();
    let bundle: Value = serde_json::from_str(&text).unwrap();
    let log = bundle["log"][0].as_str().unwrap();
    assert!(log.contains("SSWS [removed] for person-") && log.contains("at address-1"), "{log}");
    assert_eq!(bundle["connections"][0]["status"]["state"], "ok");
    assert!(!text.contains(&tokens.super_admin) && !text.contains("@"), "{text}");
    let kept = run(over(&["diagnostics", "--keep-people", "--log-dir", &logs], &fixture.path("a"))).await;
    assert!(String::from_utf8_lossy(&kept.stdout).contains("jo@example.com"));
    let mut piped = over(&["diagnostics", "-", "--log-dir", &logs], &fixture.path("a"));
    piped.current_dir(fixture.path("a"));
    let printed = run(piped).await;
    assert!(serde_json::from_str::<Value>(&stdout(&printed)).unwrap()["log"].is_array(), "{}", stdout(&printed));
    assert!(!fixture.path("a").join("-").exists(), "a hyphen is standard output");
}
