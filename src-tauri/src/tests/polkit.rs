//! The polkit prompt over a real bus: each test starts a separate bus and, in place of polkit, `tests/polkit/authority.py`, which
//! implements polkit's reference in another language.
//!
//! Runs with `CONNECTOR_PRIVATE_DESKTOP=1`, which promises dbus and Python's dbus module; prints a line otherwise.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use messages::Messages;
use model::code::Code;
use model::preferences::Language;
use runtime::Clock;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::clipboard::CopyItem;
use crate::reauthentication::{Answer, Polkit, Purpose, Reauthentication, SystemPrompt as _};

const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/polkit/authority.py");
const POLICY: &str = include_str!("../../linux/ai.radiantsecurity.okta-connector.policy");
const MANIFEST: &str = include_str!("../../Cargo.toml");
const SPEC: &str = include_str!("../../linux/okta-connector-for-radiant.spec");

/// The configuration of a bus that starts no services.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"#;

/// A bus and an authority on it. Dropping it ends both.
struct Authority {
    folder: TempDir,
    bus: Child,
    authority: Child,
    address: String,
    calls: Receiver<String>,
}

impl Authority {
    /// Starts both, or reports that the test is skipped.
    fn start() -> Option<Self> {
        if std::env::var_os("CONNECTOR_PRIVATE_DESKTOP").is_none_or(|value| value != "1") {
            eprintln!("skipped: needs CONNECTOR_PRIVATE_DESKTOP=1, dbus-daemon and Python's dbus module");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let configuration = folder.path().join("bus.conf");
        std::fs::write(&configuration, BUS).unwrap();
        std::fs::write(folder.path().join("answer"), "allowed").unwrap();
        let configured = format!("--config-file={}", configuration.display());
        let (bus, address) =
            spawn_with_lines(Command::new("dbus-daemon").args([&configured, "--nofork", "--print-address=1"]));
        let address = address.recv_timeout(Duration::from_secs(20)).unwrap();
        let mut python = Command::new("/usr/bin/python3");
        let (authority, calls) =
            spawn_with_lines(python.arg(AUTHORITY).arg(&address).arg(folder.path().join("answer")));
        assert_eq!(calls.recv_timeout(Duration::from_secs(20)).as_deref(), Ok("ready"));
        Some(Self { folder, bus, authority, address, calls })
    }

    fn polkit(&self, answer: &str) -> Polkit {
        std::fs::write(self.folder.path().join("answer"), answer).unwrap();
        Polkit::on(self.address.clone())
    }

    fn call(&self) -> Value {
        serde_json::from_str(&self.calls.recv_timeout(Duration::from_secs(20)).unwrap()).unwrap()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        for child in [&mut self.authority, &mut self.bus] {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

/// Starts a program and returns the lines it prints.
fn spawn_with_lines(command: &mut Command) -> (Child, Receiver<String>) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let (sender, lines) = channel();
    let output = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    (child, lines)
}

fn english() -> Messages {
    Messages::load(Language::En)
}

async fn ask(polkit: &Polkit, purpose: Purpose) -> Answer {
    polkit.ask(purpose, &english(), &CancellationToken::new()).await
}

#[tokio::test]
async fn each_answer_of_polkit_is_recognized() {
    let Some(authority) = Authority::start() else { return };
    for (name, answer) in [
        ("allowed", Answer::Confirmed),
        ("refused", Answer::Refused),
        ("dismissed", Answer::Dismissed),
        ("no_agent", Answer::NoAgent),
    ] {
        let polkit = authority.polkit(name);
        assert_eq!(polkit.availability(Purpose::CopyToken).await, Ok(()), "{name}");
        let action = "ai.radiantsecurity.okta-connector.copy-token";
        assert_eq!(authority.call(), json!({"call": "check", "action": action, "asks": false}), "nobody is asked yet");
        assert_eq!(ask(&polkit, Purpose::CopyToken).await, answer, "{name}");
        assert_eq!(authority.call(), json!({"call": "check", "action": action, "asks": true}));
    }
    let polkit = authority.polkit("allowed");
    assert_eq!(ask(&polkit, Purpose::StopAsking).await, Answer::Confirmed);
    assert_eq!(authority.call()["action"], json!("ai.radiantsecurity.okta-connector.stop-asking"));
}

#[tokio::test]
async fn a_prompt_is_canceled_when_the_app_stops_waiting() {
    let Some(authority) = Authority::start() else { return };
    let polkit = authority.polkit("slow");
    let stop = CancellationToken::new();
    let messages = english();
    let stopping = async {
        while authority.calls.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    let (answer, ()) = tokio::join!(polkit.ask(Purpose::CopyToken, &messages, &stop), stopping);
    assert_eq!(answer, Answer::Cancelled);
    assert_eq!(authority.call(), json!({"call": "cancel", "found": true}));
}

#[tokio::test]
async fn a_prompt_that_nobody_answers_times_out_and_is_closed() {
    let Some(authority) = Authority::start() else { return };
    let polkit = Box::new(authority.polkit("slow"));
    let reauthentication = Reauthentication::new(polkit, Clock::system(), Duration::from_secs(2), Box::new(drop));
    let refused = reauthentication.permit_copy(CopyItem::ApiToken, true, &english()).await.unwrap_err();
    assert_eq!(refused.code, Code::ReauthenticationTimedOut);
    let calls: Vec<_> = (0..3).map(|_| authority.call()["call"].clone()).collect();
    assert_eq!(calls, [json!("check"), json!("check"), json!("cancel")]);
}

#[tokio::test]
async fn the_reason_why_polkit_cannot_ask_is_recognized_before_anybody_is_asked() {
    let Some(mut authority) = Authority::start() else { return };
    let why = |polkit: Polkit| async move { polkit.availability(Purpose::CopyToken).await };
    assert_eq!(why(authority.polkit("unknown")).await, Err(Code::ReauthenticationNotInstalled));
    assert_eq!(why(authority.polkit("never_asks")).await, Err(Code::ReauthenticationNeverAsks));
    assert_eq!(why(authority.polkit("allowed")).await, Ok(()));
    authority.authority.kill().unwrap();
    authority.authority.wait().unwrap();
    assert_eq!(why(authority.polkit("allowed")).await, Err(Code::ReauthenticationMissing));
    assert_eq!(ask(&authority.polkit("allowed"), Purpose::CopyToken).await, Answer::Unavailable);
    let nowhere = || Polkit::on("unix:path=/no/such/bus".to_owned());
    assert_eq!(why(nowhere()).await, Err(Code::ReauthenticationMissing));
    assert_eq!(ask(&nowhere(), Purpose::CopyToken).await, Answer::Unavailable);
}

#[test]
fn the_rule_requires_the_persons_own_password_each_time_in_both_languages_and_is_packaged() {
    for action in ["copy-token", "stop-asking", "run-action"] {
        let id = format!("<action id=\"ai.radiantsecurity.okta-connector.{action}\">");
        let rule = POLICY.split(&id).nth(1).unwrap().split("</action>").next().unwrap();
        for who in ["any", "inactive", "active"] {
            assert!(rule.contains(&format!("<allow_{who}>auth_self</allow_{who}>")), "{action} {who}");
        }
        for text in ["<description>", "<description xml:lang=\"de\">", "<message>", "<message xml:lang=\"de\">"] {
            assert!(rule.contains(text), "{action} {text}");
        }
    }
    let packaged = "src-tauri/linux/ai.radiantsecurity.okta-connector.policy\", dest = ";
    let places: Vec<&str> = MANIFEST.split(packaged).skip(1).filter_map(|rest| rest.split('"').nth(1)).collect();
    assert_eq!(places, ["usr/share/polkit-1/actions/"], "the .deb");
    assert!(SPEC.lines().any(|line| line == "/usr/share/polkit-1/actions/*"), "the .rpm has the files of the .deb");
}
