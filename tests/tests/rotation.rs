//! Rotates the API token against the practice organization: the whole guide, a kill at every step, and every response of Okta
//! to the revocation request.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use chrono::TimeDelta;
use connector::{Connector, ConnectorConfig};
use http_client::HttpSettings;
use model::check::{CheckId, Outcome};
use model::code::Code;
use model::connection::Keep;
use model::connection_view::ConnectionView;
use model::guide::GuideStep;
use model::rotation::{RevocationStatus, Rotation, RotationStep};
use model::secret_name::SecretName;
use practice::{Change, Fault, FaultKind, Options, Side};
use secrecy::SecretString;
use secrets::{Keychain, Secrets};
use tokio_util::sync::CancellationToken;

use support::TestConnection;

const CURRENT: &str = "/api/v1/api-tokens/current";
const NAMES: [SecretName; 3] = [SecretName::OktaToken, SecretName::NextOktaToken, SecretName::PreviousOktaToken];

/// A finished connection that keeps the super administrator's token, with the second one made in Okta.
async fn connected() -> TestConnection {
    let story = TestConnection::simulated(Options { backfill: 30, ..Options::default() }).await;
    story.connector.guide().set_domain(&story.id, String::new()).await.unwrap();
    story.paste_super_admin().await;
    story.join_radiant().await;
    story.check().await;
    story.connector.guide().finish(&story.id, Keep::Token).await.unwrap();
    story.control().set(Change::TokenMade { principal: "super_admin_next".to_owned() });
    story
}

/// Pastes and checks a token as the new one.
async fn paste_next(story: &TestConnection, token: &str) -> Rotation {
    story.connector.rotation().begin(&story.id).await.unwrap();
    let next = SecretName::NextOktaToken;
    story.connector.tokens().store(&story.id, next, token.to_owned().into(), false).await.unwrap();
    story.connector.rotation().check_new_token(&story.id, CancellationToken::new(), |_| {}).await.unwrap();
    rotation(story).await
}

/// At a step, with all before it done.
async fn at(step: RotationStep) -> TestConnection {
    let story = connected().await;
    let token = story.practice.card().tokens.super_admin_next.clone();
    paste_next(&story, &token).await;
    go(&story, RotationStep::Update).await;
    if step > RotationStep::Update {
        story.connector.rotation().confirm_credential_updated(&story.id, true).await.unwrap();
        story.control().credential(Some(token));
        go(&story, step).await;
    }
    story
}

async fn go(story: &TestConnection, step: RotationStep) -> ConnectionView {
    story.connector.rotation().go_to_step(&story.id, step).await.unwrap()
}

async fn rotation(story: &TestConnection) -> Rotation {
    story.connector.connections().get(&story.id).await.unwrap().rotation.unwrap()
}

/// Which token a name holds: `old`, `new`, or nothing.
async fn holds(story: &TestConnection, name: SecretName) -> Option<&'static str> {
    let secret = story.connector.tokens().for_clipboard(&story.id, name).await.ok()?;
    let tokens = &story.practice.card().tokens;
    let is = |token: &str| Secrets::same(&secret, &SecretString::from(token));
    Some(if is(&tokens.super_admin) {
        "old"
    } else if is(&tokens.super_admin_next) {
        "new"
    } else {
        "other"
    })
}

async fn held(story: &TestConnection) -> [Option<&'static str>; 3] {
    [holds(story, NAMES[0]).await, holds(story, NAMES[1]).await, holds(story, NAMES[2]).await]
}

async fn works(story: &TestConnection) -> bool {
    let only = Some(vec![CheckId::Token, CheckId::SystemLog]);
    let report = story.connector.checks().run(&story.id, only, CancellationToken::new(), |_| {}).await.unwrap();
    [CheckId::Token, CheckId::SystemLog].iter().all(|check| report.row(*check).unwrap().outcome == Outcome::Passed)
}

fn revocation_requests(story: &TestConnection) -> u64 {
    story.control().counters().requests.get(&format!("okta {CURRENT}")).copied().unwrap_or(0)
}

