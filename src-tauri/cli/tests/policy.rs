//! `connectorctl policy` as the one who hands policies out meets it.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

fn tried(file: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_connectorctl")).args(["policy", "--check"]).arg(file).args(more).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_file_is_tried_out_before_it_is_handed_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    let policy = json!({"format": 1, "heartbeat_s": 900, "full_s": 1, "relay": false, "colour": "blue"});
    std::fs::write(&file, policy.to_string()).unwrap();
    let told = tried(&file, &["--json"]);
    let value: Value = serde_json::from_str(&said(&told)).unwrap();
    assert_eq!(told.status.code(), Some(1), "there are remarks: {value}");
    assert_eq!(value["standing"], "believed");
    assert_eq!(value["fixed"], json!({"heartbeat_s": 900, "full_s": 600, "relay": false}));
    let kinds: Vec<_> = value["remarks"].as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["unknown_keys", "out_of_bounds", "writer_not_checked"]);
    let text = said(&tried(&file, &[]));
    assert!(text.contains("heartbeat_s          900") && text.contains("colour"), "{text}");
    let german = said(&tried(&file, &["--language", "de"]));
    assert!(german.contains("außerhalb der Grenzen"), "{german}");
    std::fs::write(&file, json!({"format": 1, "heartbeat_s": 900}).to_string()).unwrap();
    assert_eq!(tried(&file, &[]).status.code(), Some(0), "nothing is to be said against it");
}

#[test]
fn a_file_that_is_not_believed_ends_with_two_and_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    std::fs::write(
        &file,
        "{\"format\": 1, \"heartbeat_s\": \"often\",\n\"full_s\": 1, \"colour\": 0,\n\"notices\": 1}",
    )
    .unwrap();
    let told = tried(&file, &[]);
    assert_eq!(told.status.code(), Some(2));
    let lines = ["line 1: heartbeat_s", "line 2: full_s", "colour", "line 3: notices: true or false"];
    assert!(lines.iter().all(|line| said(&told).contains(line)), "all of it: {}", said(&told));
    let text = said(&told);
    assert!(
        text.contains("[policy_garbled]") && text.contains("line 1: heartbeat_s: a whole number was expected"),
        "{text}"
    );
    assert!(text.contains("To be on the safe side"), "what it means: {text}");
    assert!(text.contains("response_actions     false") && text.contains("relay                false"), "{text}");
    let value: Value = serde_json::from_str(&said(&tried(&file, &["--json"]))).unwrap();
    assert_eq!((&value["problem"]["code"], &value["standing"]), (&json!("policy_garbled"), &json!("not_believed")));
}

#[test]
fn a_file_that_is_not_there_could_not_be_tried_out() {
    let told = tried(Path::new("no-such-policy.json"), &[]);
    assert_eq!((told.status.code(), said(&told)), (Some(3), String::new()));
    assert!(String::from_utf8_lossy(&told.stderr).contains("no-such-policy.json"));
}

#[test]
fn without_a_file_named_the_one_place_is_told() {
    let told = Command::new(env!("CARGO_BIN_EXE_connectorctl")).args(["policy", "--json"]).output().unwrap();
    let value: Value = serde_json::from_str(&said(&told)).unwrap();
    let place = connector::place::policy().unwrap().file;
    assert_eq!(value["place"], json!(place));
    assert_eq!(value["standing"] == "absent", !place.exists());
}

#[test]
fn whoever_starts_the_app_does_not_move_the_place_by_a_variable() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connectorctl"));
    let elsewhere = tempfile::tempdir().unwrap();
    for name in ["ProgramData", "ALLUSERSPROFILE", "XDG_CONFIG_DIRS", "XDG_CONFIG_HOME", "HOME"] {
        command.env(name, elsewhere.path());
    }
    let value: Value = serde_json::from_str(&said(&command.args(["policy", "--json"]).output().unwrap())).unwrap();
    assert_eq!(value["place"], json!(connector::place::policy().unwrap().file));
}
