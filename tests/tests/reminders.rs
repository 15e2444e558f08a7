//! Reminders over months: which are due, which are notified once, snoozed or dismissed.
//!
//! Months pass by opening the same database with a clock that is ahead; probes run with today's clock.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use chrono::TimeDelta;
use connector::{Audience, Connector, ConnectorConfig, MonitoringLocks, PassScope};
use http_client::HttpSettings;
use model::check::CheckId;
use model::code::Code;
use model::connection::{Keep, Profile};
use model::guide::Confirmable;
use model::history::Span;
use model::monitor::ProbeKind;
use model::monitor_settings::MonitorSettings;
use model::notification_event::NotificationEvent;
use model::reminder::{Reminder, ReminderKind};
use model::status::State;
use practice::Change;
use runtime::Clock;
use secrets::Keychain;
use tokio_util::sync::CancellationToken;

use support::TestConnection;

const OWNER: &str = "super_admin";

/// A connection whose guide is done and whose owner's roles were seen.
async fn finished() -> TestConnection {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    story.profile(Profile::Response).await;
    story.check().await;
    story.connector.guide().confirm(&story.id, Confirmable::OwnerIsServiceAccount, true).await.unwrap();
    story.connector.guide().confirm(&story.id, Confirmable::ActionConnectorAdded, true).await.unwrap();
    story.connector.guide().finish(&story.id, Keep::Token).await.unwrap();
    story
}

/// The same database so many days later.
fn later(story: &TestConnection, days: i64) -> Connector {
    Connector::open(ConnectorConfig {
        data_dir: story.folder.path().to_owned(),
        keychain: Keychain::memory(),
        http: HttpSettings::default(),
        clock: Clock::manual(story.clock.now() + TimeDelta::days(days)),
        operator: "admin".to_owned(),
        policy: None,
    })
    .unwrap()
}

async fn told(connector: &Connector) -> Vec<ReminderKind> {
    let tended = connector.monitor().due_reminders(&PassScope::Every, Audience::AWAY).await.unwrap();
    let reminders = tended.into_iter().flat_map(|one| match one.notification {
        Some(NotificationEvent::Remind { reminders }) => reminders,
        other => panic!("{other:?}"),
    });
    reminders.map(|one| one.kind).collect()
}

async fn due(connector: &Connector, story: &TestConnection) -> Vec<Reminder> {
    connector.connections().get(&story.id).await.unwrap().reminders
}

async fn look(story: &TestConnection) -> State {
    let cancel = CancellationToken::new();
    story
        .connector
        .monitor()
        .probe_now(&story.id, ProbeKind::Full, connector::Audience::AWAY, &cancel)
        .await
        .unwrap()
        .unwrap()
        .after
        .state
}

#[tokio::test]
async fn after_half_a_year_owner_and_age_are_notified_once_and_change_no_status() {
    let story = finished().await;
    assert_eq!(told(&story.connector).await, [], "nothing on the first day");
    let then = later(&story, 181);
    let before = then.connections().get(&story.id).await.unwrap().status;
    let elsewhere = PassScope::Hosted(MonitoringLocks::default());
    let of_others = then.monitor().due_reminders(&elsewhere, Audience::AWAY).await.unwrap();
    let to_nobody = then.monitor().due_reminders(&PassScope::Every, Audience::Nobody).await.unwrap();
    assert_eq!((of_others.len(), to_nobody.len()), (0, 0), "another process notifies them");
    assert_eq!(told(&then).await, [ReminderKind::OwnerService, ReminderKind::TokenAge]);
    assert_eq!(told(&then).await, [], "each once");
    let after = then.connections().get(&story.id).await.unwrap();
    assert_eq!((after.status, after.reminders.len()), (before, 2));
    assert_eq!(after.reminders[0].args["owner"], "svc-radiant@practice.example");
}

#[tokio::test]
async fn a_snoozed_reminder_returns_a_dismissed_one_does_not_and_an_owner_confirmation_expires() {
    let story = finished().await;
    let then = later(&story, 181);
    assert_eq!(told(&then).await.len(), 2);
    let view = then.monitor().snooze_reminder(&story.id, ReminderKind::TokenAge, 30).await.unwrap();
    assert_eq!(view.reminders.len(), 1);
    assert_eq!(then.monitor().confirm_owner(&story.id).await.unwrap().reminders, []);
    assert_eq!(told(&later(&story, 210)).await, []);
    let again = later(&story, 212);
    assert_eq!(told(&again).await, [ReminderKind::TokenAge], "told once more");
    assert_eq!(again.monitor().dismiss_reminder(&story.id, ReminderKind::TokenAge).await.unwrap().reminders, []);
    assert_eq!(told(&later(&story, 272)).await, [ReminderKind::OwnerService], "90 days after the word on the owner");
    // Another token has reminders of its own.
    story.pass(TimeDelta::minutes(1));
    story.paste_super_admin().await;
    assert_eq!(due(&later(&story, 400), &story).await.len(), 2);
}

