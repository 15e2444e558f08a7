//! Two processes on one data folder while a rotation moves tokens: a process that moves tokens holds the connection's lock, and
//! a process that only reads uses the token wherever it is.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::time::Duration;

use connector::{Connector, ConnectorConfig};
use http_client::HttpSettings;
use model::check::{CheckId, Outcome};
use model::connection::Keep;
use model::monitor::ProbeKind;
use model::rotation::RotationStep;
use model::secret_name::SecretName;
use practice::{Change, Fault, FaultKind, Options, Side};
use runtime::Clock;
use secrecy::SecretString;
use secrets::Keychain;
use tokio_util::sync::CancellationToken;

use support::TestConnection;

const NAMES: [SecretName; 3] = [SecretName::OktaToken, SecretName::NextOktaToken, SecretName::PreviousOktaToken];

/// At the step after the switch, opened by two over one keychain; what stands under the three names is up to the test.
async fn two() -> (TestConnection, Connector, Keychain, String) {
    let options = Options { events_per_second: 0.0, backfill: 30, ..Options::default() };
    let TestConnection { practice, connector, id, clock, folder } =
        TestConnection::with(options, Clock::system()).await;
    let keychain = Keychain::memory();
    drop(connector);
    let open = || {
        let (data_dir, keychain, web) = (folder.path().to_owned(), keychain.clone(), HttpSettings::default());
        let (clock, operator) = (clock.clone(), "admin".to_owned());
        let config = ConnectorConfig { data_dir, keychain, http: web, clock, operator, policy: None };
        let connector = Connector::open(config).unwrap();
        connector.connections().join_practice(support::addresses(&practice));
        connector
    };
    let (connector, other) = (open(), open());
    let story = TestConnection { practice, connector, id, clock: clock.clone(), folder };
    story.connector.guide().set_domain(&story.id, String::new()).await.unwrap();
    story.paste_super_admin().await;
    story.check().await;
    story.connector.guide().finish(&story.id, Keep::Token).await.unwrap();
    story.control().set(Change::TokenMade { principal: "super_admin_next".to_owned() });
    story.connector.rotation().begin(&story.id).await.unwrap();
    let new = story.practice.card().tokens.super_admin_next.clone();
    story.connector.tokens().store(&story.id, NAMES[1], new.into(), false).await.unwrap();
    story.connector.rotation().check_new_token(&story.id, CancellationToken::new(), |_| {}).await.unwrap();
    story.connector.rotation().go_to_step(&story.id, RotationStep::Update).await.unwrap();
    story.connector.rotation().confirm_credential_updated(&story.id, true).await.unwrap();
    story.connector.rotation().go_to_step(&story.id, RotationStep::Watch).await.unwrap();
    let url = story.connector.connections().get(&story.id).await.unwrap().okta_url.unwrap();
    (story, other, keychain, url)
}

/// What the three names hold: `A` the old token, `B` the new one, `C` another, `-` nothing.
async fn held(story: &TestConnection, keychain: &Keychain, url: &str) -> String {
    let tokens = &story.practice.card().tokens;
    let letters = [("A", &tokens.super_admin), ("B", &tokens.super_admin_next), ("C", &tokens.org_admin)];
    let mut out = String::new();
    for name in NAMES {
        let found = keychain.find(&story.id, name, url).await.unwrap();
        let letter = found.map(|one| {
            letters.iter().find(|(_, text)| secrets::Secrets::same(&one, &SecretString::from(text.as_str()))).unwrap().0
        });
        out.push_str(letter.unwrap_or("-"));
    }
    out
}

async fn works(connector: &Connector, story: &TestConnection) -> bool {
    let only = Some(vec![CheckId::Token]);
    let report = connector.checks().run(&story.id, only, CancellationToken::new(), |_| {}).await.unwrap();
    report.row(CheckId::Token).unwrap().outcome == Outcome::Passed
}

#[tokio::test]
async fn a_reader_moves_no_token_while_another_process_holds_the_lock() {
    let (story, other, keychain, url) = two().await;
    // The keychain lost the entry in use while one of the two is at work.
    keychain
        .put(&story.id, NAMES[1], &url, &story.practice.card().tokens.super_admin_next.clone().into())
        .await
        .unwrap();
    keychain.forget(&story.id, NAMES[0]).await.unwrap();
    assert_eq!(held(&story, &keychain, &url).await, "-BA");
    let lock = store::lock(story.folder.path(), &story.id).unwrap();
    assert!(works(&other, &story).await);
    assert_eq!(held(&story, &keychain, &url).await, "-BA", "it moved a token without the lock");
    drop(lock);
    assert!(works(&other, &story).await);
    assert_eq!(held(&story, &keychain, &url).await, "B-A", "with the lock it is put back");
}

#[tokio::test]
async fn a_probe_that_holds_the_lock_does_not_wait_for_it() {
    let (story, other, keychain, url) = two().await;
    keychain
        .put(&story.id, NAMES[1], &url, &story.practice.card().tokens.super_admin_next.clone().into())
        .await
        .unwrap();
    keychain.forget(&story.id, NAMES[0]).await.unwrap();
    let look = other
        .monitor()
        .probe_now(&story.id, ProbeKind::Heartbeat, connector::Audience::AWAY, &CancellationToken::new())
        .await
        .unwrap();
    assert!(look.is_some(), "it looked");
    let row = other.connections().get(&story.id).await.unwrap().report.unwrap().row(CheckId::Token).unwrap().clone();
    assert_eq!(row.outcome, Outcome::Passed);
    story.connector.rotation().resume(&story.id).await.unwrap();
    assert_eq!(held(&story, &keychain, &url).await, "B-A");
}

#[tokio::test]
async fn a_step_does_not_wait_for_a_probe_of_a_slow_org() {
    let (story, _other, _keychain, _url) = two().await;
    // Longer than the step waits for the lock.
    let fault = Fault::on(Side::Okta, FaultKind::Slow { ms: 100_000 });
    story.control().fault(Some(fault));
    let (cancel, monitor) = (CancellationToken::new(), story.connector.monitor());
    let probe = monitor.probe_now(&story.id, ProbeKind::Full, connector::Audience::AWAY, &cancel);
    let step = async {
        while store::lock(story.folder.path(), &story.id).is_ok() {
            Clock::system().sleep(Duration::from_millis(10)).await;
        }
        story.connector.rotation().go_to_step(&story.id, RotationStep::Revoke).await.unwrap()
    };
    let (probed, view) = tokio::join!(probe, step);
    assert!(probed.unwrap().is_none(), "the probe was ended and stored nothing");
    assert_eq!(view.rotation.unwrap().step, RotationStep::Revoke);
}

#[tokio::test]
async fn a_pasted_token_waits_until_the_running_token_swap_is_done() {
    let (story, other, keychain, url) = two().await;
    let lock = store::lock(story.folder.path(), &story.id).unwrap();
    let (id, pasted) = (story.id.clone(), story.practice.card().tokens.org_admin.clone());
    let paste = async { other.tokens().store(&id, NAMES[0], pasted.into(), false).await.unwrap() };
    let meanwhile = async {
        // Turn after turn it asks for the lock; until it has it, nothing is touched.
        for _ in 0..10 {
            Clock::system().sleep(Duration::from_millis(50)).await;
            assert_eq!(held(&story, &keychain, &url).await, "B-A");
            assert!(story.connector.connections().get(&story.id).await.unwrap().rotation.is_some());
        }
        drop(lock);
    };
    let (view, ()) = tokio::join!(paste, meanwhile);
    assert_eq!(held(&story, &keychain, &url).await, "C--");
    assert_eq!(view.rotation, None);
}
