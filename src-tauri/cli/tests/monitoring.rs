//! `connectorctl status`, `watch` and `connections` as a script meets them, against a practice organisation.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use connector::{Connector, ConnectorConfig, PracticeAddresses};
use http_client::HttpSettings;
use model::connection::Keep;
use model::monitor_settings::MonitorSettings;
use model::monitor::ProbeKind;
use model::radiant::RadiantSearch;
use model::secret::SecretName;
use model::status::State;
use practice::{Change, Options, Practice};
use runtime::Clock;
use secrets::Keychain;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

const OWNER: &str = "super_admin";

/// A practice organisation whose Radiant reads, its card on disk, and a data folder.
struct Desk {
    practice: Practice,
    folder: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        let practice = Practice::start(Options::default()).await.unwrap();
        practice.control().credential(Some(practice.card().tokens.super_admin.clone()));
        while practice.control().counters().radiant_has == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("card.json"), serde_json::to_string(practice.card()).unwrap()).unwrap();
        Self { practice, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command in practice, over the data folder `name`.
    fn practised(&self, args: &[&str], name: &str) -> Command {
        let mut command = over(args, &self.path(name));
        command.arg("--practice-card").arg(self.path("card.json"));
        command
    }

    /// A connector of this process over the same data folder, its clock off by `offset`.
    fn connector(&self, name: &str, offset: chrono::TimeDelta) -> Connector {
        let start = ConnectorConfig {
            data_dir: self.path(name),
            keychain: Keychain::memory(),
            web: HttpSettings::default(),
            clock: Clock::offset(offset),
            operator: "admin".to_owned(),
            policy: None,
        };
        Connector::open(start).unwrap()
    }

    fn addresses(&self) -> PracticeAddresses {
        let card = self.practice.card();
        PracticeAddresses {
            okta: card.okta.clone(),
            radiant_search: card.radiant.search.clone(),
            radiant_docs: card.radiant.docs.clone(),
        }
    }
}

