//! Runs `connectorctl watch` as a service does, alone and beside other processes over the same data folder.
#![expect(clippy::disallowed_methods, reason = "tests")]

mod support;

use std::io::{BufRead as _, BufReader};
use std::process::Command;
use std::time::Duration;

use model::monitor::ProbeKind;
use model::monitor_settings::MonitorSettings;
use model::secret::SecretName;
use model::status::State;
use practice::Change;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use support::{Fixture, OWNER};

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
