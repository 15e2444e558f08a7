//! What is refused, what has to be typed and what is warned of before an action on a user, in a practice organization with users
//! in every status.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use model::action::{ActionApproval, ActionKind, ActionPart, TypedOverride};
use model::action_preview_reasons::{ActionOverride, ActionRefusal, ActionWarning};
use model::action_run::ActionOutcome;
use model::code::Code;
use practice::fixture_users::{self as fixture, FixtureUser};
use practice::{Change, UserOperation};
use tokio_util::sync::CancellationToken;

use ActionKind::{BlockAddress, EndSessions, ExpirePassword, LiftLockdown, LockDown, ResetFactors};
use support::TestConnection;
use support::responding::approval;

/// What a preview says: refusals, confirmations to type, and warnings.
type Says = (&'static [ActionRefusal], &'static [ActionOverride], &'static [ActionWarning]);

const FREE: Says = (&[], &[], &[]);
const IRREVERSIBLE: Says = (&[], &[ActionOverride::Irreversible], &[]);
const BY_STATUS: Says = (&[ActionRefusal::StatusForbids], &[], &[]);
const IRREVERSIBLE_BY_STATUS: Says = (&[ActionRefusal::StatusForbids], &[ActionOverride::Irreversible], &[]);
const DONE: Says = (&[ActionRefusal::AlreadyDone], &[], &[]);
const UNCERTAIN: Says = (&[], &[], &[ActionWarning::StatusUncertain, ActionWarning::UndoMayActivate]);

/// Each action on a user in each status, by a super administrator's token.
const ROWS: [(ActionKind, FixtureUser, Says); 43] = [
    (LockDown, fixture::MIRA, FREE),
    (LockDown, fixture::STAGED, BY_STATUS),
    (LockDown, fixture::PROVISIONED, UNCERTAIN),
    (LockDown, fixture::RECOVERY, BY_STATUS),
    (LockDown, fixture::PASSWORD_EXPIRED, UNCERTAIN),
    (LockDown, fixture::LOCKED_OUT, BY_STATUS),
    (LockDown, fixture::SUSPENDED, (&[], &[], &[ActionWarning::SuspendedBefore])),
    (LockDown, fixture::DEPROVISIONED, BY_STATUS),
    (LockDown, fixture::DIRECTORY, (&[], &[], &[ActionWarning::DirectorySourced])),
    (LockDown, fixture::SERVICE, FREE),
    (LockDown, fixture::GROUP_ADMIN, (&[], &[ActionOverride::Administrator], &[])),
    (LiftLockdown, fixture::MIRA, DONE),
    (LiftLockdown, fixture::STAGED, BY_STATUS),
    (LiftLockdown, fixture::PROVISIONED, BY_STATUS),
    (LiftLockdown, fixture::RECOVERY, BY_STATUS),
    (LiftLockdown, fixture::PASSWORD_EXPIRED, BY_STATUS),
    (LiftLockdown, fixture::LOCKED_OUT, BY_STATUS),
    (LiftLockdown, fixture::SUSPENDED, (&[], &[ActionOverride::NotSuspendedByApp], &[])),
    (LiftLockdown, fixture::DEPROVISIONED, BY_STATUS),
    (EndSessions, fixture::MIRA, FREE),
    (EndSessions, fixture::STAGED, DONE),
    (EndSessions, fixture::PROVISIONED, FREE),
    (EndSessions, fixture::RECOVERY, FREE),
    (EndSessions, fixture::PASSWORD_EXPIRED, FREE),
    (EndSessions, fixture::LOCKED_OUT, FREE),
    (EndSessions, fixture::SUSPENDED, FREE),
    (EndSessions, fixture::DEPROVISIONED, BY_STATUS),
    (EndSessions, fixture::GROUP_ADMIN, (&[], &[ActionOverride::Administrator], &[])),
    (ExpirePassword, fixture::MIRA, IRREVERSIBLE),
    (ExpirePassword, fixture::STAGED, IRREVERSIBLE_BY_STATUS),
    (ExpirePassword, fixture::PROVISIONED, IRREVERSIBLE_BY_STATUS),
    (ExpirePassword, fixture::RECOVERY, IRREVERSIBLE_BY_STATUS),
    (ExpirePassword, fixture::PASSWORD_EXPIRED, (&[ActionRefusal::AlreadyDone], &[ActionOverride::Irreversible], &[])),
    (ExpirePassword, fixture::LOCKED_OUT, IRREVERSIBLE_BY_STATUS),
    (ExpirePassword, fixture::SUSPENDED, IRREVERSIBLE_BY_STATUS),
    (ExpirePassword, fixture::DEPROVISIONED, IRREVERSIBLE_BY_STATUS),
    (ExpirePassword, fixture::DIRECTORY, IRREVERSIBLE),
    (ResetFactors, fixture::MIRA, IRREVERSIBLE),
    (ResetFactors, fixture::STAGED, IRREVERSIBLE_BY_STATUS),
    (ResetFactors, fixture::LOCKED_OUT, IRREVERSIBLE),
    (ResetFactors, fixture::SUSPENDED, (&[], &[ActionOverride::Irreversible], &[ActionWarning::StatusUncertain])),
    (ResetFactors, fixture::DEPROVISIONED, IRREVERSIBLE_BY_STATUS),
    (ResetFactors, fixture::GROUP_ADMIN, (&[], &[ActionOverride::Irreversible, ActionOverride::Administrator], &[])),
];

async fn story() -> TestConnection {
    let story = TestConnection::begin().await;
    story.respond_with(&story.practice.card().tokens.super_admin.clone()).await;
    story
}

/// Asserts what the preview of one target says, and that a refused one cannot be run.
async fn assert_says(story: &TestConnection, kind: ActionKind, typed: &str, says: Says) {
    let preview = story.preview(kind, &[typed]).await.unwrap();
    let target = &preview.targets[0];
    let refusals: Vec<_> = target.refusals.iter().map(|one| one.code).collect();
    let overrides: Vec<_> = target.overrides.iter().map(|one| one.reason).collect();
    let warnings: Vec<_> = target.warnings.iter().map(|one| one.code).collect();
    assert_eq!((refusals.as_slice(), overrides.as_slice(), warnings.as_slice()), says, "{kind:?} {typed}");
    if !refusals.is_empty() {
        assert_eq!((preview.is_refused(), target.parts.as_slice()), (true, [].as_slice()), "{kind:?} {typed}");
        let run = story.approve(&preview).await;
        assert!(run.is_err() || run.is_ok_and(|run| run.targets.is_empty()), "{kind:?} {typed} was run");
    }
    for required in &target.overrides {
        assert_eq!(required.text, target.user.as_ref().unwrap().login, "{kind:?} {typed}");
    }
}

fn changes(story: &TestConnection) -> usize {
    story.control().requests().iter().filter(|one| one.side == "okta" && one.method != "GET").count()
}

#[tokio::test]
async fn each_action_says_what_each_status_and_role_means_for_it() {
    let story = story().await;
    for (kind, user, says) in ROWS {
        assert_says(&story, kind, user.login, says).await;
    }
    assert_eq!(changes(&story), 0, "a preview and a refused approval change nothing");
}

#[tokio::test]
async fn the_owner_of_the_token_and_super_administrators_are_protected() {
    let story = story().await;
    let owner = "svc-radiant@practice.example";
    for kind in [LockDown, EndSessions] {
        assert_says(&story, kind, owner, (&[ActionRefusal::TokenOwner], &[], &[])).await;
    }
    let administrator: Says = (&[], &[ActionOverride::Administrator], &[ActionWarning::SuperAdministrator]);
    assert_says(&story, LockDown, "jo.marsh", administrator).await;
    let unread: Says = (&[], &[ActionOverride::RolesUnread], &[]);
    story.respond_with(&story.practice.card().tokens.org_admin.clone()).await;
    assert_says(&story, LockDown, fixture::MIRA.login, unread).await;
    assert_says(&story, LockDown, "jo.marsh", unread).await;
    let refused = story.preview(LockDown, &["svc-radiant-org@practice.example"]).await.unwrap();
    assert!(refused.targets[0].refusals.iter().any(|one| one.code == ActionRefusal::TokenOwner));
    assert_eq!(changes(&story), 0);
}

#[tokio::test]
async fn a_confirmation_that_is_missing_or_wrong_stops_the_run() {
    let story = story().await;
    for text in [None, Some("greta"), Some(""), Some("greta.moor@practice.example ")] {
        let preview = story.preview(LockDown, &[fixture::GROUP_ADMIN.login]).await.unwrap();
        let typed = text.map(|text| TypedOverride { target: 0, text: text.to_owned() });
        let approval = ActionApproval { typed: typed.into_iter().collect(), ..approval(&preview) };
        let run = story.connector.actions().run(&approval, &CancellationToken::new(), |_| {}).await;
        let is_done = story.status_in_okta(fixture::GROUP_ADMIN.id) == "SUSPENDED";
        // A blank at the end is no other login.
        assert_eq!(is_done, text.is_some_and(|text| text.trim() == fixture::GROUP_ADMIN.login), "{text:?}: {run:?}");
    }
}

#[tokio::test]
async fn an_approval_needs_a_reason_and_its_preview_is_used_once_within_two_minutes() {
    let story = story().await;
    let run = async |approval: &ActionApproval| {
        story.connector.actions().run(approval, &CancellationToken::new(), |_| {}).await.map_err(|problem| problem.code)
    };
    let blank = story.preview(LockDown, &[fixture::MIRA.login]).await.unwrap();
    let refused = run(&ActionApproval { reason: "  ".to_owned(), ..approval(&blank) }).await;
    assert!(refused.is_err(), "{refused:?}");
    let late = story.preview(LockDown, &[fixture::MIRA.login]).await.unwrap();
    story.pass(chrono::TimeDelta::seconds(121));
    assert!(run(&approval(&late)).await.is_err());
    assert_eq!(changes(&story), 0);
    let used = story.preview(LockDown, &[fixture::MIRA.login]).await.unwrap();
    assert!(run(&approval(&used)).await.is_ok());
    let count = changes(&story);
    assert!(run(&approval(&used)).await.is_err(), "a second time");
    assert_eq!(changes(&story), count);
}

#[tokio::test]
async fn a_user_who_changed_since_the_preview_is_judged_again() {
    let story = story().await;
    let preview = story.preview(LockDown, &[fixture::MIRA.login]).await.unwrap();
    let acts = |operation| Change::OtherAdministratorActs { user: fixture::MIRA.login.to_owned(), operation };
    story.control().set(acts(UserOperation::Deactivate));
    let run = story.approve(&preview).await.unwrap();
    assert_eq!(run.targets[0].refusals[0].code, ActionRefusal::StatusForbids);
    assert_eq!((story.status_in_okta(fixture::MIRA.id).as_str(), changes(&story)), ("DEPROVISIONED", 0));
}

/// An action, its target, what happens between its preview and its run, and why nothing is done then.
struct Late {
    kind: ActionKind,
    target: &'static str,
    happens: fn() -> Change,
    refusal: Option<ActionRefusal>,
}

fn roles(principal: &str, roles: &[&str]) -> Change {
    Change::Roles { principal: principal.to_owned(), roles: roles.iter().map(|&role| role.to_owned()).collect() }
}

const ADDRESS: &str = "203.0.113.77";
const BLOCKED_IP_ZONE: &str = "nzoPRACTICEBLOCKED";
const JO: &str = "jo.marsh@practice.example";

const LATE: [Late; 7] = [
    // The user becomes an administrator: a confirmation that was not shown.
    Late { kind: LockDown, target: JO, happens: || roles("person_super_admin", &["SUPER_ADMIN"]), refusal: None },
    // The same with the login typed for another reason.
    Late { kind: ExpirePassword, target: JO, happens: || roles("person_super_admin", &["ORG_ADMIN"]), refusal: None },
    // The roles cannot be read any more.
    Late {
        kind: LockDown,
        target: fixture::MIRA.login,
        happens: || roles("super_admin", &["ORG_ADMIN"]),
        refusal: None,
    },
    Late {
        kind: LockDown,
        target: fixture::MIRA.login,
        happens: || Change::UserStatus { user: fixture::MIRA.login.to_owned(), status: "LOCKED_OUT".to_owned() },
        refusal: Some(ActionRefusal::StatusForbids),
    },
    // An administrator signs in from the address.
    Late {
        kind: BlockAddress,
        target: ADDRESS,
        happens: || Change::AdministratorOpensConsole { address: ADDRESS.parse().unwrap(), console_address: None },
        refusal: None,
    },
    // Okta's own console asks from it.
    Late {
        kind: BlockAddress,
        target: ADDRESS,
        happens: || Change::AdministratorOpensConsole {
            address: "192.0.2.200".parse().unwrap(),
            console_address: Some(ADDRESS.parse().unwrap()),
        },
        refusal: Some(ActionRefusal::OktaAddress),
    },
    // Somebody else blocks it.
    Late {
        kind: BlockAddress,
        target: ADDRESS,
        happens: || Change::OtherAdministratorEditsZone {
            zone: BLOCKED_IP_ZONE.to_owned(),
            add: vec![ADDRESS.to_owned()],
            remove: Vec::new(),
        },
        refusal: Some(ActionRefusal::AlreadyBlocked),
    },
];

#[tokio::test]
async fn a_guard_that_appears_after_the_preview_stops_the_run() {
    for (number, late) in LATE.iter().enumerate() {
        let story = story().await;
        story.control().set(roles("person_super_admin", &[]));
        let preview = story.preview(late.kind, &[late.target]).await.unwrap();
        assert_eq!(preview.targets[0].refusals, [], "{number}");
        story.control().set((late.happens)());
        let run = story.approve(&preview).await.unwrap();
        let [target] = run.targets.as_slice() else { panic!("{number}: {run:?}") };
        let refusals: Vec<_> = target.refusals.iter().map(|one| one.code).collect();
        let problems: Vec<_> = target.parts.iter().filter_map(|part| part.problem.as_ref()).collect();
        match late.refusal {
            Some(refusal) => assert!(refusals.contains(&refusal), "{number}: {target:?}"),
            None => assert!(problems.iter().all(|one| one.code == Code::ActionNotConfirmed), "{number}: {target:?}"),
        }
        assert!(refusals.len() + problems.len() > 0, "{number}: {target:?}");
        assert_ne!(target.outcome, ActionOutcome::Done, "{number}");
        assert_eq!((target.entry, changes(&story)), (None, 0), "{number}: nothing was sent");
    }
}

#[tokio::test]
async fn an_address_from_which_the_token_was_used_since_the_preview_is_not_blocked() {
    let story = story().await;
    let preview = story.preview(BlockAddress, &[ADDRESS]).await.unwrap();
    story.control().set(Change::ClientAddress { address: ADDRESS.parse().unwrap() });
    // Its event shows the address of this computer.
    story.act(EndSessions, fixture::MIRA.login).await;
    let sent = changes(&story);
    let run = story.approve(&preview).await.unwrap();
    let refusals: Vec<_> = run.targets[0].refusals.iter().map(|one| one.code).collect();
    assert!(refusals.contains(&ActionRefusal::TokenAddress), "{refusals:?}");
    assert!(refusals.contains(&ActionRefusal::OwnAddress), "{refusals:?}");
    assert_eq!((run.targets[0].entry, changes(&story)), (None, sent));
}

#[tokio::test]
async fn a_token_that_was_forgotten_since_the_preview_stops_the_run() {
    let story = story().await;
    let preview = story.preview(LockDown, &[fixture::MIRA.login]).await.unwrap();
    story.connector.actions().forget_token(&story.id);
    let refused = story.approve(&preview).await.unwrap_err();
    assert_eq!((refused.code, changes(&story)), (Code::ActionTokenNeeded, 0));
}

/// What another administrator does between a lockdown and its undo, and what the undo says.
const UNDO_ROWS: [(&[UserOperation], &[ActionRefusal], &[ActionOverride]); 5] = [
    (&[], &[], &[]),
    (&[UserOperation::ClearSessions], &[], &[]),
    (&[UserOperation::Unsuspend], &[ActionRefusal::StateChanged], &[]),
    (&[UserOperation::Deactivate], &[ActionRefusal::StateChanged], &[]),
    (&[UserOperation::Unsuspend, UserOperation::Suspend], &[], &[ActionOverride::ActedSince]),
];

#[tokio::test]
async fn an_undo_says_who_acted_since_and_lifts_only_what_the_app_left() {
    for (operations, refusals, overrides) in UNDO_ROWS {
        let story = story().await;
        let entry = story.act(LockDown, fixture::MIRA.login).await.entry.unwrap();
        for operation in operations {
            story.pass(chrono::TimeDelta::seconds(60));
            let user = fixture::MIRA.login.to_owned();
            story.control().set(Change::OtherAdministratorActs { user, operation: *operation });
        }
        story.pass(chrono::TimeDelta::seconds(60));
        let before = story.status_in_okta(fixture::MIRA.id);
        let preview = story.connector.actions().undo_preview(&story.id, entry).await.unwrap();
        let target = &preview.targets[0];
        let said: Vec<_> = target.refusals.iter().map(|one| one.code).collect();
        let typed: Vec<_> = target.overrides.iter().map(|one| one.reason).collect();
        assert_eq!((said.as_slice(), typed.as_slice()), (refusals, overrides), "{operations:?}");
        let foreign = target.refusals.iter().map(|one| &one.args).chain(target.overrides.iter().map(|one| &one.args));
        assert!(foreign.into_iter().all(|args| args["actor"] == "jo.marsh@practice.example"), "{operations:?}: who");
        if refusals.is_empty() {
            let run = story.approve(&preview).await.unwrap();
            assert_eq!(run.targets[0].parts[0].part, ActionPart::Unsuspend);
            assert_eq!(story.status_in_okta(fixture::MIRA.id), "ACTIVE", "{operations:?}");
        } else {
            assert_eq!(story.status_in_okta(fixture::MIRA.id), before, "{operations:?}");
        }
    }
}

#[tokio::test]
async fn without_a_token_or_with_one_that_is_refused_nothing_is_previewed() {
    let story = TestConnection::begin().await;
    story.connector.guide().set_domain(&story.id, String::new()).await.unwrap();
    let needed = story.preview(LockDown, &[fixture::MIRA.login]).await.unwrap_err();
    assert_eq!(needed.code, Code::ActionTokenNeeded);
    story.respond_with(&story.practice.card().tokens.super_admin.clone()).await;
    story.control().set(Change::Revoke { principal: "super_admin".to_owned() });
    let refused = story.preview(LockDown, &[fixture::MIRA.login]).await.unwrap_err();
    assert_eq!(refused.code, Code::TokenRefused);
    assert_eq!(changes(&story), 0);
}
