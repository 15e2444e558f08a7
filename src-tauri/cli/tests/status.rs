//! Runs `connectorctl status` as a script does, against a practice organization.

mod support;

use model::connection::Keep;
use model::monitor::ProbeKind;
use model::monitor_settings::MonitorSettings;
use model::secret_name::SecretName;
use model::status::State;
use practice::{Change, Fault, FaultKind, Side};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use support::{Fixture, OWNER, over, run, stderr, stdout};

#[tokio::test]
async fn status_reports_the_result_of_a_check_and_keeps_reporting_it() {
    let fixture = Fixture::new().await;
    let first_check = run(fixture.in_practice(&["status", "--check"], "a")).await;
    let (text, errors) = (stdout(&first_check), stderr(&first_check));
    let first = text.lines().next().unwrap();
    assert!(errors.contains("PRACTICE"), "{errors}");
    assert_eq!(first_check.status.code(), Some(0), "{text}{errors}");
    assert!(first.starts_with("OK - Practice: ") && first.contains(" | ") && first.contains("age="), "{first}");
    assert!(text.lines().nth(1).unwrap().starts_with("  http://127.0.0.1:"), "{text}");

    let control = fixture.practice.control();
    control.set(Change::Revoke { principal: OWNER.to_owned() });
    let before = fixture.practice.control().counters().requests;
    let stored = run(over(&["status"], &fixture.path("a"))).await;
    assert_eq!(stored.status.code(), Some(0), "the stored status is reported: {}", stdout(&stored));
    assert_eq!(before["okta /api/v1/users/me"], control.counters().requests["okta /api/v1/users/me"]);

    let second_check = run(fixture.in_practice(&["status", "Practice", "--check", "--json"], "a")).await;
    let second_json: Value = serde_json::from_str(&stdout(&second_check)).unwrap();
    assert_eq!(second_check.status.code(), Some(2), "{second_json}");
    assert_eq!((&second_json["word"], &second_json["exit"]), (&json!("CRITICAL"), &json!(2)));
    assert_eq!(second_json["connections"][0]["problem"]["code"], "token_refused");
    let german = run(over(&["status", "--language", "de"], &fixture.path("a"))).await;
    assert_eq!(german.status.code(), Some(2));
    assert!(stdout(&german).starts_with("CRITICAL - Practice: "), "{}", stdout(&german));
    let before_command = run(over(&["--language", "de", "status"], &fixture.path("a"))).await;
    for output in [&german, &before_command] {
        assert!(stdout(output).contains("Okta akzeptiert dieses API-Token nicht"), "{}", stdout(output));
    }
    let tokens = [&fixture.practice.card().tokens.super_admin, &fixture.practice.card().radiant_search_token];
    for output in [&first_check, &stored, &second_check, &german] {
        assert!(tokens.iter().all(|token| !format!("{output:?}").contains(token.as_str())), "no token is printed");
    }
}

#[tokio::test]
async fn an_old_status_is_unknown_and_so_is_no_connection_at_all() {
    let fixture = Fixture::new().await;
    let none = run(over(&["status"], &fixture.path("empty"))).await;
    assert_eq!((none.status.code(), stdout(&none).starts_with("UNKNOWN - ")), (Some(3), true), "{}", stdout(&none));
    let unknown = run(over(&["status", "nobody"], &fixture.path("empty"))).await;
    assert_eq!(unknown.status.code(), Some(3));
    let shown = stdout(&unknown);
    assert!(
        shown.starts_with("UNKNOWN - ") && shown.contains("[connection_unknown]"),
        "monitoring systems read standard output: {shown}"
    );

    for (minutes, code) in [(-20, 0), (-40, 3)] {
        let name = format!("checked{minutes}");
        let connector = fixture.connector(&name, chrono::TimeDelta::minutes(minutes));
        let id = connector
            .connections()
            .begin_practice(fixture.addresses(), "Practice".to_owned())
            .await
            .unwrap()
            .connection
            .id;
        let token = fixture.practice.card().tokens.super_admin.clone().into();
        connector.tokens().store(&id, SecretName::OktaToken, token, false).await.unwrap();
        connector.guide().finish(&id, Keep::Token).await.unwrap();
        connector
            .monitor()
            .probe_now(&id, ProbeKind::Full, connector::Audience::AWAY, &CancellationToken::new())
            .await
            .unwrap()
            .unwrap();
        connector.guide().confirm(&id, model::guide::Confirmable::OwnerIsServiceAccount, true).await.unwrap();
        let old = run(over(&["status"], &fixture.path(&name))).await;
        // The shifted clock itself is reported as well; the age of the status is what counts here.
        let old_json: Value =
            serde_json::from_str(&stdout(&run(over(&["status", "--json"], &fixture.path(&name))).await)).unwrap();
        let one = &old_json["connections"][0];
        assert_eq!((&one["stale"], one["state"] == "unknown"), (&json!(code == 3), code == 3), "{one}");
        let exit = old.status.code().unwrap();
        assert_eq!(exit == 3, code == 3, "{minutes}: {}", stdout(&old));
        assert_eq!(stdout(&old).contains("monitoring may not be running"), code == 3, "{}", stdout(&old));
    }
}

