//! Runs of response actions at the wire: what is done and read back, what the audit says, and what an undo compares.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::Mutex;

use chrono::TimeDelta;
use model::action::{ActionKind, ActionPart, TargetState, TokenForActions, UserStatus};
use model::action_audit::{AuditEntry, AuditFilter, AuditFormat, AuditQuery, ChainState};
use model::action_preview_reasons::{ActionOverride, ActionRefusal, ActionWarning};
use model::action_run::{ActionOutcome, ActionProgress, RehearsalRequest};
use model::code::Code;
use practice::fixture_users as fixture;
use practice::{Change, UserOperation};
use tokio_util::sync::CancellationToken;

use support::TestConnection;
use support::responding::approval;

async fn story() -> TestConnection {
    let story = TestConnection::begin().await;
    story.respond_with(&story.practice.card().tokens.super_admin.clone()).await;
    story
}

async fn entries(story: &TestConnection) -> Vec<AuditEntry> {
    let query = AuditQuery { connection: story.id.clone(), filter: AuditFilter::default(), before: None, limit: 200 };
    story.connector.actions().audit(query).await.unwrap().entries
}

async fn chain(story: &TestConnection) -> ChainState {
    story.connector.actions().verify_audit(&story.id).await.unwrap().state
}

#[tokio::test]
async fn a_user_is_locked_down_and_the_lockdown_is_lifted_with_both_entries_linked() {
    let story = story().await;
    let locked = story.act(ActionKind::LockDown, fixture::MIRA.login).await;
    assert_eq!((locked.outcome, story.status_in_okta(fixture::MIRA.id).as_str()), (ActionOutcome::Done, "SUSPENDED"));
    assert_eq!(story.access_in_okta(fixture::MIRA.id).sessions, 0);
    let types: Vec<&str> = locked.events.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(types, ["user.lifecycle.suspend", "user.session.clear"], "each part has its System Log event");
    let undo = story.connector.actions().undo_preview(&story.id, locked.entry.unwrap()).await.unwrap();
    assert_eq!(undo.targets[0].overrides, [], "nobody acted since");
    let lifted = story.approve(&undo).await.unwrap().targets.remove(0);
    assert_eq!((lifted.outcome, story.status_in_okta(fixture::MIRA.id).as_str()), (ActionOutcome::Done, "ACTIVE"));
    let [undone, done] = entries(&story).await.try_into().unwrap();
    assert_eq!((done.undone_by, undone.opening.undo_of), (Some(undone.number), Some(done.number)));
    assert_eq!((done.opening.operator.as_str(), done.opening.reason.as_str()), ("admin", "suspicious sign-in"));
    assert_eq!(chain(&story).await, ChainState::Intact);
    let again = story.connector.actions().undo_preview(&story.id, done.number).await.unwrap();
    assert_eq!(again.targets[0].refusals[0].code, ActionRefusal::AlreadyUndone);
}

#[tokio::test]
async fn a_preview_is_used_once_and_for_two_minutes_and_needs_a_reason() {
    let story = story().await;
    let preview = story.preview(ActionKind::EndSessions, &[fixture::MIRA.login]).await.unwrap();
    let run = |approval| {
        let actions = story.connector.actions();
        async move { actions.run(&approval, &CancellationToken::new(), |_| {}).await }
    };
    let mut without_reason = approval(&preview);
    without_reason.reason = "  ".to_owned();
    assert_eq!(run(without_reason).await.unwrap_err().code, Code::ActionReasonMissing);
    assert!(run(approval(&preview)).await.is_ok());
    assert_eq!(run(approval(&preview)).await.unwrap_err().code, Code::ActionPreviewExpired);
    let old = story.preview(ActionKind::EndSessions, &[fixture::MIRA.login]).await.unwrap();
    story.pass(TimeDelta::minutes(2));
    assert_eq!(run(approval(&old)).await.unwrap_err().code, Code::ActionPreviewExpired);
    assert_eq!(entries(&story).await.len(), 1);
}