fn over(args: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connectorctl"));
    command.args(args).arg("--data-dir").arg(folder).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complained(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn status_tells_what_a_look_found_and_goes_on_telling_it() {
    let desk = Desk::new().await;
    let looked = run(desk.practised(&["status", "--look"], "a")).await;
    let (text, errors) = (said(&looked), complained(&looked));
    let first = text.lines().next().unwrap();
    assert!(errors.contains("PRACTICE"), "{errors}");
    assert_eq!(looked.status.code(), Some(0), "{text}{errors}");
    assert!(first.starts_with("OK - Practice: ") && first.contains(" | ") && first.contains("age="), "{first}");
    assert!(text.lines().nth(1).unwrap().starts_with("OK Practice (http://127.0.0.1:"), "{text}");

    let control = desk.practice.control();
    control.set(Change::Revoke { principal: OWNER.to_owned() });
    let before = desk.practice.control().counters().requests;
    let kept = run(over(&["status"], &desk.path("a"))).await;
    assert_eq!(kept.status.code(), Some(0), "what was kept is told: {}", said(&kept));
    assert_eq!(before["okta /api/v1/users/me"], control.counters().requests["okta /api/v1/users/me"]);

    let seen = run(desk.practised(&["status", "Practice", "--look", "--json"], "a")).await;
    let seen_json: Value = serde_json::from_str(&said(&seen)).unwrap();
    assert_eq!(seen.status.code(), Some(2), "{seen_json}");
    assert_eq!((&seen_json["word"], &seen_json["exit"]), (&json!("CRITICAL"), &json!(2)));
    assert_eq!(seen_json["connections"][0]["problem"]["code"], "token_refused");
    let told = run(over(&["status", "--language", "de"], &desk.path("a"))).await;
    assert_eq!(told.status.code(), Some(2));
    assert!(said(&told).starts_with("CRITICAL - Practice: "), "{}", said(&told));
    let tokens = [&desk.practice.card().tokens.super_admin, &desk.practice.card().radiant_search_token];
    for output in [&looked, &kept, &seen, &told] {
        assert!(tokens.iter().all(|token| !format!("{output:?}").contains(token.as_str())), "no token is printed");
    }
}

#[tokio::test]
async fn old_news_is_unknown_and_so_is_nothing_at_all() {
    let desk = Desk::new().await;
    let none = run(over(&["status"], &desk.path("empty"))).await;
    assert_eq!((none.status.code(), said(&none).starts_with("UNKNOWN - ")), (Some(3), true), "{}", said(&none));
    let unknown = run(over(&["status", "nobody"], &desk.path("empty"))).await;
    assert_eq!(unknown.status.code(), Some(3));
    let shown = said(&unknown);
    assert!(
        shown.starts_with("UNKNOWN - ") && shown.contains("[connection_unknown]"),
        "read from standard output: {shown}"
    );

    for (minutes, code) in [(-20, 0), (-40, 3)] {
        let name = format!("looked{minutes}");
        let connector = desk.connector(&name, chrono::TimeDelta::minutes(minutes));
        let id = connector.begin_practice(desk.addresses(), "Practice".to_owned()).await.unwrap().connection.id;
        let token = desk.practice.card().tokens.super_admin.clone().into();
        connector.store_secret(&id, SecretName::OktaToken, token, false).await.unwrap();
        connector.finish_setup(&id, Keep::Token).await.unwrap();
        connector
            .look_now(&id, ProbeKind::Full, connector::Audience::AWAY, &CancellationToken::new())
            .await
            .unwrap()
            .unwrap();
        connector.confirm(&id, model::guide::Confirmable::OwnerIsServiceAccount, true).await.unwrap();
        let old = run(over(&["status"], &desk.path(&name))).await;
        // The shifted clock itself wants attention; that the news is too old weighs here.
        let exit = old.status.code().unwrap();
        assert_eq!(exit == 3, code == 3, "{minutes}: {}", said(&old));
        assert_eq!(said(&old).contains("monitoring may not be running"), code == 3, "{}", said(&old));
    }
}

#[tokio::test]
async fn a_connection_that_keeps_nothing_is_told_as_a_choice_and_warns_of_nothing() {
    let desk = Desk::new().await;
    assert_eq!(run(desk.practised(&["status", "--look"], "a")).await.status.code(), Some(0));
    let window = desk.connector("a", chrono::TimeDelta::zero());
    let id = window.connections().await.unwrap()[0].connection.id.clone();
    window.finish_setup(&id, Keep::Nothing).await.unwrap();
    for args in [&["status", "--json"][..], &["status", "--look", "--json"]] {
        let status = run(over(args, &desk.path("a"))).await;
        let told: Value = serde_json::from_str(&said(&status)).unwrap();
        let one = &told["connections"][0];
        assert_eq!((status.status.code(), &told["word"]), (Some(0), &json!("OK")), "{told}");
        assert_eq!((&one["state"], &one["arrival_verified"]), (&json!("unwatched"), &json!(false)), "{told}");
        assert_eq!(one["text"], "Not watched, as you chose");
        assert!(
            one["since"].is_string() && one["as_of"].is_string(),
            "since when, and from when the figures are: {one}"
        );
    }
    // The way back that the window offers: a read-only token of its own.
    let token = desk.practice.card().tokens.read_only.clone().into();
    window.store_secret(&id, SecretName::MonitoringToken, token, false).await.unwrap();
    let view = window.finish_setup(&id, Keep::MonitoringToken).await.unwrap();
    assert_ne!(view.status.state, State::Unwatched);
    assert_eq!(window.due(&id).await.unwrap(), Some(ProbeKind::Full), "it is watched again, with every check first");
}

#[tokio::test]
async fn a_reminder_is_told_beside_the_status_and_does_not_change_it() {
    let desk = Desk::new().await;
    assert_eq!(run(desk.practised(&["status", "--look"], "a")).await.status.code(), Some(0));
    // Ten days ago somebody switched the notices off.
    let then = desk.connector("a", chrono::TimeDelta::days(-10));
    let silent = MonitorSettings { notices: false, ..MonitorSettings::default() };
    then.set_monitor_settings(silent).await.unwrap();
    let status = run(over(&["status", "--json"], &desk.path("a"))).await;
    let told: Value = serde_json::from_str(&said(&status)).unwrap();
    let reminders = &told["connections"][0]["reminders"];
    assert_eq!((status.status.code(), &told["word"]), (Some(0), &json!("OK")), "{told}");
    assert_eq!((reminders.as_array().unwrap().len(), &reminders[0]["kind"]), (1, &json!("notices_off")), "{told}");
    assert!(!reminders[0]["title"].as_str().unwrap().contains('{'), "{reminders}");
    let shown = run(over(&["connections", "show", "Practice"], &desk.path("a"))).await;
    assert!(said(&shown).contains("Reminder: Notifications have been switched off since "), "{}", said(&shown));
}

#[tokio::test]
async fn watch_prints_each_change_once_until_it_is_asked_to_end() {
    let desk = Desk::new().await;
    let quick = MonitorSettings { heartbeat_s: 5, ..MonitorSettings::practice() };
    let inside = desk.connector("a", chrono::TimeDelta::zero());
    inside.join_practice(desk.addresses());
    inside.set_monitor_settings(quick).await.unwrap();
    let mut child = desk.practised(&["watch", "--json"], "a").spawn().unwrap();
    let (tell, told) = std::sync::mpsc::channel::<Value>();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            tell.send(serde_json::from_str(&line).unwrap()).unwrap_or_default();
        }
    });
    let control = desk.practice.control();
    let steps = move || {
        let first = told.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!((&first["state"], &first["before"]), (&json!("ok"), &Value::Null), "{first}");
        control.set(Change::Revoke { principal: OWNER.to_owned() });
        let second = told.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!((&second["state"], &second["before"]), (&json!("stopped"), &json!("ok")), "{second}");
        assert_eq!((&second["code"], &second["exit"]), (&json!("token_refused"), &json!(2)));
        // Windows has no such question for a process that shares this one's console; there it is killed.
        if cfg!(unix) {
            assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
            assert_eq!(child.wait().unwrap().code(), Some(0));
        } else {
            child.kill().unwrap();
            assert!(!child.wait().unwrap().success());
        }
        assert!(told.recv().is_err(), "nothing more was told");
    };
    tokio::task::spawn_blocking(steps).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_and_the_window_share_one_store_and_a_killed_one_leaves_no_lock() {
    let desk = Desk::new().await;
    let window = desk.connector("a", chrono::TimeDelta::zero());
    window.join_practice(desk.addresses());
    let quick = MonitorSettings { heartbeat_s: 5, ..MonitorSettings::practice() };
    window.set_monitor_settings(quick).await.unwrap();
    let mut child = desk.practised(&["watch", "--json"], "a").spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told = move || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(told()["state"], "ok");
    let id = window.connections().await.unwrap().remove(0).connection.id;
    // The window's keychain of this test begins empty; the real one is shared.
    let token: secrecy::SecretString = desk.practice.card().tokens.super_admin.clone().into();
    window.store_secret(&id, SecretName::OktaToken, token, false).await.unwrap();
    let search: secrecy::SecretString = desk.practice.card().radiant_search_token.clone().into();
    window.store_secret(&id, SecretName::RadiantSearchToken, search, false).await.unwrap();

    // What the window's look finds, `watch` prints; what `watch` finds, the window shows.
    let (control, cancel) = (desk.practice.control(), CancellationToken::new());
    control.set(Change::Revoke { principal: OWNER.to_owned() });
    let mut seen = None;
    while seen.is_none() {
        seen = window.look_now(&id, ProbeKind::Heartbeat, connector::Audience::AWAY, &cancel).await.unwrap();
    }
    let stopped = told();
    assert_eq!((&stopped["state"], &stopped["code"]), (&json!("stopped"), &json!("token_refused")), "{stopped}");
    control.set(Change::Revive { principal: OWNER.to_owned() });
    let again = told();
    assert_eq!(again["state"], "ok", "{again}");
    assert_eq!(window.connection(&id).await.unwrap().status.state, State::Ok);

    // While one looks, the other does not; the one that looks is killed in the middle of it.
    control.set(Change::Latency { ms: 60_000 });
    let folder = desk.path("a");
    let lock = || std::fs::File::open(folder.join(format!("connection-{}.lock", id.0))).unwrap();
    while lock().try_lock().is_ok() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(
        window.look_now(&id, ProbeKind::Heartbeat, connector::Audience::AWAY, &cancel).await.unwrap().is_none(),
        "one process at a time"
    );
    child.kill().unwrap();
    assert_ne!(child.wait().unwrap().code(), Some(0));
    control.set(Change::Latency { ms: 0 });
    let after = window.look_now(&id, ProbeKind::Heartbeat, connector::Audience::AWAY, &cancel).await.unwrap();
    assert_eq!(after.expect("a stale lock").after.state, State::Ok);
}

