//! Actions on users.

use chrono::TimeDelta;
use futures_util::future::join_all;
use model::action::{ActionKind, ActionPart, TargetState, UserStatus};
use model::action_run::ActionOutcome::{Done, Partly};
use practice::{Change, Fault, Side};

use super::support::TestConnection;
use super::{CASES, Case, assert_audit, story};

/// An action, the part that the fault hits, the status before, and the status that the part leads to.
struct Target {
    kind: ActionKind,
    part: ActionPart,
    before: &'static str,
    after: Option<UserStatus>,
}

const TARGETS: [Target; 6] = [
    Target {
        kind: ActionKind::LockDown,
        part: ActionPart::Suspend,
        before: "ACTIVE",
        after: Some(UserStatus::Suspended),
    },
    Target { kind: ActionKind::LockDown, part: ActionPart::EndSessions, before: "ACTIVE", after: None },
    Target {
        kind: ActionKind::LiftLockdown,
        part: ActionPart::Unsuspend,
        before: "SUSPENDED",
        after: Some(UserStatus::Active),
    },
    Target { kind: ActionKind::EndSessions, part: ActionPart::EndSessions, before: "ACTIVE", after: None },
    Target {
        kind: ActionKind::ExpirePassword,
        part: ActionPart::ExpirePassword,
        before: "ACTIVE",
        after: Some(UserStatus::PasswordExpired),
    },
    Target { kind: ActionKind::ResetFactors, part: ActionPart::ResetFactors, before: "ACTIVE", after: None },
];

/// Returns method and path of a part's request.
fn request_of(part: ActionPart, id: &str) -> (&'static str, String) {
    let verb = match part {
        ActionPart::Suspend => "suspend",
        ActionPart::Unsuspend => "unsuspend",
        ActionPart::ExpirePassword => "expire_password",
        ActionPart::ResetFactors => "reset_factors",
        ActionPart::EndSessions => return ("DELETE", format!("/api/v1/users/{id}/sessions")),
        ActionPart::AddToZone | ActionPart::RemoveFromZone => unreachable!("no part of a user"),
    };
    ("POST", format!("/api/v1/users/{id}/lifecycle/{verb}"))
}

/// Returns whether the part took effect in Okta.
fn is_applied(story: &TestConnection, target: &Target, id: &str) -> bool {
    let access = story.access_in_okta(id);
    match target.part {
        ActionPart::EndSessions => access.oauth_tokens == 0,
        ActionPart::ResetFactors => access.factors.is_empty(),
        ActionPart::Suspend | ActionPart::Unsuspend | ActionPart::ExpirePassword => {
            story.status_in_okta(id) != target.before
        }
        ActionPart::AddToZone | ActionPart::RemoveFromZone => unreachable!("no part of a user"),
    }
}

async fn assert_case(story: &TestConnection, target: &Target, case: &Case, id: &str) -> String {
    let name = format!("{:?}, {:?}: {}", target.kind, target.part, case.name);
    story.control().set(Change::UserStatus { user: id.to_owned(), status: target.before.to_owned() });
    story.pass(TimeDelta::seconds(90));
    let (method, path) = request_of(target.part, id);
    story.control().fault(Some(Fault::on(Side::Okta, (case.fault)()).at(&path).with_method(method).times(1)));
    let result = story.act(target.kind, id).await;
    assert_eq!(story.changes_asked(method, &path), 1, "{name}: sent once");
    assert_eq!(is_applied(story, target, id), case.is_applied, "{name}: the practice organization");
    let expected = if target.after.is_some() { case.with_status } else { case.without_status };
    let part = result.parts.iter().find(|part| part.part == target.part).unwrap();
    assert_eq!(part.outcome, expected, "{name}: {part:?}");
    assert_eq!(part.problem.is_none(), expected == Done, "{name}: {part:?}");
    let of_all = if target.kind != ActionKind::LockDown || expected == Done { expected } else { Partly };
    assert_eq!(result.outcome, of_all, "{name}");
    let TargetState::User { status, .. } = result.after else { panic!("{name}: {:?}", result.after) };
    assert_eq!(status, UserStatus::parse(&story.status_in_okta(id)), "{name}: the status that was read back");
    format!("{:16} {:16} {:26} {}", target.kind.as_str(), target.part.as_str(), case.name, expected.as_str())
}

/// Returns the users of an organization that are free for a case each.
fn free_users(story: &TestConnection) -> Vec<String> {
    let users = story.control().users();
    let active = users.iter().filter(|user| user["profile"]["email"].as_str().unwrap().contains("practice.example"));
    let random = active.filter(|user| !user["id"].as_str().unwrap().contains("PRACTICE")).skip(6);
    random.map(|user| user["id"].as_str().unwrap().to_owned()).collect()
}

/// Returns every request with every fault that is a time-out, or with every one that is none.
fn cases(are_time_outs: bool) -> impl Iterator<Item = (&'static Target, &'static Case)> {
    let of_target = move |target| {
        CASES.iter().filter(move |case| case.is_time_out() == are_time_outs).map(move |case| (target, case))
    };
    TARGETS.iter().flat_map(of_target)
}

#[tokio::test]
async fn every_fault_of_every_request_is_named_as_what_it_left() {
    let story = story().await;
    let ids = free_users(&story);
    let mut table = Vec::new();
    for ((target, case), id) in cases(false).zip(&ids) {
        table.push(assert_case(&story, target, case, id).await);
    }
    assert_eq!(table.len(), cases(false).count());
    table.iter().for_each(|row| println!("| {row}"));
    assert_audit(&story, table.len()).await;
}

#[tokio::test]
async fn every_time_out_of_every_request_is_named_as_what_it_left() {
    // Each in an organization of its own, so that all wait at the same time.
    let rows = join_all(cases(true).map(|(target, case)| async move {
        let story = story().await;
        let id = free_users(&story).swap_remove(0);
        let row = assert_case(&story, target, case, &id).await;
        assert_audit(&story, 1).await;
        row
    }));
    let table = rows.await;
    assert_eq!(table.len(), TARGETS.len() * 2);
    table.iter().for_each(|row| println!("| {row}"));
}