#[tokio::test]
async fn a_complete_rotation_ends_with_the_new_token_in_use_and_the_old_one_self_revoked() {
    let story = connected().await;
    let begun = story.connector.rotation().begin(&story.id).await.unwrap().rotation.unwrap();
    assert_eq!((begun.step, begun.old_name.as_str()), (RotationStep::Create, "Radiant Security API Token"));
    let checked = paste_next(&story, &story.practice.card().tokens.super_admin_next.clone()).await;
    assert_eq!(checked.owners.as_ref().unwrap().same, Some(true));
    assert_eq!(held(&story).await, [Some("old"), Some("new"), None], "both are kept, the old one is in use");
    go(&story, RotationStep::Update).await;
    let early = story.connector.rotation().go_to_step(&story.id, RotationStep::Watch).await.unwrap_err();
    assert_eq!(early.code, Code::StepNotReady);
    story.connector.rotation().confirm_credential_updated(&story.id, true).await.unwrap();
    story.control().credential(Some(story.practice.card().tokens.super_admin_next.clone()));
    story.control().set(Change::RadiantLag { seconds: 0 });
    go(&story, RotationStep::Watch).await;
    assert_eq!(held(&story).await, [Some("new"), None, Some("old")]);
    story.pass(TimeDelta::seconds(1));
    story.control().emit(3);
    story.pass(TimeDelta::seconds(1));
    let found = story.connector.rotation().watch(&story.id, CancellationToken::new(), |_| {}).await.unwrap().unwrap();
    assert!(found.published >= rotation(&story).await.updated.unwrap().at - TimeDelta::seconds(1));
    go(&story, RotationStep::Revoke).await;
    let over = story.connector.rotation().revoke_old_token(&story.id).await.unwrap();
    let end = over.rotation.unwrap();
    assert_eq!((end.step, end.revoked), (RotationStep::Done, RevocationStatus::ByApp));
    assert_eq!(end.found.unwrap().uuid, found.uuid);
    assert_eq!(held(&story).await, [Some("new"), None, None]);
    assert!(works(&story).await);
    assert_eq!(over.setup.token_name, end.token_name);
    assert_eq!(revocation_requests(&story), 1);
    story.pass(TimeDelta::seconds(2));
    story.control().emit(3);
    story.pass(TimeDelta::seconds(1));
    let last = story.connector.rotation().watch_after_end(&story.id, CancellationToken::new(), |_| {}).await.unwrap();
    assert!(last.unwrap().published >= end.finished.unwrap() - TimeDelta::seconds(1));
    assert!(rotation(&story).await.found_after_end.is_some(), "delivery continues without the old token");
    let old = story.practice.card().tokens.super_admin.clone();
    story.paste(&old).await;
    assert_eq!(story.row(CheckId::Token).await.code, Some(Code::TokenRefused), "Okta no longer accepts the old one");
}

#[tokio::test]
async fn the_same_token_another_owner_and_another_org_each_have_their_own_answer() {
    let story = connected().await;
    story.connector.rotation().begin(&story.id).await.unwrap();
    let tokens = story.practice.card().tokens.clone();
    let same = story.connector.tokens().store(&story.id, NAMES[1], tokens.super_admin.clone().into(), false).await;
    assert_eq!(same.unwrap_err().code, Code::TokenSameAsOld);
    let another = paste_next(&story, &tokens.person_super_admin).await;
    assert_eq!(another.owners.as_ref().unwrap().same, Some(false));
    let undecided = story.connector.rotation().go_to_step(&story.id, RotationStep::Update).await.unwrap_err();
    assert_eq!(undecided.code, Code::StepNotReady);
    story.connector.rotation().accept_other_owner(&story.id, true).await.unwrap();
    go(&story, RotationStep::Update).await;
    let foreign = paste_next(&story, &format!("00{}", "x".repeat(40))).await;
    let row = foreign.report.as_ref().unwrap().row(CheckId::Token).unwrap();
    assert_eq!(row.code, Some(Code::TokenRefused), "a token of another org is refused by this one");
    assert_eq!((foreign.owners, foreign.other_owner), (None, None), "the decision was about another token");
    let refused = story.connector.rotation().go_to_step(&story.id, RotationStep::Update).await.unwrap_err();
    assert_eq!(refused.code, Code::StepNotReady);
    assert!(works(&story).await, "the old one stays in use");
}

#[tokio::test]
async fn a_new_token_with_too_few_permissions_is_not_accepted() {
    let story = connected().await;
    // Its owner lost what the token in use was checked for.
    let roles = vec!["REPORT_ADMIN".to_owned()];
    story.control().set(Change::Roles { principal: "person_super_admin".to_owned(), roles });
    let less = paste_next(&story, &story.practice.card().tokens.person_super_admin.clone()).await;
    let report = less.report.unwrap();
    assert_eq!(report.row(CheckId::Users).unwrap().outcome, Outcome::Failed);
    story.connector.rotation().accept_other_owner(&story.id, true).await.unwrap();
    let refused = story.connector.rotation().go_to_step(&story.id, RotationStep::Update).await.unwrap_err();
    assert_eq!(refused.code, Code::StepNotReady);
}

