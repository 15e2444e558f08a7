//! Which user a typed text leads to, against a practice organization that resolves logins as Okta does (field case F63): the id
//! alone is acted on, and a text never leads to another person.

mod support;

use model::action::{ActionKind, MatchedBy, TargetPreview};
use model::action_preview_reasons::{ActionOverride, ActionRefusal};
use practice::Options;
use practice::fixture_users as fixture;

use MatchedBy::{Email, Id, Login, LoginSpelledDifferently, Name, ShortName};
use support::TestConnection;

/// Where a text leads.
enum Leads {
    /// To a user, found in this way.
    To(fixture::FixtureUser, MatchedBy),
    /// To a user who is acted on only after the login was typed as Okta has it.
    ToOther(fixture::FixtureUser),
    Nowhere,
    /// To several, to choose from.
    Several(&'static [&'static str]),
}

use Leads::{Nowhere, Several, To, ToOther};

const TYPED: [(&str, Leads); 28] = [
    ("mira.holt@practice.example", To(fixture::MIRA, Login)),
    ("  mira.holt@practice.example ", To(fixture::MIRA, Login)),
    ("MIRA.HOLT@practice.example", To(fixture::MIRA, LoginSpelledDifferently)),
    ("míra.holt@practice.example", ToOther(fixture::MIRA)),
    ("mira.holt", To(fixture::MIRA, ShortName)),
    ("00uPRACTICEMIRAHOLT0", To(fixture::MIRA, Id)),
    ("00upracticemiraholt0", Nowhere),
    ("Holt", To(fixture::MIRA, Name)),
    ("Mira Holt", To(fixture::MIRA, Name)),
    ("mira.holt@elsewhere.example", Nowhere),
    (".", Nowhere),
    ("..", Nowhere),
    ("%2e", Nowhere),
    ("%2e%2e/zones", Nowhere),
    ("me", Nowhere),
    ("a/b@example.com", Nowhere),
    ("ops#1", To(fixture::HASH, Login)),
    ("ops+2", To(fixture::PLUS, Login)),
    ("ops/3", To(fixture::SLASH, Login)),
    ("ops-three@practice.example", To(fixture::SLASH, Email)),
    ("zoë.ortíz@practice.example", To(fixture::ACCENTS, Login)),
    ("zoe.ortiz@practice.example", ToOther(fixture::ACCENTS)),
    ("kim.o'neil@practice.example", To(fixture::APOSTROPHE, Login)),
    ("sam.park", Several(&[fixture::SHORT_NAME.id, fixture::SAME_SHORT_NAME.id])),
    ("sam.park@partner.example", To(fixture::SAME_SHORT_NAME, Login)),
    ("\" or status eq \"ACTIVE", Nowhere),
    ("x\\", Nowhere),
    ("svc-backup@practice.example?limit=1", Nowhere),
];

fn assert_leads(typed: &str, target: &TargetPreview, leads: &Leads) {
    let refusals: Vec<_> = target.refusals.iter().map(|refusal| refusal.code).collect();
    let has_to_be_typed = target.overrides.iter().any(|one| one.reason == ActionOverride::OtherLogin);
    match leads {
        To(user, by) => {
            let found = target.user.as_ref().unwrap_or_else(|| panic!("{typed}: {refusals:?}"));
            assert_eq!((found.id.as_str(), found.login.as_str()), (user.id, user.login), "{typed}");
            assert_eq!((found.matched_by, has_to_be_typed), (*by, false), "{typed}");
        }
        ToOther(user) => {
            let found = target.user.as_ref().unwrap_or_else(|| panic!("{typed}: {refusals:?}"));
            assert_eq!((found.id.as_str(), found.login.as_str()), (user.id, user.login), "{typed}");
            assert!(has_to_be_typed, "{typed}: {:?}", target.overrides);
        }
        Nowhere => assert_eq!((refusals, &target.user), (vec![ActionRefusal::UserNotFound], &None), "{typed}"),
        Several(ids) => {
            assert_eq!(refusals, [ActionRefusal::SeveralUsers], "{typed}");
            let found: Vec<&str> = target.candidates.iter().map(|user| user.id.as_str()).collect();
            assert_eq!(&found, ids, "{typed}");
        }
    }
}

#[tokio::test]
async fn a_typed_text_leads_to_the_user_whom_okta_means_or_to_nobody() {
    let story = TestConnection::begin().await;
    story.respond_with(&story.practice.card().tokens.super_admin.clone()).await;
    for (typed, leads) in &TYPED {
        let preview = story.preview(ActionKind::EndSessions, &[typed]).await;
        let preview = preview.unwrap_or_else(|problem| panic!("{typed}: {problem:?}"));
        assert_leads(typed, &preview.targets[0], leads);
    }
    let requests = story.control().requests();
    assert!(requests.iter().filter(|one| one.side == "okta").all(|one| one.method == "GET"), "nothing was changed");
}

#[tokio::test]
async fn the_id_is_acted_on_alone() {
    let story = TestConnection::begin().await;
    story.respond_with(&story.practice.card().tokens.super_admin.clone()).await;
    for user in [fixture::HASH, fixture::PLUS, fixture::SLASH, fixture::ACCENTS, fixture::APOSTROPHE] {
        story.act(ActionKind::LockDown, user.login).await;
        assert_eq!(story.status_in_okta(user.id), "SUSPENDED", "{}", user.login);
        assert_eq!(story.changes_asked("POST", &format!("/api/v1/users/{}/lifecycle/suspend", user.id)), 1);
    }
    let changed = story.control().requests().into_iter().filter(|one| one.side == "okta" && one.method != "GET");
    assert!(changed.clone().all(|one| one.path.starts_with("/api/v1/users/00uPRACTICE")));
    assert_eq!(changed.count(), 10, "two requests for each of the five");
}

#[tokio::test]
async fn a_text_that_matches_more_users_than_okta_lists_leads_to_nobody_and_says_so() {
    let story = TestConnection::simulated(Options { users: 600, ..Options::default() }).await;
    story.respond_with(&story.practice.card().tokens.super_admin.clone()).await;
    let (mut with_candidates, mut without) = (0, 0);
    for letter in 'a'..='z' {
        // Nobody has this name, but those with the same first letter fill the list.
        for typed in [letter.to_string(), format!("{letter} zzz")] {
            let preview = story.preview(ActionKind::EndSessions, &[&typed]).await.unwrap();
            let target = &preview.targets[0];
            if target.refusals.first().is_some_and(|one| one.code == ActionRefusal::TooManyUsers) {
                assert!(preview.is_refused() && target.target.is_none(), "{typed}: {target:?}");
                *(if target.candidates.is_empty() { &mut without } else { &mut with_candidates }) += 1;
            }
        }
    }
    assert!(with_candidates > 0 && without > 0, "{with_candidates} {without}");
}