#[tokio::test]
async fn an_undo_says_who_changed_the_state_since() {
    let story = story().await;
    let locked = story.act(ActionKind::LockDown, fixture::MIRA.login).await;
    story.pass(TimeDelta::minutes(5));
    let act = |operation| Change::OtherAdministratorActs { user: fixture::MIRA.login.to_owned(), operation };
    story.control().set(act(UserOperation::Unsuspend));
    let undo = story.connector.actions().undo_preview(&story.id, locked.entry.unwrap()).await.unwrap();
    let refusal = &undo.targets[0].refusals[0];
    assert_eq!((refusal.code, refusal.args["status"].as_str()), (ActionRefusal::StateChanged, "active"));
    assert!(refusal.args["actor"].contains('@'), "{refusal:?}");
    story.pass(TimeDelta::minutes(1));
    story.control().set(act(UserOperation::Suspend));
    let undo = story.connector.actions().undo_preview(&story.id, locked.entry.unwrap()).await.unwrap();
    let reasons: Vec<_> = undo.targets[0].overrides.iter().map(|one| one.reason).collect();
    assert_eq!((reasons, undo.targets[0].refusals.len()), (vec![ActionOverride::ActedSince], 0));
}

#[tokio::test]
async fn a_user_who_was_suspended_before_is_left_suspended_by_the_undo() {
    let story = story().await;
    let result = story.act(ActionKind::LockDown, fixture::SUSPENDED.login).await;
    assert_eq!(result.parts.iter().map(|part| part.part).collect::<Vec<_>>(), [ActionPart::EndSessions]);
    let undo = story.connector.actions().undo_preview(&story.id, result.entry.unwrap()).await.unwrap();
    assert_eq!(undo.targets[0].refusals[0].code, ActionRefusal::NotUndoable);
    assert_eq!(story.status_in_okta(fixture::SUSPENDED.id), "SUSPENDED");
}

#[tokio::test]
async fn a_run_over_several_targets_reports_each_and_stops_before_the_next() {
    let story = story().await;
    let logins = [fixture::MIRA.login, fixture::SERVICE.login, fixture::DIRECTORY.login];
    let preview = story.preview(ActionKind::LockDown, &logins).await.unwrap();
    let (cancel, seen) = (CancellationToken::new(), Mutex::new(Vec::new()));
    let on_progress = |progress| {
        if let ActionProgress::Finished { index, total, .. } = progress {
            seen.lock().unwrap().push((index, total));
            if index == 1 {
                cancel.cancel();
            }
        }
    };
    let run = story.connector.actions().run(&approval(&preview), &cancel, on_progress).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), [(0, 3), (1, 3)]);
    assert_eq!((run.targets.len(), run.not_begun.len(), run.outcome), (2, 1, ActionOutcome::Partly));
    assert_eq!(story.status_in_okta(fixture::DIRECTORY.id), "ACTIVE");
    assert_eq!(story.changes_asked("POST", &format!("/api/v1/users/{}/lifecycle/suspend", fixture::DIRECTORY.id)), 0);
}

#[tokio::test]
async fn without_a_response_token_one_is_asked_for_held_and_forgotten() {
    let story = TestConnection::begin().await;
    story.connector.guide().set_domain(&story.id, String::new()).await.unwrap();
    let actions = story.connector.actions();
    assert_eq!(actions.token_state(&story.id).await.unwrap(), TokenForActions::Needed);
    let refused = story.preview(ActionKind::EndSessions, &[fixture::MIRA.login]).await;
    assert_eq!(refused.unwrap_err().code, Code::ActionTokenNeeded);
    story.respond_with(&story.practice.card().tokens.super_admin.clone()).await;
    story.pass(TimeDelta::minutes(14));
    assert!(story.preview(ActionKind::EndSessions, &[fixture::MIRA.login]).await.is_ok(), "a use");
    story.pass(TimeDelta::minutes(14));
    assert!(matches!(actions.token_state(&story.id).await.unwrap(), TokenForActions::Held { .. }));
    story.pass(TimeDelta::minutes(1));
    assert_eq!(actions.token_state(&story.id).await.unwrap(), TokenForActions::Needed);
}

#[tokio::test]
async fn a_stored_response_token_is_used_and_a_wrong_one_is_not_held() {
    let story = TestConnection::begin().await;
    story.connector.guide().set_domain(&story.id, String::new()).await.unwrap();
    let wrong = story.connector.actions().use_token(&story.id, "00".to_owned().repeat(21).into()).await;
    assert_eq!(wrong.unwrap_err().code, Code::TokenRefused);
    story.paste_super_admin().await;
    assert_eq!(story.connector.actions().token_state(&story.id).await.unwrap(), TokenForActions::Stored);
    let result = story.act(ActionKind::EndSessions, fixture::MIRA.id).await;
    assert_eq!(result.outcome, ActionOutcome::Done);
}

