//! A changed audit: it is not sealed again until the change is acknowledged, and never without a trace.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::Path;

use connector::{Connector, ConnectorConfig};
use http_client::HttpSettings;
use model::action::ActionKind;
use model::action_audit::{AuditFormat, AuditVerification, ChainState};
use model::action_run::{ActionOutcome, ActionRun};
use model::code::Code;
use practice::Options;
use practice::fixture_users::{DIRECTORY, MIRA};
use runtime::Clock;
use secrets::Keychain;

use support::test_connection::START;
use support::{TestConnection, addresses};

/// The reason of an entry, and the same length with another meaning.
const REASON: (&str, &str) = ("suspicious sign-in", "approved by Jo Doe");

async fn story(keychain: &Keychain) -> TestConnection {
    let start = START.parse().unwrap();
    let options = Options { starts_at: Some(start), events_per_second: 0.0, ..Options::default() };
    let story = TestConnection::keeping(options, Clock::manual(start), HttpSettings::default(), keychain.clone()).await;
    story.respond_with(&story.practice.card().tokens.super_admin.clone()).await;
    story
}

/// Closes the app, replaces a text in the file of its database as often as it is there, and opens the app again.
async fn with_changed_file(story: TestConnection, keychain: &Keychain, (from, to): (&str, &str)) -> TestConnection {
    let TestConnection { practice, connector, id, clock, folder } = story;
    drop(connector);
    let file = folder.path().join("connector.db");
    let changed = replaced(&std::fs::read(&file).unwrap(), from.as_bytes(), to.as_bytes());
    assert!(!Path::new(&format!("{}-wal", file.display())).exists(), "the database is closed");
    std::fs::write(&file, changed).unwrap();
    let config = ConnectorConfig {
        data_dir: folder.path().to_owned(),
        keychain: keychain.clone(),
        http: HttpSettings::default(),
        clock: clock.clone(),
        operator: "admin".to_owned(),
        policy: None,
    };
    let connector = Connector::open(config).unwrap();
    connector.connections().join_practice(addresses(&practice));
    let story = TestConnection { practice, connector, id, clock, folder };
    story.respond_with(&story.practice.card().tokens.super_admin.clone()).await;
    story
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len(), "a record keeps its length");
    let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    assert!(!places.is_empty(), "the text is in the file");
    let mut bytes = bytes.to_vec();
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

async fn verified(story: &TestConnection) -> AuditVerification {
    story.connector.actions().verify_audit(&story.id).await.unwrap()
}

async fn end_sessions(story: &TestConnection, login: &str) -> ActionRun {
    let preview = story.preview(ActionKind::EndSessions, &[login]).await.unwrap();
    story.approve(&preview).await.unwrap()
}

#[tokio::test]
async fn a_changed_audit_is_not_sealed_again() {
    let keychain = Keychain::memory();
    let story = story(&keychain).await;
    assert!(end_sessions(&story, MIRA.login).await.is_sealed);
    let sealed = verified(&story).await;
    assert_eq!((sealed.state, sealed.sealed), (ChainState::Intact, sealed.rows));

    let story = with_changed_file(story, &keychain, REASON).await;
    assert_eq!(verified(&story).await.state, ChainState::Changed);
    let run = end_sessions(&story, DIRECTORY.login).await;
    assert_eq!((run.outcome, run.is_sealed), (ActionOutcome::Done, false), "it is done and recorded, and not sealed");
    let after = verified(&story).await;
    assert_eq!((after.state, after.changed_row, after.sealed), (ChainState::Changed, Some(1), 0));

    // With the row as it was, the seal is still the one of the first run.
    let story = with_changed_file(story, &keychain, (REASON.1, REASON.0)).await;
    let restored = verified(&story).await;
    assert_eq!((restored.state, restored.sealed), (ChainState::NotSealedYet, sealed.rows));
}

#[tokio::test]
async fn an_acknowledged_change_is_sealed_and_named_from_then_on() {
    let keychain = Keychain::memory();
    let story = story(&keychain).await;
    let actions = story.connector.actions();
    end_sessions(&story, MIRA.login).await;
    let unchanged = actions.acknowledge_audit(&story.id, "just in case").await.unwrap_err();
    assert_eq!(unchanged.code, Code::AuditUnchanged);

    let story = with_changed_file(story, &keychain, REASON).await;
    let actions = story.connector.actions();
    let blank = actions.acknowledge_audit(&story.id, "  ").await.unwrap_err();
    assert_eq!((blank.code, verified(&story).await.state), (Code::ActionReasonMissing, ChainState::Changed));
    let known = actions.acknowledge_audit(&story.id, " restored from a backup ").await.unwrap();
    assert_eq!((known.state, known.sealed), (ChainState::Acknowledged, known.rows));
    let [acknowledged] = known.acknowledged.as_slice() else { panic!("{known:?}") };
    assert_eq!((acknowledged.changed_row, acknowledged.operator.as_str()), (Some(1), "admin"));
    assert_eq!((acknowledged.reason.as_str(), acknowledged.at), ("restored from a backup", story.clock.now()));

    assert!(end_sessions(&story, DIRECTORY.login).await.is_sealed, "what is done since is sealed");
    assert_eq!(verified(&story).await.acknowledged, known.acknowledged);
    assert_eq!(verified(&story).await.state, ChainState::Acknowledged);
    let messages = messages::Messages::load(model::preferences::Language::En);
    let report = actions.export_audit(&story.id, AuditFormat::Report, &messages).await.unwrap();
    assert!(report.contains("row 1 is the first that does not fit. Acknowledged by admin"), "{report}");
    let table = actions.export_audit(&story.id, AuditFormat::Csv, &messages).await.unwrap();
    assert!(table.contains(",audit_acknowledged,") && table.contains("restored from a backup"), "{table}");

    let again = ("restored from a backup", "restored from a bakcup");
    let story = with_changed_file(story, &keychain, again).await;
    assert_eq!(
        verified(&story).await.state,
        ChainState::Changed,
        "an acknowledgement can be changed no more than a row"
    );
}
