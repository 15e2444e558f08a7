//! Runs `connectorctl watch` with the address of a webhook in a file, against a real receiver, and `status` after a failure.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Child;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use model::monitor_settings::MonitorSettings;
use practice::Change;
use serde_json::Value;

use support::{Fixture, OWNER, over, run, stderr, stdout};

const KEY: &str = "a signing key of the receiver";
/// How often a test looks for what it waits for, every tenth of a second.
const LOOKS: usize = 1_200;

/// Ends a process when a test fails.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().unwrap_or_default();
        self.0.wait().ok();
    }
}

/// Starts a receiver that answers each request with `status`. Returns its address and what it receives.
fn receiver(status: u16) -> (String, Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/services/secret-path", listener.local_addr().unwrap());
    let (sender, received) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            serve(stream, status, &sender);
        }
    });
    (address, received)
}

fn serve(mut stream: TcpStream, status: u16, sender: &Sender<(String, Value)>) {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        if let Ok(json) = serde_json::from_str(body) {
            sender.send((head.to_ascii_lowercase(), json)).unwrap_or_default();
            write!(stream, "HTTP/1.1 {status} Status\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .unwrap_or_default();
            return;
        }
    }
}

fn secret(path: &Path, text: &str, mode: u32) -> String {
    std::fs::write(path, format!("{text}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    path.display().to_string()
}

/// Starts `watch` over the data folder `a` and makes Okta refuse the token once it runs.
async fn watch_and_break(fixture: &Fixture, args: &[&str]) -> Ended {
    let quick = MonitorSettings { heartbeat_s: 5, ..MonitorSettings::practice() };
    let inside = fixture.connector("a", chrono::TimeDelta::zero());
    inside.connections().join_practice(fixture.addresses());
    inside.settings().set_monitor(quick).await.unwrap();
    let args: Vec<&str> = ["watch", "--json"].iter().chain(args).copied().collect();
    let child = Ended(fixture.in_practice(&args, "a").spawn().unwrap());
    let mut looks = 0..LOOKS;
    while inside.connections().list().await.unwrap().iter().all(|view| view.report.is_none()) {
        assert!(looks.next().is_some(), "nothing was checked");
        fixture.clock().sleep(Duration::from_millis(100)).await;
    }
    fixture.practice.control().set(Change::Revoke { principal: OWNER.to_owned() });
    child
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_sends_alerts_to_a_webhook_whose_address_and_key_are_in_files() {
    let fixture = Fixture::new().await;
    let (address, received) = receiver(204);
    let files = [("address", address.as_str()), ("key", KEY)];
    let [address, key] = files.map(|(name, text)| secret(&fixture.path(name), text, 0o600));
    let child = watch_and_break(&fixture, &["--alert-webhook-file", &address, "--alert-key-file", &key]).await;
    let (head, body) =
        tokio::task::spawn_blocking(move || received.recv_timeout(Duration::from_secs(60)).unwrap()).await.unwrap();
    assert_eq!((&body["event"], &body["code"]), (&"worse".into(), &"token_refused".into()), "{body}");
    assert!(head.contains("okta-connector-signature: v1=") && head.contains("idempotency-key: "), "{head}");
    assert!(!body.to_string().contains("Practice"), "names are sent by choice only");
    drop(child);
    for entry in std::fs::read_dir(fixture.path("a")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("secret-path") && !text.contains(KEY), "nothing of the files is stored");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_alert_is_shown_by_watch_and_a_stored_channel_that_fails_by_status() {
    let fixture = Fixture::new().await;
    let (address, received) = receiver(410);
    // The channel is on in the stored settings too, as it is where the window set it up.
    let inside = fixture.connector("a", chrono::TimeDelta::zero());
    inside.connections().join_practice(fixture.addresses());
    let alerts = inside.alerts();
    alerts.store_secret(model::alert::AlertSecret::SlackUrl, address.clone().into()).await.unwrap();
    let on = model::alert::AlertChannelPatch { enabled: Some(true), ..Default::default() };
    alerts.change(model::alert::AlertSettingsPatch { slack: on, ..Default::default() }).await.unwrap();
    let file = secret(&fixture.path("address"), &address, 0o600);
    let child = watch_and_break(&fixture, &["--alert-slack-file", &file, "--alert-names"]).await;
    let (_, body) =
        tokio::task::spawn_blocking(move || received.recv_timeout(Duration::from_secs(60)).unwrap()).await.unwrap();
    assert!(body["text"].as_str().unwrap().contains("Practice: "), "{body}");
    let mut looks = 0..LOOKS;
    while alerts.failure().await.unwrap().is_none() {
        assert!(looks.next().is_some(), "no failure was stored");
        fixture.clock().sleep(Duration::from_millis(100)).await;
    }
    drop(child);
    let status = run(over(&["status"], &fixture.path("a"))).await;
    let text = stdout(&status);
    assert!(text.contains("Team alerts to 127.0.0.1 fail: 127.0.0.1 refused the alert (status 410)."), "{text}");
    let json = run(over(&["status", "--json"], &fixture.path("a"))).await;
    let json: Value = serde_json::from_str(&stdout(&json)).unwrap();
    assert_eq!(json["alerts_failing"][0]["failure"]["code"], "alert_refused", "{json}");
    assert_eq!(json["exit"], 2, "the connection's status alone decides the exit code");
}

#[tokio::test]
async fn a_file_that_others_can_read_or_that_is_no_address_is_refused() {
    let fixture = Fixture::new().await;
    let open = secret(&fixture.path("open"), "https://hooks.example.com/x", 0o644);
    let refused = run(fixture.in_practice(&["watch", "--alert-slack-file", &open], "a")).await;
    assert_eq!(
        (refused.status.code(), stderr(&refused).contains("chmod 600")),
        (Some(3), true),
        "{}",
        stderr(&refused)
    );
    let wrong = secret(&fixture.path("wrong"), "hooks.example.com/secret-path", 0o600);
    let refused = run(fixture.in_practice(&["watch", "--alert-slack-file", &wrong], "a")).await;
    let text = stderr(&refused);
    assert!(text.contains("[alert_address_invalid]") && !text.contains("secret-path"), "{text}");
    assert_eq!(refused.status.code(), Some(3));
}
