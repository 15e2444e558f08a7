//! The organization's policy: when its file is trusted, and that its values take precedence over the settings.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};

use connector::paths::PolicyPlace;
use connector::{Connector, ConnectorConfig, PracticeAddresses};
use http_client::HttpSettings;
use model::code::Code;
use model::diagnostics_options::{RedactionOptions, RuntimeInfo};
use model::monitor_settings::MonitorSettings;
use model::policy::{Policy, PolicyState, PolicyView};
use runtime::Clock;
use secrets::Keychain;
use serde_json::{Value, json};

/// A data folder, and a policy file that the account of the tests may write in place of root.
struct PolicyFixture {
    folder: tempfile::TempDir,
}

impl PolicyFixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("etc")).unwrap();
        Self { folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("etc/policy.json")
    }

    fn connector(&self) -> Connector {
        Connector::open(ConnectorConfig {
            data_dir: self.folder.path().join("data"),
            keychain: Keychain::memory(),
            http: HttpSettings::default(),
            clock: Clock::system(),
            operator: "admin".to_owned(),
            policy: Some(PolicyPlace { file: self.file(), owner: owner(self.folder.path()) }),
        })
        .unwrap()
    }

    fn fixes(&self, policy: &Value) {
        std::fs::write(self.file(), policy.to_string()).unwrap();
        #[cfg(unix)]
        mode(&self.file(), 0o644);
    }
}

/// Returns the account that runs the tests.
#[cfg(unix)]
fn owner(folder: &Path) -> Option<u32> {
    Some(std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(folder).unwrap()))
}

/// On other systems write access is not checked.
#[cfg(not(unix))]
fn owner(_: &Path) -> Option<u32> {
    None
}

#[cfg(unix)]
fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn a_fixed_value_applies_without_a_restart_and_the_stored_one_returns_afterwards() {
    let fixture = PolicyFixture::new();
    let connector = fixture.connector();
    assert_eq!(connector.settings().policy().await.unwrap().standing, PolicyState::Absent);
    let own = MonitorSettings { heartbeat_s: 120, full_s: 3_600, notices: false, ..MonitorSettings::default() };
    let kept = connector.settings().set_monitor(own.clone()).await.unwrap();
    assert!(kept.notices_off_since.is_some(), "since when notices are off is noted");
    assert!(kept.probes_changed.is_some(), "when the intervals were changed is noted");
    assert_eq!(MonitorSettings { notices_off_since: None, probes_changed: None, ..kept }, own);

    fixture.fixes(&json!({"format": 1, "heartbeat_s": 900, "notices": true}));
    let shown = connector.settings().monitor().await.unwrap();
    assert_eq!((shown.heartbeat_s, shown.full_s, shown.notices), (900, 3_600, true));
    let wanted = MonitorSettings { heartbeat_s: 3_600, full_s: 7_200, notices: false, ..shown };
    let answered = connector.settings().set_monitor(wanted).await.unwrap();
    assert_eq!((answered.heartbeat_s, answered.full_s, answered.notices), (900, 7_200, true));
    assert_eq!(connector.settings().monitor().await.unwrap(), answered);
    let exported: Value = serde_json::from_str(&connector.connections().export().await.unwrap()).unwrap();
    assert_eq!(exported["monitor"]["heartbeat_s"], 120, "another computer's policy is its own");

    std::fs::remove_file(fixture.file()).unwrap();
    let back = connector.settings().monitor().await.unwrap();
    assert_eq!((back.heartbeat_s, back.full_s, back.notices), (120, 7_200, false));
}

#[tokio::test]
async fn response_actions_are_off_where_the_policy_forbids_them() {
    let (fixture, id) = (PolicyFixture::new(), model::connection::ConnectionId("one".to_owned()));
    fixture.fixes(&json!({"format": 1, "response_actions": false}));
    let connector = fixture.connector();
    assert_eq!(connector.actions().token_state(&id).await, Ok(model::action::TokenForActions::Forbidden));
    assert_eq!(connector.actions().find_users(&id, "x").await.unwrap_err().code, Code::ActionsForbidden);
}

