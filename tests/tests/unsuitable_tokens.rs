//! Wrong API tokens: missing permissions, unsuitable owners, network restrictions, and text that is no token.
//!
//! The real client calls the practice organization over HTTP; the database is real SQLite in a temporary folder.

mod support;

use model::capability::CapabilityState;
use model::check::{CheckId, Outcome, Skip};
use model::code::Code;
use model::connection::Profile;
use model::secret_name::SecretName;
use practice::Options;
use practice::{Change, Variants};
use runtime::Clock;

use support::TestConnection;

#[tokio::test]
async fn a_super_administrators_token_passes_every_check_of_okta() {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    let (report, news) = story.check_with_progress().await;
    assert_eq!(report.worst(), Outcome::Passed, "{:#?}", report.rows);
    assert_eq!(report.rows.len(), CheckId::ALL.len());
    assert!(news.len() > report.rows.len(), "rows are told as they come");
    assert!(
        report.capabilities.iter().all(|row| matches!(row.state, CapabilityState::Proven | CapabilityState::Allowed))
    );
}

#[tokio::test]
async fn a_read_only_token_suffices_for_ingestion_and_is_unknown_for_response() {
    let story = TestConnection::begin().await;
    story.paste(&story.practice.card().tokens.read_only.clone()).await;
    story.profile(Profile::Ingestion).await;
    assert_eq!(story.check().await.worst(), Outcome::Passed);
    story.profile(Profile::Response).await;
    let report = story.check().await;
    assert_eq!(report.row(CheckId::Roles).unwrap().code, Some(Code::RolesNotTold));
    assert_eq!(report.row(CheckId::Capabilities).unwrap().code, Some(Code::CapabilityNotTold));
    assert_eq!(report.worst(), Outcome::Unknown);
}

#[tokio::test]
async fn a_role_that_was_read_and_is_too_small_fails() {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    // The owner keeps the right to read roles and loses the rest, as with a custom role beside a report administrator.
    let roles = vec!["REPORT_ADMIN".to_owned()];
    story.control().set(Change::Roles { principal: "super_admin".to_owned(), roles });
    let report = story.check().await;
    assert_eq!(report.row(CheckId::Users).unwrap().code, Some(Code::UsersRefused));
    assert_eq!(report.row(CheckId::Zones).unwrap().code, Some(Code::ZonesRefused));
    assert_eq!(report.row(CheckId::Capabilities).unwrap().code, Some(Code::CapabilityRefused));
    assert_eq!(report.worst(), Outcome::Failed);
}

#[tokio::test]
async fn a_token_that_may_not_read_the_system_log_fails_for_ingestion() {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    story.profile(Profile::Ingestion).await;
    let roles = vec!["HELP_DESK_ADMIN".to_owned()];
    story.control().set(Change::Roles { principal: "super_admin".to_owned(), roles });
    assert_eq!(story.row(CheckId::SystemLog).await.code, Some(Code::LogsRefused));
}

#[tokio::test]
async fn more_permissions_than_ingestion_needs_need_attention() {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    story.profile(Profile::Ingestion).await;
    let row = story.row(CheckId::Roles).await;
    assert_eq!((row.outcome, row.code), (Outcome::Attention, Some(Code::RoleMoreThanNeeded)));
}

#[tokio::test]
async fn an_expired_token_is_refused_and_nothing_after_it_is_asked() {
    let story = TestConnection::begin().await;
    story.paste(&story.practice.card().tokens.expired.clone()).await;
    let report = story.check().await;
    assert_eq!(report.row(CheckId::Token).unwrap().code, Some(Code::TokenRefused));
    assert_eq!(report.row(CheckId::Owner).unwrap().skipped, Some(Skip::Depends));
    assert_eq!(report.row(CheckId::Token).unwrap().evidence[0].okta_code.as_deref(), Some("E0000011"));
    assert!(report.row(CheckId::Token).unwrap().evidence[0].request_id.is_some());
}