#[tokio::test]
async fn going_back_and_cancelling_keep_a_working_token_at_every_step() {
    for step in [RotationStep::Update, RotationStep::Watch, RotationStep::Revoke] {
        let story = at(step).await;
        go(&story, RotationStep::Update).await;
        assert_eq!(held(&story).await, [Some("old"), Some("new"), None], "back from {step:?}");
        assert!(works(&story).await);
        story.connector.rotation().cancel(&story.id).await.unwrap();
        assert_eq!(held(&story).await, [Some("old"), None, None], "canceled before the switch");
        assert!(works(&story).await);
        assert_eq!(revocation_requests(&story), 0);
    }
    let story = at(RotationStep::Watch).await;
    let view = story.connector.rotation().cancel(&story.id).await.unwrap();
    assert_eq!(held(&story).await, [Some("new"), None, None], "canceled after the switch");
    assert_eq!(view.rotation.unwrap().revoked, RevocationStatus::NotYet);
    assert!(works(&story).await);
    assert_eq!(revocation_requests(&story), 0);
}

/// What the three names hold: the old token, the new one, or nothing.
const COMBINATIONS: [[Option<bool>; 3]; 8] = [
    [Some(false), Some(true), None],
    [Some(false), Some(true), Some(false)],
    [Some(true), Some(true), Some(false)],
    [Some(true), None, Some(false)],
    [None, Some(true), Some(false)],
    [None, Some(true), None],
    [None, None, Some(false)],
    [Some(false), None, Some(false)],
];

#[tokio::test]
async fn after_a_kill_before_the_switch_a_check_passes_and_the_rotation_can_be_finished() {
    killed_at(RotationStep::Update).await;
}

#[tokio::test]
async fn after_a_kill_behind_the_switch_a_check_passes_and_the_rotation_can_be_finished() {
    killed_at(RotationStep::Watch).await;
}

#[tokio::test]
async fn after_a_kill_before_the_revocation_a_check_passes_and_the_rotation_can_be_finished() {
    killed_at(RotationStep::Revoke).await;
}

async fn killed_at(step: RotationStep) {
    for combination in COMBINATIONS {
        let story = at(step).await;
        let keychain = Keychain::memory();
        let url = story.connector.connections().get(&story.id).await.unwrap().okta_url.unwrap();
        let tokens = story.practice.card().tokens.clone();
        for (name, new) in NAMES.into_iter().zip(combination) {
            let text = new.map(|new| if new { &tokens.super_admin_next } else { &tokens.super_admin });
            if let Some(text) = text {
                keychain.put(&story.id, name, &url, &SecretString::from(text.clone())).await.unwrap();
            }
        }
        let case = format!("{step:?}, {combination:?}");
        let story = reopened(story, keychain);
        assert!(works(&story).await, "{case}: no working token after the kill");
        let view = story.connector.rotation().resume(&story.id).await.unwrap();
        assert!(works(&story).await, "{case}: no working token after going on");
        let lost = combination[1].is_none() && combination[0] != Some(true);
        assert_eq!(view.rotation.unwrap().step == RotationStep::Paste, lost, "{case}");
        finish(&story, &case).await;
    }
}