#[tokio::test]
async fn an_address_is_blocked_and_unblocked_in_a_zone_of_our_own() {
    let story = story().await;
    let blocked = story.act(ActionKind::BlockAddress, "203.0.113.77").await;
    assert_eq!(blocked.outcome, ActionOutcome::Done, "{blocked:?}");
    assert!(matches!(blocked.after, TargetState::Address { is_blocked: true, has_entry: true, .. }));
    let now = story.connector.actions().blocked_now(&story.id).await.unwrap();
    let ours: Vec<_> = now.ours.iter().map(|one| (one.range.as_str(), one.entry)).collect();
    assert_eq!((ours, now.gone.as_slice()), (vec![("203.0.113.77", blocked.entry)], &[][..]));
    let again = story.preview(ActionKind::BlockAddress, &["203.0.113.77/32"]).await.unwrap();
    assert_eq!(again.targets[0].refusals[0].code, ActionRefusal::AlreadyBlocked);
    // By the address as typed another way, and not by the entry.
    let unblocked = story.act(ActionKind::UnblockAddress, "203.0.113.77-203.0.113.77").await;
    assert_eq!(unblocked.outcome, ActionOutcome::Done, "{unblocked:?}");
    let now = story.connector.actions().blocked_now(&story.id).await.unwrap();
    assert!(now.ours.is_empty() && now.gone.is_empty());
    let [undo, done] = entries(&story).await.try_into().unwrap();
    assert_eq!((done.undone_by, undo.opening.undo_of), (Some(undo.number), Some(done.number)));
    let other = story.preview(ActionKind::UnblockAddress, &["203.0.113.78"]).await.unwrap();
    assert_eq!(other.targets[0].refusals[0].code, ActionRefusal::NotOurs);
    assert_eq!(chain(&story).await, ChainState::Intact);
}

#[tokio::test]
async fn the_shared_zone_is_used_only_after_it_was_agreed_to() {
    let story = story().await;
    story.control().set(Change::OnlyBlockedIpZone { on: true });
    let refused = story.act(ActionKind::BlockAddress, "203.0.113.77").await;
    assert_eq!(refused.refusals[0].code, ActionRefusal::NeedsSharedZone);
    assert_eq!(refused.outcome, ActionOutcome::Failed);
    let preview = story.preview(ActionKind::BlockAddress, &["203.0.113.77"]).await.unwrap();
    assert!(preview.targets[0].overrides.iter().any(|one| one.reason == ActionOverride::SharedZone));
    let blocked = story.approve(&preview).await.unwrap().targets.remove(0);
    assert_eq!(blocked.outcome, ActionOutcome::Done, "{blocked:?}");
    assert!(blocked.warnings.iter().any(|one| one.code == ActionWarning::SharedZone));
    let undo = story.connector.actions().undo_preview(&story.id, blocked.entry.unwrap()).await.unwrap();
    assert_eq!(story.approve(&undo).await.unwrap().targets[0].outcome, ActionOutcome::Done);
}

#[tokio::test]
async fn protected_addresses_are_refused_and_the_reason_is_named() {
    let story = story().await;
    let rows = [
        ("10.0.0.1", ActionRefusal::ReservedAddress),
        ("127.0.0.1", ActionRefusal::ReservedAddress),
        ("2001:4860:4860::8888", ActionRefusal::Ipv6Off),
        ("203.0.112.0/23", ActionRefusal::RangeTooWide),
        ("not an address", ActionRefusal::NotAnAddress),
        ("203.0.113.300", ActionRefusal::NotAnAddress),
    ];
    for (typed, expected) in rows {
        let preview = story.preview(ActionKind::BlockAddress, &[typed]).await.unwrap();
        let codes: Vec<_> = preview.targets[0].refusals.iter().map(|one| one.code).collect();
        assert!(codes.contains(&expected), "{typed}: {codes:?}");
        let run = story.approve(&preview).await;
        assert_eq!(run.unwrap_err().code, Code::ActionNothingToRun, "{typed}");
    }
    assert_eq!(entries(&story).await, []);
}

