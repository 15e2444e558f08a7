//! Runs `connectorctl policy` as the administrator does who deploys a policy.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

fn check_file(file: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_connectorctl")).args(["policy", "--check"]).arg(file).args(more).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_file_is_tested_before_it_is_deployed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    let policy = json!({"format": 1, "heartbeat_s": 900, "full_s": 1, "relay": false, "colour": "blue"});
    std::fs::write(&file, policy.to_string()).unwrap();
    let output = check_file(&file, &["--json"]);
    let value: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(output.status.code(), Some(1), "there are findings: {value}");
    assert_eq!(value["standing"], "believed");
    assert_eq!(value["fixed"], json!({"heartbeat_s": 900, "full_s": 600, "relay": false}));
    let kinds: Vec<_> = value["remarks"].as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["unknown_keys", "out_of_bounds", "writer_not_checked"]);
    let text = stdout(&check_file(&file, &[]));
    assert!(text.contains("heartbeat_s          900") && text.contains("colour"), "{text}");
    let german = stdout(&check_file(&file, &["--language", "de"]));
    assert!(german.contains("außerhalb der Grenzen"), "{german}");
    std::fs::write(&file, json!({"format": 1, "heartbeat_s": 900}).to_string()).unwrap();
    assert_eq!(check_file(&file, &[]).status.code(), Some(0), "there are no findings");
}

#[test]
fn a_file_that_is_not_trusted_returns_two_and_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    std::fs::write(
        &file,
        "{\"format\": 1, \"heartbeat_s\": \"often\",\n\"full_s\": 1, \"colour\": 0,\n\"notices\": 1}",
    )
    .unwrap();
    let output = check_file(&file, &[]);
    assert_eq!(output.status.code(), Some(2));
    let lines = ["line 1: heartbeat_s", "line 2: full_s", "colour", "line 3: notices: expected true or false"];
    assert!(lines.iter().all(|line| stdout(&output).contains(line)), "every error: {}", stdout(&output));
    let text = stdout(&output);
    assert!(
        text.contains("[policy_garbled]") && text.contains("line 1: heartbeat_s: expected a whole number"),
        "{text}"
    );
    assert!(text.contains("As a precaution"), "the meaning: {text}");
    assert!(text.contains("response_actions     false") && text.contains("relay                false"), "{text}");
    let value: Value = serde_json::from_str(&stdout(&check_file(&file, &["--json"]))).unwrap();
    assert_eq!((&value["problem"]["code"], &value["standing"]), (&json!("policy_garbled"), &json!("not_believed")));
}

#[test]
fn a_missing_file_cannot_be_tested() {
    let output = check_file(Path::new("no-such-policy.json"), &[]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(3), String::new()));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-policy.json"));
}

#[test]
fn without_a_file_the_path_of_the_policy_is_reported() {
    let output = Command::new(env!("CARGO_BIN_EXE_connectorctl")).args(["policy", "--json"]).output().unwrap();
    let value: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let place = connector::paths::policy().unwrap().file;
    assert_eq!(value["place"], json!(place));
    assert_eq!(value["standing"] == "absent", !place.exists());
}

#[test]
fn environment_variables_do_not_move_the_policy() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connectorctl"));
    let elsewhere = tempfile::tempdir().unwrap();
    for name in ["ProgramData", "ALLUSERSPROFILE", "XDG_CONFIG_DIRS", "XDG_CONFIG_HOME", "HOME"] {
        command.env(name, elsewhere.path());
    }
    let value: Value = serde_json::from_str(&stdout(&command.args(["policy", "--json"]).output().unwrap())).unwrap();
    assert_eq!(value["place"], json!(connector::paths::policy().unwrap().file));
}