/// The same data folder and keychain entries, in another process as it were.
fn reopened(story: TestConnection, keychain: Keychain) -> TestConnection {
    let TestConnection { practice, connector, id, clock, folder } = story;
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

/// Goes on from wherever the guide stands to its end.
async fn finish(story: &TestConnection, case: &str) {
    let tokens = story.practice.card().tokens.clone();
    if rotation(story).await.step == RotationStep::Paste {
        paste_next(story, &tokens.super_admin_next).await;
        go(story, RotationStep::Update).await;
    }
    if rotation(story).await.step == RotationStep::Update {
        story.connector.rotation().confirm_credential_updated(&story.id, true).await.unwrap();
    }
    go(story, RotationStep::Revoke).await;
    assert!(works(story).await, "{case}: no working token after the switch");
    let over = match story.connector.rotation().revoke_old_token(&story.id).await {
        // The keychain lost the old one: it is revoked in the Admin Console.
        Err(problem) if problem.code == Code::TokenMissing => {
            story.connector.rotation().confirm_old_token_revoked(&story.id).await
        }
        other => other,
    };
    assert_eq!(over.unwrap().rotation.unwrap().step, RotationStep::Done, "{case}");
    assert_eq!(held(story).await, [Some("new"), None, None], "{case}");
    assert!(works(story).await, "{case}: no working token at the end");
}

#[tokio::test]
async fn a_kill_after_the_revocation_is_reported_as_requested_by_this_app_and_refused_since() {
    let story = at(RotationStep::Revoke).await;
    // Okta did it and the answer was lost, and so was the look afterwards.
    let lost = Fault::on(Side::Okta, FaultKind::Reset).at(CURRENT);
    story.control().fault(Some(Fault { path: Some("/api/v1".to_owned()), ..lost }));
    let unknown = story.connector.rotation().revoke_old_token(&story.id).await.unwrap_err();
    assert_eq!(unknown.code, Code::RevocationUnknown);
    assert!(rotation(&story).await.revocation_sent.is_some(), "that it was asked is known");
    assert_eq!(revocation_requests(&story), 1, "it is not asked again by itself");
    story.control().fault(None);
    story.control().set(Change::Revoke { principal: "super_admin".to_owned() });
    let over = story.connector.rotation().check_old_token(&story.id).await.unwrap();
    assert_eq!(over.rotation.unwrap().revoked, RevocationStatus::AfterAsking);
    assert!(works(&story).await);
}

#[tokio::test]
async fn after_a_lost_response_the_revocation_is_verified_and_not_repeated() {
    let story = at(RotationStep::Revoke).await;
    let once = |kind| Fault::on(Side::Okta, kind).at(CURRENT).times(1);
    // The request never took effect: Okta still accepts the old token, so nothing is claimed.
    story.control().fault(Some(once(FaultKind::Reset)));
    let lost = story.connector.rotation().revoke_old_token(&story.id).await.unwrap_err();
    assert_eq!(lost.code, Code::ConnectionReset);
    assert_eq!((revocation_requests(&story), rotation(&story).await.revocation_sent), (1, None));
    // It took effect and the answer broke off: a server error after the change.
    story.control().set(Change::Revoke { principal: "super_admin".to_owned() });
    story.control().fault(Some(once(FaultKind::Status { status: 500, code: "E0000009".to_owned() })));
    let over = story.connector.rotation().revoke_old_token(&story.id).await.unwrap();
    assert_eq!(over.rotation.unwrap().revoked, RevocationStatus::ByApp);
    assert_eq!(revocation_requests(&story), 2);
}

#[tokio::test]
async fn a_refused_revocation_leads_to_the_admin_console_and_is_verified_afterwards() {
    let story = at(RotationStep::Revoke).await;
    let refused = FaultKind::Status { status: 403, code: "E0000006".to_owned() };
    story.control().fault(Some(Fault::on(Side::Okta, refused).at(CURRENT)));
    let problem = story.connector.rotation().revoke_old_token(&story.id).await.unwrap_err();
    assert_eq!(problem.code, Code::RevocationRefused);
    assert!(problem.request_id.is_some());
    let still = story.connector.rotation().check_old_token(&story.id).await.unwrap_err();
    assert_eq!((still.code, still.args["name"].as_str()), (Code::OldTokenStillValid, "Radiant Security API Token"));
    assert_eq!(held(&story).await, [Some("new"), None, Some("old")], "it can still be tried again");
    story.control().set(Change::Revoke { principal: "super_admin".to_owned() });
    let over = story.connector.rotation().check_old_token(&story.id).await.unwrap();
    assert_eq!(over.rotation.unwrap().revoked, RevocationStatus::SeenRefused);
}

#[tokio::test]
async fn another_token_pasted_in_the_guide_ends_the_rotation_and_loses_nothing_of_its_own() {
    let story = at(RotationStep::Watch).await;
    let other = story.practice.card().tokens.org_admin.clone();
    story.paste(&other).await;
    assert_eq!(held(&story).await, [Some("other"), None, None]);
    let view = story.connector.connections().get(&story.id).await.unwrap();
    assert_eq!(view.rotation, None);
    assert_eq!(view.setup.step, GuideStep::Done);
    assert!(works(&story).await);
}

#[tokio::test]
async fn it_does_not_start_before_setup_is_finished_or_without_the_token_to_keep() {
    let story = TestConnection::begin().await;
    assert_eq!(story.connector.rotation().begin(&story.id).await.unwrap_err().code, Code::StepNotReady);
    story.connector.guide().set_domain(&story.id, String::new()).await.unwrap();
    story.paste_super_admin().await;
    story.connector.guide().finish(&story.id, Keep::Token).await.unwrap();
    story.connector.tokens().forget(&story.id, SecretName::OktaToken).await.unwrap();
    assert_eq!(story.connector.rotation().begin(&story.id).await.unwrap_err().code, Code::TokenMissing);
}
