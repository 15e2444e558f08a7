//! Rotates the API token where this app stores none: the new token passes through, and the old one is pasted once or its
//! revocation is confirmed. Whenever a process ends, only what the user chose to keep is stored.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use chrono::TimeDelta;
use connector::{Connector, ConnectorConfig};
use http_client::HttpSettings;
use model::check::{CheckId, Outcome};
use model::code::Code;
use model::connection::{Keep, Profile};
use model::connection_view::ConnectionView;
use model::guide::Confirmable;
use model::rotation::{RevocationStatus, RotationStep};
use model::secret_name::{SecretName, SecretState};
use practice::{Change, Fault, FaultKind, Options, Side};
use secrets::Keychain;
use store::Store;
use tokio_util::sync::CancellationToken;

use support::TestConnection;

const CURRENT: &str = "/api/v1/api-tokens/current";
const OKTA: SecretName = SecretName::OktaToken;
const NEXT: SecretName = SecretName::NextOktaToken;
const PREVIOUS: SecretName = SecretName::PreviousOktaToken;
const OWN: SecretName = SecretName::MonitoringToken;

/// A finished connection that keeps what was chosen, with the second token made in Okta.
async fn connected(keep: Keep) -> TestConnection {
    let options = Options { events_per_second: 0.0, backfill: 30, ..Options::default() };
    let story = TestConnection::simulated(options).await;
    story.connector.guide().set_domain(&story.id, String::new()).await.unwrap();
    story.profile(Profile::Response).await;
    story.paste_super_admin().await;
    story.join_radiant().await;
    story.connector.guide().confirm(&story.id, Confirmable::CredentialAdded, true).await.unwrap();
    story.check().await;
    if keep == Keep::MonitoringToken {
        paste(&story, OWN, &story.practice.card().tokens.read_only).await.unwrap();
    }
    story.connector.guide().finish(&story.id, keep).await.unwrap();
    story.control().set(Change::TokenMade { principal: "super_admin_next".to_owned() });
    story
}

async fn paste(story: &TestConnection, name: SecretName, token: &str) -> Result<ConnectionView, Code> {
    let pasted = story.connector.tokens().store(&story.id, name, token.to_owned().into(), false).await;
    pasted.map_err(|problem| problem.code)
}

/// At a step, with all before it done.
async fn at(keep: Keep, step: RotationStep) -> TestConnection {
    let story = connected(keep).await;
    story.connector.rotation().begin(&story.id).await.unwrap();
    if step >= RotationStep::Update {
        paste_next(&story).await;
        go(&story, RotationStep::Update).await.unwrap();
    }
    if step > RotationStep::Update {
        story.connector.rotation().confirm_credential_updated(&story.id, true).await.unwrap();
        story.control().credential(Some(story.practice.card().tokens.super_admin_next.clone()));
        go(&story, step).await.unwrap();
    }
    story
}

async fn paste_next(story: &TestConnection) {
    paste(story, NEXT, &story.practice.card().tokens.super_admin_next).await.unwrap();
    story.connector.rotation().check_new_token(&story.id, CancellationToken::new(), |_| {}).await.unwrap();
}

async fn paste_old(story: &TestConnection) -> ConnectionView {
    paste(story, PREVIOUS, &story.practice.card().tokens.super_admin).await.unwrap()
}

async fn go(story: &TestConnection, step: RotationStep) -> Result<ConnectionView, Code> {
    story.connector.rotation().go_to_step(&story.id, step).await.map_err(|problem| problem.code)
}

async fn view(story: &TestConnection) -> ConnectionView {
    story.connector.connections().get(&story.id).await.unwrap()
}

/// The names of Radiant's token under which something is kept, by the index and by the keychain alike.
async fn kept(story: &TestConnection) -> Vec<SecretName> {
    let view = view(story).await;
    let mut kept = Vec::new();
    for name in [OKTA, NEXT, PREVIOUS] {
        let there = story.connector.tokens().for_clipboard(&story.id, name).await.is_ok();
        assert_eq!(there, view.has_secret(name), "{name:?}: the index says otherwise than the keychain");
        kept.extend(there.then_some(name));
    }
    kept
}

fn revoke_old(story: &TestConnection) {
    story.control().set(Change::Revoke { principal: "super_admin".to_owned() });
}