#[tokio::test]
async fn reauthentication_cannot_be_turned_off_when_it_is_fixed() {
    let fixture = PolicyFixture::new();
    let connector = fixture.connector();
    fixture.fixes(&json!({"format": 1, "ask_before_copying": true}));
    assert!(connector.settings().set_asks_before_copying(false).await.unwrap());
    assert!(connector.settings().asks_before_copying().await.unwrap());
    fixture.fixes(&json!({"format": 1}));
    assert!(
        connector.settings().asks_before_copying().await.unwrap(),
        "what could not be chosen was not kept for later"
    );
    assert!(!connector.settings().set_asks_before_copying(false).await.unwrap());
    fixture.fixes(&json!({"format": 1, "ask_before_copying": true}));
    assert!(connector.settings().asks_before_copying().await.unwrap(), "an older choice does not stand against it");
    fixture.fixes(&json!({"format": 1, "ask_before_copying": false}));
    assert!(!connector.settings().asks_before_copying().await.unwrap());
}

#[tokio::test]
async fn launch_at_login_is_as_fixed_or_else_as_wanted() {
    let fixture = PolicyFixture::new();
    let connector = fixture.connector();
    assert!(connector.settings().launches_at_login(true).await.unwrap());
    for fixed in [true, false] {
        fixture.fixes(&json!({"format": 1, "launch_at_login": fixed}));
        assert_eq!(connector.settings().launches_at_login(!fixed).await.unwrap(), fixed);
    }
}

#[tokio::test]
async fn a_file_that_is_not_trusted_applies_only_the_strict_values() {
    let fixture = PolicyFixture::new();
    let connector = fixture.connector();
    let own = connector.settings().monitor().await.unwrap();
    std::fs::write(fixture.file(), "{\"format\": 1, \"heartbeat_s\": 900, \"ask_before_copying\": false").unwrap();
    #[cfg(unix)]
    mode(&fixture.file(), 0o644);
    let view = connector.settings().policy().await.unwrap();
    assert_eq!(view.problem.unwrap().code, Code::PolicyGarbled);
    assert_eq!(view.fixed, Policy::fail_safe());
    assert_eq!(connector.settings().monitor().await.unwrap(), own);
    assert!(connector.settings().asks_before_copying().await.unwrap());
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_others_can_change_is_not_trusted_until_they_cannot() {
    let fixture = PolicyFixture::new();
    let connector = fixture.connector();
    fixture.fixes(&json!({"format": 1, "ask_before_copying": false, "contact": "call me"}));
    mode(&fixture.file(), 0o666);
    let view = connector.settings().policy().await.unwrap();
    let problem = view.problem.unwrap();
    assert_eq!((problem.code, view.standing), (Code::PolicyUntrusted, PolicyState::NotBelieved));
    assert!(problem.args["path"].ends_with("etc/policy.json"), "{problem:?}");
    assert_eq!(view.fixed.contact, None, "what somebody else wrote is not shown");
    assert!(connector.settings().asks_before_copying().await.unwrap());
    mode(&fixture.file(), 0o644);
    assert!(!connector.settings().asks_before_copying().await.unwrap());
    mode(fixture.file().parent().unwrap(), 0o777);
    assert!(connector.settings().asks_before_copying().await.unwrap());
}

#[tokio::test]
async fn practice_has_no_policy() {
    let fixture = PolicyFixture::new();
    let connector = fixture.connector();
    fixture.fixes(&json!({"format": 1, "heartbeat_s": 900, "relay": false}));
    let nowhere = "http://127.0.0.1:9".to_owned();
    let at = PracticeAddresses { okta: nowhere.clone(), radiant_search: nowhere.clone(), radiant_docs: nowhere };
    connector.connections().join_practice(at);
    assert_eq!(connector.settings().policy().await.unwrap(), PolicyView::default());
    assert_eq!(connector.settings().monitor().await.unwrap(), MonitorSettings::practice());
}

#[tokio::test]
async fn the_diagnostics_bundle_contains_the_policy_without_its_contact() {
    let fixture = PolicyFixture::new();
    let connector = fixture.connector();
    fixture.fixes(&json!({"format": 1, "heartbeat_s": 900, "contact": "Jo Doe, 4711", "jo@example.com": 1}));
    let running = RuntimeInfo { version: "1".to_owned(), os: "an os".to_owned(), web_view: None, log: String::new() };
    let bundle = connector.reports().diagnostics(&running, RedactionOptions::default()).await.unwrap();
    let parsed: Value = serde_json::from_str(&bundle).unwrap();
    assert_eq!(parsed["policy"]["standing"], "believed");
    assert_eq!(
        (&parsed["policy"]["fixed"]["heartbeat_s"], &parsed["settings"]["heartbeat_s"]),
        (&json!(900), &json!(900))
    );
    assert_eq!(parsed["policy"]["fixed"]["contact"], true);
    assert!(!bundle.contains("Jo Doe") && !bundle.contains("jo@"), "{bundle}");
}