#[tokio::test]
async fn connections_are_carried_over_without_trust_and_removed_by_name() {
    let desk = Desk::new().await;
    let search = RadiantSearch::default().url;
    let document = json!({"app": "okta-connector-for-radiant", "format": 1, "connections": [
        {"name": "acme", "domain": "acme.okta.com", "profile": "ingestion", "radiant": {"url": search, "index": "raw"}},
        {"name": "globex", "domain": "globex.oktapreview.com"},
    ]});
    std::fs::write(desk.path("in.json"), document.to_string()).unwrap();
    let file = |name: &str| desk.path(name).display().to_string();
    let import = |from: &str, into: &str| run(over(&["connections", "import", &file(from)], &desk.path(into)));
    let added = import("in.json", "a").await;
    assert_eq!(added.status.code(), Some(0), "{}", complained(&added));
    let exported = run(over(&["connections", "export", &file("out.json")], &desk.path("a"))).await;
    assert_eq!(exported.status.code(), Some(0), "{}", complained(&exported));
    let again = import("out.json", "b").await;
    assert!(said(&again).contains("acme") && said(&again).contains("globex"), "{}", said(&again));
    assert!(said(&import("in.json", "b").await).contains("already here, skipped: acme (acme.okta.com)"));

    let shown = run(over(&["connections", "show", "acme", "--json"], &desk.path("b"))).await;
    let view: Value = serde_json::from_str(&said(&shown)).unwrap();
    assert_eq!(view["connection"]["origin"], Value::Null, "no origin is believed");
    assert_eq!((&view["setup"]["step"], &view["setup"]["typed_domain"]), (&json!("domain"), &json!("acme.okta.com")));
    assert_eq!((&view["connection"]["radiant"]["index"], &view["secrets"]), (&json!("raw"), &json!([])));

    let to_do: Vec<_> = view["to_do"].as_array().unwrap().iter().map(|one| one["step"].as_str().unwrap()).collect();
    let steps = ["domain", "create_token", "paste_token", "credential", "data_connector", "arrival", "done"];
    assert_eq!(to_do, steps, "reading alone needs no action connector");
    assert_eq!((&view["to_do"][0]["number"], view["setup"]["imported"].is_string()), (&json!(2), true));
    let text = said(&run(over(&["connections", "show", "acme"], &desk.path("b"))).await);
    for told in
        ["Imported on 2", "not confirmed: acme.okta.com", "no secret came with it", "2. Okta domain: ", "9. Done: "]
    {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(!text.contains("ui.step") && !text.contains("cli.to_do"), "{text}");

    std::fs::write(desk.path("newer.json"), document.to_string().replace("\"format\":1", "\"format\":9")).unwrap();
    let newer = import("newer.json", "b").await;
    assert_eq!(newer.status.code(), Some(3));
    assert!(complained(&newer).contains("[import_newer]"), "{}", complained(&newer));

    let unsure = run(desk.practised(&["connections", "remove", "Practice"], "b")).await;
    assert_eq!(unsure.status.code(), Some(3), "clap wants --yes");
    let removed = run(desk.practised(&["connections", "remove", "Practice", "--yes"], "b")).await;
    assert_eq!(removed.status.code(), Some(0), "{}", complained(&removed));
    let list = run(over(&["connections", "list", "--json"], &desk.path("b"))).await;
    let names: Vec<Value> =
        said(&list).lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["name"].clone()).collect();
    assert_eq!(names, [json!("acme"), json!("globex")]);
}