/// Tells whether the monitoring token is there and works.
async fn watches(story: &TestConnection) -> bool {
    let same = story
        .connector
        .tokens()
        .for_clipboard(&story.id, OWN)
        .await
        .is_ok_and(|own| secrets::Secrets::same(&own, &story.practice.card().tokens.read_only.clone().into()));
    let only = Some(vec![CheckId::Token]);
    let report = story.connector.checks().run(&story.id, only, CancellationToken::new(), |_| {}).await.unwrap();
    same && report.row(CheckId::Token).unwrap().outcome == Outcome::Passed
}

#[tokio::test]
async fn without_a_stored_token_a_complete_rotation_self_revokes_the_old_one_and_stores_nothing() {
    let story = connected(Keep::Nothing).await;
    let begun = story.connector.rotation().begin(&story.id).await.unwrap().rotation.unwrap();
    assert_eq!((begun.pass_through, begun.old_name.as_str()), (true, "Radiant Security API Token"));
    paste_next(&story).await;
    assert_eq!(kept(&story).await, [NEXT]);
    let checked = view(&story).await.rotation.unwrap();
    assert_eq!(checked.owners.unwrap().same, None, "the old one is not there to be asked");
    go(&story, RotationStep::Update).await.unwrap();
    assert_eq!(go(&story, RotationStep::Watch).await.unwrap_err(), Code::StepNotReady);
    story.connector.rotation().confirm_credential_updated(&story.id, true).await.unwrap();
    story.join_radiant().await;
    story.control().credential(Some(story.practice.card().tokens.super_admin_next.clone()));
    story.control().set(Change::RadiantLag { seconds: 0 });
    go(&story, RotationStep::Watch).await.unwrap();
    assert_eq!(kept(&story).await, [NEXT], "no token changes places");
    story.pass(TimeDelta::seconds(1));
    story.control().emit(3);
    story.pass(TimeDelta::seconds(1));
    let found = story.connector.rotation().watch(&story.id, CancellationToken::new(), |_| {}).await.unwrap();
    assert!(found.is_some(), "Okta is asked with the token that passes through");
    go(&story, RotationStep::Revoke).await.unwrap();
    let held = paste_old(&story).await;
    assert_eq!(held.rotation.unwrap().pasted.unwrap().same, Some(true));
    let state = held.secrets.iter().find(|state| state.name == PREVIOUS).unwrap();
    assert!(state.this_run_only, "the old one never goes into the keychain");
    let over = story.connector.rotation().revoke_old_token(&story.id).await.unwrap();
    let end = over.rotation.clone().unwrap();
    assert_eq!((end.step, end.revoked, end.pasted), (RotationStep::Done, RevocationStatus::ByApp, None));
    assert_eq!(kept(&story).await, []);
    assert_eq!(over.connection.keep, Keep::Nothing);
    assert_eq!(over.setup.token_name, end.token_name);
    let added = over.setup.confirmed.iter().find(|one| one.what == Confirmable::CredentialAdded).unwrap();
    assert_eq!(added.at, end.updated.unwrap().at, "the token's age counts from here");
    assert_eq!(over.report.unwrap().row(CheckId::Token), end.report.unwrap().row(CheckId::Token));
}

#[tokio::test]
async fn a_monitoring_token_stays_what_it_is_and_is_taken_for_neither_of_the_two() {
    let story = at(Keep::MonitoringToken, RotationStep::Paste).await;
    let own = story.practice.card().tokens.read_only.clone();
    assert_eq!(paste(&story, NEXT, &own).await.unwrap_err(), Code::TokenIsMonitoring);
    paste_next(&story).await;
    let open = view(&story).await.rotation.unwrap();
    let report = open.report.unwrap();
    assert!(!report.capabilities.is_empty(), "it is checked for what Radiant is to do, not for watching");
    go(&story, RotationStep::Update).await.unwrap();
    story.connector.rotation().confirm_credential_updated(&story.id, true).await.unwrap();
    go(&story, RotationStep::Revoke).await.unwrap();
    assert!(watches(&story).await);
    assert_eq!(paste(&story, PREVIOUS, &own).await.unwrap_err(), Code::TokenIsMonitoring);
    let new = story.practice.card().tokens.super_admin_next.clone();
    assert_eq!(paste(&story, PREVIOUS, &new).await.unwrap_err(), Code::TokenSameAsNew);
    assert_eq!(kept(&story).await, [NEXT]);
    paste_old(&story).await;
    let over = story.connector.rotation().revoke_old_token(&story.id).await.unwrap();
    assert_eq!(over.rotation.unwrap().revoked, RevocationStatus::ByApp);
    assert_eq!((kept(&story).await, over.connection.keep), (Vec::new(), Keep::MonitoringToken));
    assert!(watches(&story).await);
}