#[tokio::test]
async fn a_check_leaves_a_connection_to_the_process_that_watches_it() {
    let fixture = Fixture::new().await;
    assert_eq!(run(fixture.in_practice(&["status", "--check"], "a")).await.status.code(), Some(0));
    let id =
        fixture.connector("a", chrono::TimeDelta::zero()).connections().list().await.unwrap()[0].connection.id.clone();
    let watcher = std::fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(fixture.path("a").join(format!("monitoring-{}.lock", id.0)))
        .unwrap();
    watcher.lock().unwrap();
    let control = fixture.practice.control();
    control.set(Change::Revoke { principal: OWNER.to_owned() });
    let before = control.counters().requests;
    let beside = run(fixture.in_practice(&["status", "--check"], "a")).await;
    assert_eq!((beside.status.code(), control.counters().requests), (Some(0), before), "{}", stdout(&beside));
    drop(watcher);
    assert_eq!(run(fixture.in_practice(&["status", "--check"], "a")).await.status.code(), Some(2));
}

#[tokio::test]
async fn a_connection_that_okta_never_answered_is_not_reported_as_ready() {
    let fixture = Fixture::new().await;
    let connector = fixture.connector("a", chrono::TimeDelta::zero());
    let view = connector.connections().begin_practice(fixture.addresses(), "Practice".to_owned()).await.unwrap();
    let token = fixture.practice.card().tokens.super_admin.clone().into();
    connector.tokens().store(&view.connection.id, SecretName::OktaToken, token, false).await.unwrap();
    connector.guide().finish(&view.connection.id, Keep::Token).await.unwrap();
    fixture.practice.control().fault(Some(Fault::on(Side::Okta, FaultKind::Reset)));
    let end = CancellationToken::new();
    let failed =
        connector.monitor().probe_now(&view.connection.id, ProbeKind::Full, connector::Audience::AWAY, &end).await;
    assert_eq!(failed.unwrap().unwrap().after.state, State::Working);
    let status = run(over(&["status", "--json"], &fixture.path("a"))).await;
    let status_json: Value = serde_json::from_str(&stdout(&status)).unwrap();
    let one = &status_json["connections"][0];
    assert_eq!((&one["state"], &one["as_of"], &one["age_s"]), (&json!("working"), &Value::Null, &Value::Null));
    assert_eq!(one["problem"]["code"], "connection_reset", "{one}");
    let text = stdout(&run(over(&["status"], &fixture.path("a"))).await);
    assert!(!text.contains("ready") && text.contains("never checked") && !text.contains("age="), "{text}");
}

#[tokio::test]
async fn the_former_flag_look_is_still_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let status = run(over(&["status", "--look"], &folder.path().join("empty"))).await;
    assert!(stdout(&status).starts_with("UNKNOWN - "), "{status:?}");
}

#[tokio::test]
async fn a_connection_that_keeps_no_token_is_reported_as_a_choice_without_a_warning() {
    let fixture = Fixture::new().await;
    assert_eq!(run(fixture.in_practice(&["status", "--check"], "a")).await.status.code(), Some(0));
    let window = fixture.connector("a", chrono::TimeDelta::zero());
    let id = window.connections().list().await.unwrap()[0].connection.id.clone();
    window.guide().finish(&id, Keep::Nothing).await.unwrap();
    for args in [&["status", "--json"][..], &["status", "--check", "--json"]] {
        let status = run(over(args, &fixture.path("a"))).await;
        let status_json: Value = serde_json::from_str(&stdout(&status)).unwrap();
        let one = &status_json["connections"][0];
        assert_eq!((status.status.code(), &status_json["word"]), (Some(0), &json!("OK")), "{status_json}");
        assert_eq!((&one["state"], &one["arrival_verified"]), (&json!("unwatched"), &json!(false)), "{status_json}");
        assert_eq!(one["text"], "Not monitored, as you chose");
        assert!(one["since"].is_string() && one["as_of"].is_string(), "since when, and the time of the figures: {one}");
    }
    // The window offers a way back: a read-only monitoring token.
    let token = fixture.practice.card().tokens.read_only.clone().into();
    window.tokens().store(&id, SecretName::MonitoringToken, token, false).await.unwrap();
    let view = window.guide().finish(&id, Keep::MonitoringToken).await.unwrap();
    assert_ne!(view.status.state, State::Unwatched);
    assert_eq!(
        window.monitor().due(&id).await.unwrap(),
        Some(ProbeKind::Full),
        "it is monitored again, starting with every check"
    );
}

#[tokio::test]
async fn a_reminder_is_reported_with_the_status_and_does_not_change_it() {
    let fixture = Fixture::new().await;
    assert_eq!(run(fixture.in_practice(&["status", "--check"], "a")).await.status.code(), Some(0));
    // Ten days ago somebody switched notifications off.
    let then = fixture.connector("a", chrono::TimeDelta::days(-10));
    let muted = MonitorSettings { notices: false, ..MonitorSettings::default() };
    then.settings().set_monitor(muted).await.unwrap();
    let status = run(over(&["status", "--json"], &fixture.path("a"))).await;
    let status_json: Value = serde_json::from_str(&stdout(&status)).unwrap();
    let reminders = &status_json["connections"][0]["reminders"];
    assert_eq!((status.status.code(), &status_json["word"]), (Some(0), &json!("OK")), "{status_json}");
    assert_eq!(
        (reminders.as_array().unwrap().len(), &reminders[0]["kind"]),
        (1, &json!("notices_off")),
        "{status_json}"
    );
    assert!(!reminders[0]["title"].as_str().unwrap().contains('{'), "{reminders}");
    let shown = run(over(&["connections", "show", "Practice"], &fixture.path("a"))).await;
    assert!(stdout(&shown).contains("Reminder: Notifications have been off since "), "{}", stdout(&shown));
}
