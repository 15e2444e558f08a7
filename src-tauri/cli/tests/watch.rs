//! Runs `connectorctl watch` as a service does, alone and beside other processes over the same data folder.
#![expect(clippy::disallowed_methods, reason = "tests")]

mod support;

use std::io::{BufRead as _, BufReader};
use std::process::Command;
use std::time::Duration;

use model::monitor::ProbeKind;
use model::monitor_settings::MonitorSettings;
use model::secret_name::SecretName;
use model::status::State;
use practice::Change;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use support::{Fixture, OWNER};
#[cfg(unix)]
use support::{run, stderr, stdout};

#[tokio::test]
async fn watch_prints_each_change_once_until_it_is_terminated() {
    let fixture = Fixture::new().await;
    let quick = MonitorSettings { heartbeat_s: 5, ..MonitorSettings::practice() };
    let inside = fixture.connector("a", chrono::TimeDelta::zero());
    inside.connections().join_practice(fixture.addresses());
    inside.settings().set_monitor(quick).await.unwrap();
    let mut child = fixture.in_practice(&["watch", "--json"], "a").spawn().unwrap();
    let (sender, printed) = std::sync::mpsc::channel::<Value>();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            sender.send(serde_json::from_str(&line).unwrap()).unwrap_or_default();
        }
    });
    let control = fixture.practice.control();
    let steps = move || {
        let first = printed.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!((&first["state"], &first["before"]), (&json!("ok"), &Value::Null), "{first}");
        control.set(Change::Revoke { principal: OWNER.to_owned() });
        let second = printed.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!((&second["state"], &second["before"]), (&json!("stopped"), &json!("ok")), "{second}");
        assert_eq!((&second["code"], &second["exit"]), (&json!("token_refused"), &json!(2)));
        // Windows cannot ask a process that shares this console to end; there it is killed.
        if cfg!(unix) {
            assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
            assert_eq!(child.wait().unwrap().code(), Some(0));
        } else {
            child.kill().unwrap();
            assert!(!child.wait().unwrap().success());
        }
        assert!(printed.recv().is_err(), "nothing more was printed");
    };
    tokio::task::spawn_blocking(steps).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_and_the_window_share_one_store_and_a_killed_one_leaves_no_lock() {
    let fixture = Fixture::new().await;
    let window = fixture.connector("a", chrono::TimeDelta::zero());
    window.connections().join_practice(fixture.addresses());
    let quick = MonitorSettings { heartbeat_s: 5, ..MonitorSettings::practice() };
    window.settings().set_monitor(quick).await.unwrap();
    let mut child = fixture.in_practice(&["watch", "--json"], "a").spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next_line = move || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(next_line()["state"], "ok");
    let id = window.connections().list().await.unwrap().remove(0).connection.id;
    // This test's in-memory keychain starts empty; the real one is shared between processes.
    let token: secrecy::SecretString = fixture.practice.card().tokens.super_admin.clone().into();
    window.tokens().store(&id, SecretName::OktaToken, token, false).await.unwrap();
    let search: secrecy::SecretString = fixture.practice.card().radiant_search_token.clone().into();
    window.tokens().store(&id, SecretName::RadiantSearchToken, search, false).await.unwrap();

    // `watch` prints what the window's probe finds, and the window shows what `watch` finds.
    let (control, cancel) = (fixture.practice.control(), CancellationToken::new());
    control.set(Change::Revoke { principal: OWNER.to_owned() });
    let mut outcome = None;
    while outcome.is_none() {
        outcome =
            window.monitor().probe_now(&id, ProbeKind::Heartbeat, connector::Audience::AWAY, &cancel).await.unwrap();
    }
    let stopped = next_line();
    assert_eq!((&stopped["state"], &stopped["code"]), (&json!("stopped"), &json!("token_refused")), "{stopped}");
    control.set(Change::Revive { principal: OWNER.to_owned() });
    let again = next_line();
    assert_eq!(again["state"], "ok", "{again}");
    assert_eq!(window.connections().get(&id).await.unwrap().status.state, State::Ok);

    // Only one process probes at a time; it is killed in the middle of its probe.
    control.set(Change::Latency { ms: 60_000 });
    let folder = fixture.path("a");
    let lock = || std::fs::File::open(folder.join(format!("connection-{}.lock", id.0))).unwrap();
    while lock().try_lock().is_ok() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(
        window
            .monitor()
            .probe_now(&id, ProbeKind::Heartbeat, connector::Audience::AWAY, &cancel)
            .await
            .unwrap()
            .is_none(),
        "one process at a time"
    );
    child.kill().unwrap();
    assert_ne!(child.wait().unwrap().code(), Some(0));
    control.set(Change::Latency { ms: 0 });
    let after =
        window.monitor().probe_now(&id, ProbeKind::Heartbeat, connector::Audience::AWAY, &cancel).await.unwrap();
    assert_eq!(after.expect("a stale lock").after.state, State::Ok);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_watches_holds_the_monitoring_lock_and_the_other_takes_over_after_a_kill() {
    let fixture = Fixture::new().await;
    let settings = fixture.connector("a", chrono::TimeDelta::zero());
    settings.connections().join_practice(fixture.addresses());
    let quick = MonitorSettings { heartbeat_s: 5, ..MonitorSettings::practice() };
    settings.settings().set_monitor(quick).await.unwrap();
    let watch = || {
        let mut child = fixture.in_practice(&["watch", "--json"], "a").spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        (child, move || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap())
    };
    let (mut first, mut line_of_first) = watch();
    assert_eq!(line_of_first()["state"], "ok");
    let (mut second, mut line_of_second) = watch();
    assert_eq!(line_of_second()["state"], "ok", "it shows the stored status");

    let id = settings.connections().list().await.unwrap().remove(0).connection.id;
    let lock = std::fs::File::open(fixture.path("a").join(format!("monitoring-{}.lock", id.0))).unwrap();
    assert!(lock.try_lock().is_err(), "it is held between probes");
    first.kill().unwrap();
    assert_ne!(first.wait().unwrap().code(), Some(0));
    // Until the second process takes over, nobody would notice this.
    fixture.practice.control().set(Change::Revoke { principal: OWNER.to_owned() });
    let stopped = line_of_second();
    assert_eq!((&stopped["state"], &stopped["code"]), (&json!("stopped"), &json!("token_refused")), "{stopped}");
    assert!(lock.try_lock().is_err(), "the second process holds it now");
    second.kill().unwrap();
    second.wait().unwrap();
    assert!(lock.try_lock().is_ok());
}

#[cfg(unix)]
#[tokio::test]
async fn a_token_from_a_file_is_used_instead_of_the_kept_one() {
    let fixture = Fixture::new().await;
    fixture.practice.control().set(Change::Revoke { principal: OWNER.to_owned() });
    let card = fixture.practice.card();
    let token = fixture.path("okta-token");
    private(&token, &format!("{}\n", card.tokens.org_admin), 0o600);
    let first_line = async |folder: &str, args: &[&str]| {
        let set_up = run(fixture.in_practice(&["status"], folder)).await;
        assert!(set_up.status.code().is_some(), "{}", stderr(&set_up));
        let mut child = fixture.in_practice(args, folder).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = tokio::task::spawn_blocking(move || lines.next().unwrap().unwrap()).await.unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        serde_json::from_str::<Value>(&line).unwrap()
    };
    let kept = first_line("kept", &["watch", "--json"]).await;
    assert_eq!((&kept["state"], &kept["code"]), (&json!("stopped"), &json!("token_refused")));

    let file = token.display().to_string();
    let from_file = first_line("file", &["watch", "--json", "--okta-token-file", &file]).await;
    assert!(!["stopped", "needs_setup", "unknown"].contains(&from_file["state"].as_str().unwrap()), "{from_file}");
    let secrets = fixture.connector("file", chrono::TimeDelta::zero()).connections().list().await.unwrap();
    assert!(secrets[0].secrets.iter().all(|state| state.since.is_some() && !state.this_run_only), "{secrets:?}");
    assert!(!contains_token(&fixture.path("file"), &card.tokens.org_admin), "the token is not copied");
}

#[cfg(unix)]
#[tokio::test]
async fn a_token_file_that_others_can_read_or_that_has_no_connection_is_refused() {
    let fixture = Fixture::new().await;
    let token = fixture.path("okta-token");
    private(&token, "00abcdefghijklmnopqrstuvwxyz0123456789ABCD", 0o640);
    let file = token.display().to_string();
    let refused = run(fixture.in_practice(&["watch", "--okta-token-file", &file], "a")).await;
    let errors = stderr(&refused);
    assert_eq!(refused.status.code(), Some(3), "{errors}");
    assert!(errors.contains(&format!("chmod 600 {file}")) && errors.contains("0640"), "{errors}");
    let named = format!("nobody={file}");
    let unknown = run(fixture.in_practice(&["watch", "--radiant-token-file", &named], "a")).await;
    assert!(stderr(&unknown).contains("connection_unknown"), "{}", stderr(&unknown));
    let none = run(support::over(&["watch", "--okta-token-file", &file], &fixture.path("empty"))).await;
    assert_eq!((none.status.code(), stdout(&none)), (Some(3), String::new()), "{}", stderr(&none));
}

/// Writes a file with a mode.
#[cfg(unix)]
#[expect(clippy::unwrap_used, reason = "tests")]
fn private(path: &std::path::Path, text: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Tells whether any file of a folder contains a token.
#[cfg(unix)]
#[expect(clippy::unwrap_used, reason = "tests")]
fn contains_token(folder: &std::path::Path, token: &str) -> bool {
    let files =
        std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap_or_default());
    files.into_iter().any(|bytes| bytes.windows(token.len()).any(|part| part == token.as_bytes()))
}