#[tokio::test]
async fn verified_confirmed_and_unknown_revocations_have_their_own_outcomes() {
    // Only said: the old token is not there, so nothing can be looked up and the word is noted with who gave it.
    let story = at(Keep::Nothing, RotationStep::Revoke).await;
    assert_eq!(story.connector.rotation().check_old_token(&story.id).await.unwrap_err().code, Code::TokenMissing);
    assert_eq!(story.connector.rotation().revoke_old_token(&story.id).await.unwrap_err().code, Code::TokenMissing);
    let said = story.connector.rotation().confirm_old_token_revoked(&story.id).await.unwrap().rotation.unwrap();
    assert_eq!((said.revoked, said.attestation.unwrap().by.as_str()), (RevocationStatus::ByWord, "admin"));
    // Seen: the old token is there, a word is not enough, and Okta refuses it.
    let story = at(Keep::Nothing, RotationStep::Revoke).await;
    paste_old(&story).await;
    assert_eq!(
        story.connector.rotation().confirm_old_token_revoked(&story.id).await.unwrap_err().code,
        Code::StepNotReady
    );
    assert_eq!(story.connector.rotation().check_old_token(&story.id).await.unwrap_err().code, Code::OldTokenStillValid);
    revoke_old(&story);
    let seen = story.connector.rotation().check_old_token(&story.id).await.unwrap().rotation.unwrap();
    assert_eq!((seen.revoked, seen.attestation), (RevocationStatus::SeenRefused, None));
    // Not to be told: Okta answers 401 to the first request to revoke, whatever the reason.
    let story = at(Keep::Nothing, RotationStep::Revoke).await;
    let status = "SUSPENDED".to_owned();
    story.control().set(Change::OwnerStatus { principal: "super_admin".to_owned(), status });
    revoke_old(&story);
    let pasted = paste_old(&story).await.rotation.unwrap().pasted.unwrap();
    assert_eq!((pasted.old, pasted.same), (None, None));
    let found = story.connector.rotation().revoke_old_token(&story.id).await.unwrap().rotation.unwrap();
    assert_eq!((found.revoked, found.attestation), (RevocationStatus::FoundRefused, None));
}

#[tokio::test]
async fn leaving_the_last_step_and_canceling_forget_its_token() {
    for keep in [Keep::Nothing, Keep::MonitoringToken] {
        let story = at(keep, RotationStep::Revoke).await;
        paste_old(&story).await;
        assert_eq!(kept(&story).await, [NEXT, PREVIOUS]);
        go(&story, RotationStep::Update).await.unwrap();
        assert_eq!(kept(&story).await, [NEXT]);
        story.connector.rotation().cancel(&story.id).await.unwrap();
        assert_eq!((kept(&story).await, view(&story).await.rotation), (Vec::new(), None));
        let story = at(keep, RotationStep::Revoke).await;
        paste_old(&story).await;
        story.connector.tokens().forget(&story.id, PREVIOUS).await.unwrap();
        assert_eq!(kept(&story).await, [NEXT]);
        let left = story.connector.rotation().cancel(&story.id).await.unwrap().rotation.unwrap();
        assert_eq!((kept(&story).await, left.revoked), (Vec::new(), RevocationStatus::NotYet));
        assert_eq!(story.control().counters().requests.get(&format!("okta {CURRENT}")), None);
        assert!(keep == Keep::Nothing || watches(&story).await);
    }
}

/// The same data folder in another process: memory is gone, the keychain holds the new token or lost it.
async fn reopened(story: TestConnection, has_next: bool) -> TestConnection {
    let TestConnection { practice, connector, id, clock, folder } = story;
    let keychain = Keychain::memory();
    let url = connector.connections().get(&id).await.unwrap().okta_url.unwrap();
    let tokens = practice.card().tokens.clone();
    keychain.put(&id, OWN, &url, &tokens.read_only.clone().into()).await.unwrap();
    if has_next {
        keychain.put(&id, NEXT, &url, &tokens.super_admin_next.clone().into()).await.unwrap();
    }
    drop(connector);
    let connector = Connector::open(ConnectorConfig {
        data_dir: folder.path().to_owned(),
        keychain,
        http: HttpSettings::default(),
        clock: clock.clone(),
        operator: "admin".to_owned(),
        policy: None,
    })
    .unwrap();
    connector.connections().join_practice(support::addresses(&practice));
    TestConnection { practice, connector, id, clock, folder }
}

