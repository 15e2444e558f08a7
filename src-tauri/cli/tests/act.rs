//! Runs `connectorctl act`, `audit` and `rehearse` as a script does, against a practice organization.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use serde_json::Value;

use practice::fixture_users as fixture;
use support::{Fixture, run, stderr, stdout};

fn json(output: &std::process::Output) -> Value {
    let text = stdout(output);
    serde_json::from_str(text.lines().last().unwrap_or_default()).unwrap_or_else(|_| panic!("{text}{}", stderr(output)))
}

fn status(fixture: &Fixture, user: &str) -> String {
    fixture.practice.control().user(user).unwrap()["status"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_lockdown_is_previewed_run_listed_and_undone() {
    let fixture = Fixture::new().await;
    let mira = fixture::MIRA.login;
    let preview = run(fixture.in_practice(&["act", "preview", "lock-down", "--user", mira], "a")).await;
    assert_eq!(preview.status.code(), Some(0), "{}{}", stdout(&preview), stderr(&preview));
    assert!(
        stdout(&preview).contains("Mira Holt") && stdout(&preview).contains("Keeps running"),
        "{}",
        stdout(&preview)
    );
    assert_eq!(status(&fixture, mira), "ACTIVE", "a preview changes nothing");

    let args = ["act", "run", "lock-down", "--user", mira, "--reason", "INC-1", "--yes", "--json"];
    let done = run(fixture.in_practice(&args, "a")).await;
    assert_eq!(done.status.code(), Some(0), "{}{}", stdout(&done), stderr(&done));
    let (result, entry) = (json(&done), 1);
    assert_eq!(
        (result["targets"][0]["outcome"].as_str(), status(&fixture, mira).as_str()),
        (Some("done"), "SUSPENDED")
    );

    let list = run(fixture.in_practice(&["audit", "list"], "a")).await;
    assert!(stdout(&list).contains(mira) && stdout(&list).contains("INC-1"), "{}", stdout(&list));
    let undo = ["act", "undo", &entry.to_string(), "--reason", "false alarm", "--yes"];
    let undone = run(fixture.in_practice(&undo, "a")).await;
    assert_eq!((undone.status.code(), status(&fixture, mira).as_str()), (Some(0), "ACTIVE"), "{}", stdout(&undone));
    let again = run(fixture.in_practice(&undo, "a")).await;
    assert_eq!(again.status.code(), Some(2), "{}", stdout(&again));
    // The keychain of a command in practice ends with it, so there is no seal; the rows fit together.
    let verify = run(fixture.in_practice(&["audit", "verify", "--json"], "a")).await;
    assert_eq!((verify.status.code(), json(&verify)["state"].as_str()), (Some(1), Some("no_seal")));
    let export = run(fixture.in_practice(&["audit", "export", "--format", "csv"], "a")).await;
    assert_eq!(stdout(&export).lines().count(), 3, "{}", stdout(&export));
}

#[tokio::test]
async fn yes_never_stands_for_a_typed_confirmation() {
    let fixture = Fixture::new().await;
    let admin = fixture::GROUP_ADMIN.login;
    let args = ["act", "run", "lock-down", "--user", admin, "--reason", "INC-1", "--yes"];
    let refused = run(fixture.in_practice(&args, "a")).await;
    assert_eq!(refused.status.code(), Some(3), "{}{}", stdout(&refused), stderr(&refused));
    assert!(stderr(&refused).contains("[action_not_confirmed]"), "{}", stderr(&refused));
    assert_eq!(status(&fixture, admin), "ACTIVE");
    let typed = ["act", "run", "lock-down", "--user", admin, "--reason", "INC-1", "--yes", "--confirm", admin];
    let done = run(fixture.in_practice(&typed, "a")).await;
    assert_eq!((done.status.code(), status(&fixture, admin).as_str()), (Some(0), "SUSPENDED"), "{}", stderr(&done));
    let without_yes = ["act", "run", "end-sessions", "--user", admin, "--reason", "INC-1", "--confirm", admin];
    let unasked = run(fixture.in_practice(&without_yes, "a")).await;
    assert_eq!(unasked.status.code(), Some(3), "there is no terminal to ask on");
}

#[tokio::test]
async fn a_refused_target_exits_with_2_and_the_reason_is_printed() {
    let fixture = Fixture::new().await;
    let args = ["act", "run", "block-address", "--address", "10.0.0.1", "--reason", "INC-1", "--yes"];
    let refused = run(fixture.in_practice(&args, "a")).await;
    assert_eq!(refused.status.code(), Some(2), "{}{}", stdout(&refused), stderr(&refused));
    assert!(stdout(&refused).contains("private, loopback or reserved"), "{}", stdout(&refused));
    let mira = fixture::MIRA.login;
    let mixed = ["act", "run", "end-sessions", "--user", mira, "--user", "nobody@x.example", "--reason", "INC-1"];
    let partly = run(fixture.in_practice(&[&mixed[..], &["--yes", "--json"]].concat(), "a")).await;
    assert_eq!(partly.status.code(), Some(1), "{}{}", stdout(&partly), stderr(&partly));
    let result = json(&partly);
    assert_eq!(result["targets"][0]["outcome"], "done");
    assert_eq!(
        (&result["refused"][0]["typed"], &result["refused"][0]["refusals"][0]["code"]),
        (&"nobody@x.example".into(), &"user_not_found".into())
    );
    let unasked = run(fixture.in_practice(&[&mixed[..], &["--json"]].concat(), "a")).await;
    let printed = stdout(&unasked);
    assert_eq!((json(&unasked)["exit"].as_i64(), printed.lines().count()), (Some(3), 1), "{printed}");
    assert!(stderr(&unasked).contains("Mira Holt"), "the preview is no part of the JSON: {}", stderr(&unasked));
    let nobody = run(fixture.in_practice(&["act", "preview", "lock-down", "--user", "nobody@x.example"], "a")).await;
    assert_eq!(nobody.status.code(), Some(2), "{}", stdout(&nobody));
}

#[tokio::test]
async fn a_rehearsal_ends_in_a_report_that_proves_nothing_in_practice() {
    let fixture = Fixture::new().await;
    let args = ["rehearse", "--user", fixture::MIRA.login, "--yes"];
    let report = run(fixture.in_practice(&args, "a")).await;
    assert_eq!(report.status.code(), Some(0), "{}{}", stdout(&report), stderr(&report));
    assert!(stdout(&report).contains("This was practice."), "{}", stdout(&report));
    assert_eq!(status(&fixture, fixture::MIRA.login), "ACTIVE");
}

#[test]
fn a_command_for_the_only_connection_says_so_where_there_is_none() {
    let folder = tempfile::tempdir().unwrap();
    for command in [&["act", "blocked"][..], &["act", "preview", "lock-down", "--user", "x"], &["audit", "list"]] {
        let output = support::over(command, folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{command:?}");
        assert!(stderr(&output).contains("there is no connection on this computer"), "{}", stderr(&output));
    }
}