#[cfg(unix)]
#[tokio::test]
async fn diagnostics_are_the_owners_alone_and_hold_no_token_and_no_name() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new().await;
    let tokens = &desk.practice.card().tokens;
    assert_eq!(run(desk.practised(&["status", "--look"], "a")).await.status.code(), Some(0));
    let logs = desk.path("logs");
    std::fs::create_dir(&logs).unwrap();
    let line = format!("{{\"message\":\"SSWS {} for jo@example.com at 203.0.113.7\"}}\n", tokens.super_admin);
    std::fs::write(logs.join("okta-connector.2026-11-24.log"), line).unwrap();
    let (file, logs) = (desk.path("bundle.json").display().to_string(), logs.display().to_string());
    let wrote = run(over(&["diagnostics", &file, "--log-dir", &logs], &desk.path("a"))).await;
    assert_eq!(wrote.status.code(), Some(0), "{}", complained(&wrote));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&file).unwrap();
    let bundle: Value = serde_json::from_str(&text).unwrap();
    let said = bundle["log"][0].as_str().unwrap();
    assert!(said.contains("SSWS [removed] for person-") && said.contains("at address-1"), "{said}");
    assert_eq!(bundle["connections"][0]["status"]["state"], "ok");
    assert!(!text.contains(&tokens.super_admin) && !text.contains("@"), "{text}");
    let kept = run(over(&["diagnostics", "--keep-people", "--log-dir", &logs], &desk.path("a"))).await;
    assert!(String::from_utf8_lossy(&kept.stdout).contains("jo@example.com"));
}