#[tokio::test]
async fn a_kill_at_any_step_leaves_monitoring_working_and_the_rotation_can_be_finished() {
    for step in [RotationStep::Paste, RotationStep::Update, RotationStep::Watch, RotationStep::Revoke] {
        for has_next in [true, false] {
            let case = format!("{step:?}, new token there: {has_next}");
            let story = at(Keep::MonitoringToken, step).await;
            if step == RotationStep::Revoke {
                paste_old(&story).await;
            }
            let has_next = has_next && step >= RotationStep::Update;
            let story = reopened(story, has_next).await;
            assert!(watches(&story).await, "{case}");
            let view = story.connector.rotation().resume(&story.id).await.unwrap();
            let open = view.rotation.unwrap();
            let lost = step == RotationStep::Update && !has_next;
            assert_eq!(open.step, if lost { RotationStep::Paste } else { go_from(step) }, "{case}");
            finish(&story).await;
            assert_eq!(kept(&story).await, [], "{case}");
            assert!(watches(&story).await, "{case}");
        }
    }
}

/// The story stops at Create when it is to stand before the paste.
fn go_from(step: RotationStep) -> RotationStep {
    if step == RotationStep::Paste { RotationStep::Create } else { step }
}

/// Goes on from wherever the guide stands to its end.
async fn finish(story: &TestConnection) {
    if view(story).await.rotation.unwrap().step < RotationStep::Update {
        paste_next(story).await;
        go(story, RotationStep::Update).await.unwrap();
    }
    if view(story).await.rotation.unwrap().step == RotationStep::Update {
        story.connector.rotation().confirm_credential_updated(&story.id, true).await.unwrap();
    }
    go(story, RotationStep::Revoke).await.unwrap();
    let has_new = view(story).await.has_secret(NEXT);
    let old = story.practice.card().tokens.super_admin.clone();
    let over = match paste(story, PREVIOUS, &old).await {
        Ok(_) => story.connector.rotation().revoke_old_token(&story.id).await.unwrap(),
        // Without the new one nobody can say that what is pasted is the old one.
        Err(code) => {
            assert_eq!((code, has_new), (Code::TokenMissing, false));
            story.connector.rotation().confirm_old_token_revoked(&story.id).await.unwrap()
        }
    };
    let expected = if has_new { RevocationStatus::ByApp } else { RevocationStatus::ByWord };
    assert_eq!(over.rotation.unwrap().revoked, expected);
}

#[tokio::test]
async fn after_a_kill_a_lost_response_is_verified_with_the_token_pasted_again() {
    let story = at(Keep::Nothing, RotationStep::Revoke).await;
    paste_old(&story).await;
    story.control().fault(Some(Fault::on(Side::Okta, FaultKind::Reset).at("/api/v1")));
    let unknown = story.connector.rotation().revoke_old_token(&story.id).await.unwrap_err();
    assert_eq!(unknown.code, Code::RevocationUnknown);
    story.control().fault(None);
    let story = reopened(story, true).await;
    assert_eq!(story.connector.rotation().check_old_token(&story.id).await.unwrap_err().code, Code::TokenMissing);
    assert!(view(&story).await.rotation.unwrap().revocation_sent.is_some());
    revoke_old(&story);
    paste_old(&story).await;
    let over = story.connector.rotation().check_old_token(&story.id).await.unwrap();
    assert_eq!(over.rotation.unwrap().revoked, RevocationStatus::AfterAsking);
}

#[tokio::test]
async fn leftovers_of_a_killed_rotation_are_forgotten_in_the_next_pass() {
    let story = at(Keep::Nothing, RotationStep::Revoke).await;
    story.connector.rotation().confirm_old_token_revoked(&story.id).await.unwrap();
    // Killed after the end was written and before the new token was forgotten.
    let story = reopened(story, true).await;
    let state = SecretState { name: NEXT, since: Some(story.clock.now()), bound_to: None, this_run_only: false };
    let (store, id) = (Store::open(story.folder.path()).unwrap(), story.id.clone());
    store.write(move |tx| tx.put_secret_state(&id, &state)).await.unwrap();
    assert_eq!(kept(&story).await, [NEXT]);
    story
        .connector
        .monitor()
        .run_due_probes(&connector::PassScope::Every, connector::Audience::AWAY, None, &CancellationToken::new())
        .await
        .unwrap();
    assert_eq!(kept(&story).await, []);
}