#[tokio::test]
async fn the_audit_outlives_its_connection_and_exports_in_three_formats() {
    let story = story().await;
    story.act(ActionKind::LockDown, fixture::MIRA.login).await;
    let actions = story.connector.actions();
    story.connector.connections().remove(&story.id).await.unwrap();
    let [audited] = actions.audited_connections().await.unwrap().try_into().unwrap();
    assert_eq!((audited.id.clone(), audited.entries, audited.exists), (story.id.clone(), 1, false));
    assert_eq!(chain(&story).await, ChainState::Intact, "the seal outlives it too");
    let messages = messages::Messages::load(model::preferences::Language::En);
    let export = |format| actions.export_audit(&story.id, format, &messages);
    let table = export(AuditFormat::Csv).await.unwrap();
    assert_eq!(table.lines().count(), 2);
    assert!(table.contains(",lock_down,") && table.contains(",suspended,"), "{table}");
    let document: serde_json::Value = serde_json::from_str(&export(AuditFormat::Json).await.unwrap()).unwrap();
    assert_eq!(document["entries"][0]["opening"]["target"]["login"], fixture::MIRA.login);
    let report = export(AuditFormat::Report).await.unwrap();
    assert!(report.contains("Lock down user: mira.holt@practice.example") && !report.contains("action."), "{report}");
}

#[tokio::test]
async fn an_end_time_is_listed_until_the_action_is_undone() {
    let story = story().await;
    let preview = story.preview(ActionKind::LockDown, &[fixture::MIRA.login]).await.unwrap();
    let mut approved = approval(&preview);
    approved.ends_at = Some(story.clock.now() + TimeDelta::hours(1));
    let actions = story.connector.actions();
    let run = actions.run(&approved, &CancellationToken::new(), |_| {}).await.unwrap();
    let due = actions.due_ends(&story.id).await.unwrap();
    assert_eq!(
        due.iter().map(|one| (one.entry, one.is_due)).collect::<Vec<_>>(),
        [(run.targets[0].entry.unwrap(), false)]
    );
    story.pass(TimeDelta::minutes(61));
    assert!(actions.due_ends(&story.id).await.unwrap()[0].is_due);
    story.respond_with(&story.practice.card().tokens.super_admin.clone()).await;
    story.act(ActionKind::LiftLockdown, fixture::MIRA.login).await;
    assert_eq!(actions.due_ends(&story.id).await.unwrap(), []);
}

#[tokio::test]
async fn a_rehearsal_undoes_what_it_does_and_proves_nothing_in_practice() {
    let story = story().await;
    let request = RehearsalRequest {
        connection: story.id.clone(),
        user: Some(fixture::MIRA.login.to_owned()),
        address: Some("203.0.113.77".to_owned()),
        with_irreversible: false,
        typed_user: Some("203.0.113.77".to_owned()),
    };
    let actions = story.connector.actions();
    let report = actions.rehearse(&request, &CancellationToken::new(), |_| {}).await.unwrap();
    let steps: Vec<_> = report.steps.iter().map(|step| (step.kind, step.outcome)).collect();
    let done = Some(ActionOutcome::Done);
    let expected = [
        (ActionKind::LockDown, done),
        (ActionKind::LiftLockdown, done),
        (ActionKind::EndSessions, done),
        (ActionKind::BlockAddress, done),
        (ActionKind::UnblockAddress, done),
    ];
    assert_eq!(steps, expected, "{report:?}");
    assert!(report.is_practice && report.proven.is_empty());
    assert_eq!(story.status_in_okta(fixture::MIRA.id), "ACTIVE");
    assert!(actions.blocked_now(&story.id).await.unwrap().ours.is_empty());
}

#[tokio::test]
async fn two_runs_of_one_connection_do_not_overlap() {
    let story = story().await;
    let held = store::lock_actions(story.folder.path(), &story.id).unwrap();
    let preview = story.preview(ActionKind::EndSessions, &[fixture::MIRA.login]).await.unwrap();
    assert_eq!(story.approve(&preview).await.unwrap_err().code, Code::ActionRunning);
    drop(held);
    let state = story.act(ActionKind::EndSessions, fixture::MIRA.login).await.after;
    assert!(matches!(state, TargetState::User { status: UserStatus::Active, .. }));
}