#[tokio::test]
async fn a_deactivated_owner_makes_the_token_refused() {
    let story = TestConnection::begin().await;
    story.paste(&story.practice.card().tokens.owner_deactivated.clone()).await;
    assert_eq!(story.row(CheckId::Token).await.code, Some(Code::TokenRefused));
}

#[tokio::test]
async fn a_token_restricted_to_another_network_is_recognized_by_either_response() {
    let story = TestConnection::begin().await;
    story.paste(&story.practice.card().tokens.network_restricted.clone()).await;
    assert_eq!(story.row(CheckId::Token).await.code, Some(Code::TokenRestricted));
    let variants = Variants { restricted_is_403: false, ..Variants::default() };
    story.control().set(Change::Variants { variants });
    assert_eq!(story.row(CheckId::Token).await.code, Some(Code::TokenRefused));
}

#[tokio::test]
async fn a_personal_token_needs_a_decision_which_is_stored() {
    use model::guide::Confirmable;
    let story = TestConnection::begin().await;
    story.paste(&story.practice.card().tokens.person_super_admin.clone()).await;
    let row = story.row(CheckId::Owner).await;
    assert_eq!((row.outcome, row.code), (Outcome::Attention, Some(Code::OwnerIsPerson)));
    assert_eq!(row.args["owner"], "jo.marsh@practice.example");
    story.connector.guide().confirm(&story.id, Confirmable::OwnerIsServiceAccount, true).await.unwrap();
    assert_eq!(story.row(CheckId::Owner).await.outcome, Outcome::Passed);
}

#[tokio::test]
async fn an_owner_suspended_after_the_check_is_reported() {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    story.control().set(Change::OwnerStatus { principal: "super_admin".to_owned(), status: "SUSPENDED".to_owned() });
    assert_eq!(story.row(CheckId::Token).await.code, Some(Code::TokenRefused));
}

#[tokio::test]
async fn the_token_entry_is_certain_only_when_its_creation_was_observed_during_the_guide() {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    let sureness = |row: &model::check::CheckRow| {
        let fact = row.facts.iter().find(|fact| fact.key == model::check::FactKey::TokenSureness);
        fact.map(|fact| fact.value.clone())
    };
    assert_eq!(sureness(&story.row(CheckId::TokenEntry).await).as_deref(), Some("probable"));
    story.control().set(Change::TokenMade { principal: "super_admin".to_owned() });
    assert_eq!(sureness(&story.row(CheckId::TokenEntry).await).as_deref(), Some("certain"));
}

#[tokio::test]
async fn what_is_no_token_is_refused_before_anything_is_kept_or_sent() {
    let story = TestConnection::begin().await;
    let cases = [
        ("", Code::TokenEmpty),
        ("00T1gtr35t8ZbfBfV1d7", Code::TokenIsId),
        ("eyJhbGciOiJSUzI1NiJ9.e30.c2ln", Code::TokenIsJwt),
        ("https://acme.okta.com", Code::TokenIsAddress),
        ("00abc def", Code::TokenHasBlanks),
    ];
    let before = story.control().counters().requests;
    for (pasted, code) in cases {
        let kept = story.connector.tokens().store(&story.id, SecretName::OktaToken, pasted.into(), false).await;
        assert_eq!(kept.unwrap_err().code, code, "{pasted:?}");
    }
    assert_eq!(story.control().counters().requests, before);
    let view = story.connector.connections().get(&story.id).await.unwrap();
    assert!(view.secrets.iter().all(|state| state.since.is_none()));
}

#[tokio::test]
async fn no_token_yet_skips_what_needs_one() {
    let story = TestConnection::begin().await;
    let report = story.check().await;
    assert_eq!(report.row(CheckId::Domain).unwrap().outcome, Outcome::Passed);
    assert_eq!(report.row(CheckId::Token).unwrap().skipped, Some(Skip::NoToken));
}

#[tokio::test]
async fn an_org_without_events_needs_attention() {
    let story =
        TestConnection::with(Options { backfill: 0, events_per_second: 0.0, ..Options::default() }, Clock::system())
            .await;
    story.paste_super_admin().await;
    assert_eq!(story.row(CheckId::SystemLog).await.code, Some(Code::LogsEmpty));
}
