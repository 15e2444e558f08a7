//! Runs `connectorctl relay run` as a service manager does, against a practice organization.
#![cfg(unix)]

mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use practice::{Change, RefusedEvent, WebhookRules};
use serde_json::Value;

use support::{Fixture, OWNER, run, stderr, stdout};

/// Writes the two token files and returns the command that relays to the practice webhook.
fn relay(fixture: &Fixture, okta_token: &str, more: &[&str]) -> Command {
    let card = fixture.practice.card();
    let files = [("okta-token", okta_token), ("webhook-token", &card.radiant_events_token)];
    for (name, token) in files {
        private(&fixture.path(name), &format!("{token}\n"), 0o600);
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_connectorctl"));
    command.args(["relay", "run", "--practice", "--domain", &card.okta]);
    command.args(["--events-webhook", &card.radiant.events_webhook]);
    command.arg("--token-file").arg(fixture.path("okta-token"));
    command.arg("--webhook-token-file").arg(fixture.path("webhook-token"));
    command.arg("--state").arg(fixture.path("state")).args(more);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[expect(clippy::unwrap_used, reason = "tests")]
fn private(path: &Path, text: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn owner(fixture: &Fixture) -> String {
    fixture.practice.card().tokens.super_admin.clone()
}

/// Ends a child as a service manager does, and returns its output.
#[expect(clippy::unwrap_used, reason = "tests")]
fn terminate(child: Child) -> Output {
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    child.wait_with_output().unwrap()
}

#[tokio::test]
async fn everything_since_a_time_is_delivered_once_and_the_next_run_continues() {
    let fixture = Fixture::new().await;
    let control = fixture.practice.control();
    let all = ["--since", "2020-01-01T00:00:00Z", "--until-caught-up", "--log", "json"];
    let first = run(relay(&fixture, &owner(&fixture), &all)).await;
    let (text, errors) = (stdout(&first), stderr(&first));
    assert_eq!(first.status.code(), Some(0), "{text}{errors}");
    let summary: Value = serde_json::from_str(text.trim()).unwrap();
    assert_eq!(summary["phase"], "caught_up", "{summary}");
    let delivered = control.webhook_uuids();
    assert!(delivered.len() >= 400, "{} events", delivered.len());
    for line in errors.lines().skip(1) {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(event["level"].is_string() && event["target"].is_string(), "{line}");
    }
    let card = fixture.practice.card();
    for secret in [&card.tokens.super_admin, &card.radiant_events_token] {
        assert!(!text.contains(secret.as_str()) && !errors.contains(secret.as_str()), "no token is logged");
        assert!(!contains(&fixture.path("state"), secret), "no token is stored");
    }

    control.emit(25);
    let second = run(relay(&fixture, &owner(&fixture), &all)).await;
    assert_eq!(second.status.code(), Some(0), "{}", stderr(&second));
    let uuids = control.webhook_uuids();
    assert!(uuids.len() >= delivered.len() + 25);
    let distinct: std::collections::HashSet<_> = uuids.iter().collect();
    assert_eq!(distinct.len(), uuids.len(), "nothing is sent twice");
}

#[tokio::test]
async fn a_refusal_ends_a_run_until_caught_up_with_2_and_loses_nothing() {
    let fixture = Fixture::new().await;
    let all = ["--since", "2020-01-01T00:00:00Z", "--until-caught-up"];
    fixture.practice.control().set(Change::Revoke { principal: OWNER.to_owned() });
    let refused = run(relay(&fixture, &owner(&fixture), &all)).await;
    assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("token_refused"), "{}", stderr(&refused));
    fixture.practice.control().set(Change::Revive { principal: OWNER.to_owned() });
    let again = run(relay(&fixture, &owner(&fixture), &all)).await;
    assert_eq!(again.status.code(), Some(0), "{}", stderr(&again));
    assert!(fixture.practice.control().webhook_uuids().len() >= 400);
}

#[tokio::test]
async fn what_cannot_run_exits_with_3_and_a_sentence() {
    let fixture = Fixture::new().await;
    let refused = async |command: Command| {
        let output = run(command).await;
        assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
        stderr(&output)
    };
    let mut open = relay(&fixture, &owner(&fixture), &[]);
    private(&fixture.path("webhook-token"), "abc", 0o644);
    open.stdin(Stdio::null());
    assert!(refused(open).await.contains("chmod 600"));
    assert!(refused(relay(&fixture, "https://acme.okta.com", &[])).await.contains("token_is_address"));
    let mut real = relay(&fixture, &owner(&fixture), &[]);
    let args: Vec<_> = real.get_args().map(|arg| arg.to_owned()).collect();
    let org = "https://acme.okta.com";
    let okta = fixture.practice.card().okta.clone();
    real = Command::new(env!("CARGO_BIN_EXE_connectorctl"));
    real.args(args.iter().map(|arg| if arg.to_str() == Some(okta.as_str()) { org.as_ref() } else { arg.as_os_str() }));
    real.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    assert!(refused(real).await.contains("practice_not_here"), "practice switches no policy off for a real org");
    let public = relay(&fixture, &owner(&fixture), &["--metrics", "0.0.0.0:9187"]);
    assert!(refused(public).await.contains("loopback"));
    let mut other = relay(&fixture, &owner(&fixture), &["--until-caught-up"]);
    assert_eq!(run(other).await.status.code(), Some(0));
    other = relay(&fixture, &owner(&fixture), &[]);
    other.args(["--since", "yesterday"]);
    assert!(refused(other).await.contains("2026-11-01T00:00:00Z"));
    let moved = Fixture::new().await;
    let mut elsewhere = relay(&moved, &owner(&moved), &[]);
    elsewhere.arg("--language").arg("en");
    let state = fixture.path("state");
    let args: Vec<_> = elsewhere.get_args().map(|arg| arg.to_owned()).collect();
    let mut same_folder = Command::new(env!("CARGO_BIN_EXE_connectorctl"));
    let own = moved.path("state");
    same_folder.args(args.iter().map(|arg| if *arg == *own.as_os_str() { state.as_os_str() } else { arg.as_os_str() }));
    same_folder.stdout(Stdio::piped()).stderr(Stdio::piped());
    assert!(refused(same_folder).await.contains("relay of another org"));
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn the_service_manager_learns_of_start_life_and_end_and_metrics_are_served_on_loopback() {
    use std::os::unix::net::UnixDatagram;

    let fixture = Fixture::new().await;
    let socket = UnixDatagram::bind(fixture.path("notify")).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let mut command = relay(&fixture, &owner(&fixture), &["--metrics", &address, "--since", "2020-01-01T00:00:00Z"]);
    command.env("NOTIFY_SOCKET", fixture.path("notify")).env("WATCHDOG_USEC", "2000000");
    let child = command.spawn().unwrap();
    let control = fixture.practice.control();
    let steps = move || {
        let mut messages = Vec::new();
        let receive = |messages: &mut Vec<String>| {
            let mut bytes = [0; 512];
            let length = socket.recv(&mut bytes).unwrap();
            messages.push(String::from_utf8_lossy(&bytes[..length]).into_owned());
        };
        let alive = |messages: &[String]| messages.iter().filter(|one| *one == "WATCHDOG=1").count();
        while alive(&messages) < 3 || !messages.iter().any(|one| one.starts_with("STATUS=caught_up")) {
            receive(&mut messages);
        }
        assert_eq!(messages[0], "READY=1", "{messages:?}");
        let text = get(&address, "/metrics", &address);
        for line in
            ["okta_relay_phase{phase=\"caught_up\"} 1", "okta_relay_backlog_events 0", "okta_relay_dead_letters 0"]
        {
            assert!(text.contains(line), "{line}: {text}");
        }
        assert!(text.starts_with("HTTP/1.1 200") && text.contains("okta_relay_delay_seconds "), "{text}");
        let delivered = text.lines().find_map(|line| line.strip_prefix("okta_relay_events_delivered_total "));
        assert!(delivered.unwrap().parse::<f64>().unwrap() >= 400.0, "{delivered:?}");
        assert!(get(&address, "/metrics", "evil.example.com").starts_with("HTTP/1.1 403"));
        assert!(get(&address, "/", &address).starts_with("HTTP/1.1 404"));

        control.set(Change::Revoke { principal: OWNER.to_owned() });
        let output = terminate(child);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        while messages.last().is_none_or(|last| last != "STOPPING=1") {
            receive(&mut messages);
        }
    };
    tokio::task::spawn_blocking(steps).await.unwrap();
}

/// Runs `relay undeliverable` for the state of a fixture and returns what it printed.
async fn undeliverable(fixture: &Fixture, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connectorctl"));
    command.args(["relay", "undeliverable", "--state"]).arg(fixture.path("state")).args(more);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    run(command).await
}

#[tokio::test]
async fn undeliverable_events_are_listed_and_sent_again() {
    let fixture = Fixture::new().await;
    let control = fixture.practice.control();
    let none = undeliverable(&fixture, &[]).await;
    assert_eq!(none.status.code(), Some(3), "{}", stdout(&none));
    assert!(stderr(&none).contains("contains no relay") && !fixture.path("state").exists(), "{}", stderr(&none));
    let uuid = control.events()[7]["uuid"].as_str().unwrap().to_owned();
    let refused_events = vec![RefusedEvent { uuid: uuid.clone(), status: 422 }];
    control.set(Change::Webhook { rules: WebhookRules { refused_events, ..WebhookRules::default() } });
    let all = ["--since", "2020-01-01T00:00:00Z", "--until-caught-up"];
    let first = run(relay(&fixture, &owner(&fixture), &all)).await;
    assert_eq!(first.status.code(), Some(1), "{}", stderr(&first));
    let listed = undeliverable(&fixture, &[]).await;
    let text = stdout(&listed);
    assert_eq!((listed.status.code(), text.lines().count()), (Some(0), 1), "{text}");
    assert!(text.contains(&uuid) && text.contains("422") && text.contains("Radiant rejects it each time"), "{text}");
    assert!(!text.contains("eventType"), "the text of an event is personal data: {text}");
    control.set(Change::Webhook { rules: WebhookRules::default() });
    let again: Value =
        serde_json::from_str(&stdout(&undeliverable(&fixture, &["--send-again", "--json"]).await)).unwrap();
    assert_eq!(again, serde_json::json!({"undeliverable": [], "sent_again": 1}));
    let second = run(relay(&fixture, &owner(&fixture), &all)).await;
    assert_eq!(second.status.code(), Some(0), "{}", stderr(&second));
    assert!(control.webhook_uuids().contains(&uuid));
    assert_eq!(control.webhook().repeated, 0);
    assert!(stdout(&undeliverable(&fixture, &[]).await).contains("No undeliverable events"));
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn metrics_are_served_while_a_request_to_okta_hangs() {
    use practice::{Fault, FaultKind, Side};

    let fixture = Fixture::new().await;
    let control = fixture.practice.control();
    control.fault(Some(Fault::on(Side::Okta, FaultKind::Hang).at("/api/v1/logs")));
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let child = relay(&fixture, &owner(&fixture), &["--metrics", &address]).spawn().unwrap();
    let steps = move || {
        let has_asked = || control.counters().requests.get("okta /api/v1/logs").is_some_and(|count| *count > 0);
        while !has_asked() {
            std::thread::sleep(Duration::from_millis(20));
        }
        // A request to Okta ends after 35 seconds; an answer that waits for it is later than this.
        let text = get_within(&address, "/metrics", &address, Some(Duration::from_secs(30)));
        assert!(text.starts_with("HTTP/1.1 200") && text.contains("okta_relay_rate_limit_used_ratio "), "{text}");
        assert!(text.contains("okta_relay_requests_total{to=\"okta\"} 0"), "the first request still hangs: {text}");
        assert_eq!(terminate(child).status.code(), Some(0));
    };
    tokio::task::spawn_blocking(steps).await.unwrap();
}

/// Sends one request and returns the whole answer.
#[cfg(target_os = "linux")]
fn get(address: &str, path: &str, host: &str) -> String {
    get_within(address, path, host, None)
}

/// Sends one request and returns the whole answer, each part of which comes within a time.
#[cfg(target_os = "linux")]
#[expect(clippy::unwrap_used, reason = "tests")]
fn get_within(address: &str, path: &str, host: &str, time: Option<Duration>) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(time).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Tells whether any file of a folder contains a text.
#[expect(clippy::unwrap_used, reason = "tests")]
fn contains(folder: &Path, text: &str) -> bool {
    let files =
        std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap_or_default());
    files.into_iter().any(|bytes| bytes.windows(text.len()).any(|part| part == text.as_bytes()))
}