/// Another role is told as such, and a role that is gone as one that Okta no longer tells.
async fn roles_change(profile: Profile) {
    let story = finished().await;
    story.connector.guide().set_profile(&story.id, profile).await.unwrap();
    let roles = |names: &[&str]| Change::Roles {
        principal: OWNER.to_owned(),
        roles: names.iter().map(|name| (*name).to_owned()).collect(),
    };
    story.control().set(roles(&["SUPER_ADMIN", "REPORT_ADMIN"]));
    let state = look(&story).await;
    let reminder = due(&story.connector, &story).await.remove(0);
    assert_eq!(reminder.kind, ReminderKind::RolesChanged);
    assert!(!reminder.args["before"].contains("Report") && reminder.args["now"].contains("Report"), "{reminder:?}");
    assert_eq!(state, State::Ok, "nothing is wrong with more rights");
    assert_eq!(story.connector.monitor().confirm_owner(&story.id).await.unwrap().reminders, []);
    story.control().set(roles(&["ORG_ADMIN"]));
    let state = look(&story).await;
    let kinds: Vec<_> = due(&story.connector, &story).await.into_iter().map(|one| one.kind).collect();
    // Where Radiant is to act, it is more than a reminder.
    match profile {
        Profile::Ingestion => assert_eq!((state, kinds), (State::Ok, vec![ReminderKind::RolesUntold])),
        Profile::Response => assert_eq!((state, kinds), (State::Attention, vec![])),
    }
}

#[tokio::test]
async fn for_ingestion_only_a_lost_role_is_a_reminder() {
    roles_change(Profile::Ingestion).await;
}

#[tokio::test]
async fn for_response_a_lost_role_is_a_condition() {
    roles_change(Profile::Response).await;
}

#[tokio::test]
async fn roles_that_can_no_longer_be_read_need_attention_until_confirmed() {
    let story = finished().await;
    told(&story.connector).await;
    let role = |name: &str| Change::Roles { principal: OWNER.to_owned(), roles: vec![name.to_owned()] };
    story.control().set(role("ORG_ADMIN"));
    assert_eq!(look(&story).await, State::Attention);
    let view = story.connector.connections().get(&story.id).await.unwrap();
    let problem = view.status.problem.unwrap();
    assert_eq!((problem.code, view.status.row), (Code::RolesNoLongerTold, Some(CheckId::Roles)));
    assert!(problem.args["roles"].contains("Super"), "{problem:?}");
    let view = story.connector.monitor().confirm_owner(&story.id).await.unwrap();
    assert_eq!((view.status.state, view.reminders.as_slice()), (State::Ok, [].as_slice()));
    assert_eq!(look(&story).await, State::Ok, "it was meant");
    let states: Vec<State> = {
        let history = story.connector.monitor().history(&story.id, Span::Day).await.unwrap();
        history.changes.iter().map(|change| change.state).collect()
    };
    assert_eq!(states[..2], [State::Ok, State::Attention], "each once");
    // They are read again, and then taken away again: that is told again.
    story.control().set(role("SUPER_ADMIN"));
    assert_eq!(look(&story).await, State::Ok);
    told(&story.connector).await;
    story.control().set(role("ORG_ADMIN"));
    assert_eq!(look(&story).await, State::Attention);
    story.control().set(role("SUPER_ADMIN"));
    assert_eq!(look(&story).await, State::Ok);
}

#[tokio::test]
async fn roles_that_were_never_read_with_this_token_are_no_loss() {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    story.profile(Profile::Response).await;
    story.control().set(Change::Roles { principal: OWNER.to_owned(), roles: vec!["ORG_ADMIN".to_owned()] });
    story.check().await;
    story.connector.guide().finish(&story.id, Keep::Token).await.unwrap();
    told(&story.connector).await;
    assert_eq!(look(&story).await, State::Ok);
}

#[tokio::test]
async fn a_token_that_okta_refuses_is_a_condition_and_no_reminder() {
    let story = finished().await;
    story.control().set(Change::Revoke { principal: OWNER.to_owned() });
    assert_eq!(look(&story).await, State::Stopped);
    let view = later(&story, 400).connections().get(&story.id).await.unwrap();
    assert!(view.status.is_stale(), "nobody has checked for more than a year");
    assert_eq!(view.monitor.conditions[0].condition.problem.code, Code::TokenRefused);
    assert_eq!(view.reminders, [], "the root cause alone is told");
}

#[tokio::test]
async fn a_forgotten_pause_and_disabled_notifications_are_reminded_of() {
    let story = finished().await;
    story.connector.monitor().pause(&story.id, true).await.unwrap();
    assert_eq!(told(&later(&story, 6)).await, []);
    assert_eq!(told(&later(&story, 8)).await, [ReminderKind::ChecksPaused]);
    let silent = MonitorSettings { notices: false, ..MonitorSettings::practice() };
    story.connector.settings().set_monitor(silent).await.unwrap();
    let then = later(&story, 22);
    assert_eq!(told(&then).await, [], "notices are switched off");
    let kinds: Vec<_> = due(&then, &story).await.into_iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [ReminderKind::TokenIdle, ReminderKind::NoticesOff]);
    story.connector.monitor().pause(&story.id, false).await.unwrap();
    story.connector.settings().set_monitor(MonitorSettings::practice()).await.unwrap();
    assert_eq!(due(&then, &story).await, []);
}

#[tokio::test]
async fn switching_the_profile_drops_the_confirmation_it_invalidates_and_requests_every_check() {
    let story = finished().await;
    look(&story).await;
    assert_eq!(story.connector.monitor().due(&story.id).await.unwrap(), None);
    let view = story.connector.guide().set_profile(&story.id, Profile::Ingestion).await.unwrap();
    assert!(view.setup.has(Confirmable::OwnerIsServiceAccount));
    assert!(!view.setup.has(Confirmable::ActionConnectorAdded));
    assert!(view.setup.finished.is_some(), "the connection goes on being watched");
    assert_eq!(story.connector.monitor().due(&story.id).await.unwrap(), Some(ProbeKind::Full));
    look(&story).await;
    story.connector.guide().set_profile(&story.id, Profile::Ingestion).await.unwrap();
    assert_eq!(story.connector.monitor().due(&story.id).await.unwrap(), None, "the same again changes nothing");
}
