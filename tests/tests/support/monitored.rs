//! A monitored connection, and probes of it on demand.

use chrono::TimeDelta;
use model::code::Code;
use model::connection::{Keep, Profile};
use model::monitor::ProbeKind;
use model::monitor_settings::MonitorSettings;
use model::notification_event::NotificationEvent;
use model::status::{State, Status};
use tokio_util::sync::CancellationToken;

use super::TestConnection;

/// A connection whose guide is done, joined to a Radiant that has its events, and probed once; in simulated time.
pub(crate) async fn watched() -> TestConnection {
    set_up(TestConnection::begin().await).await
}

/// Sets up monitoring of a story's connection and probes it once.
pub(crate) async fn set_up(story: TestConnection) -> TestConnection {
    story.paste_super_admin().await;
    story.profile(Profile::Response).await;
    story.join_radiant().await;
    story.radiant_has_read().await;
    let settings = MonitorSettings { allowed_lag_s: 5, ..MonitorSettings::practice() };
    story.connector.settings().set_monitor(settings).await.unwrap();
    story.connector.guide().finish(&story.id, Keep::Token).await.unwrap();
    assert_eq!(probe(&story, ProbeKind::Full).await.0.state, State::Ok);
    story
}

pub(crate) async fn probe(story: &TestConnection, tier: ProbeKind) -> (Status, Option<NotificationEvent>) {
    let cancel = CancellationToken::new();
    let tended = story
        .connector
        .monitor()
        .probe_now(&story.id, tier, connector::Audience::AWAY, &cancel)
        .await
        .unwrap()
        .unwrap();
    // What follows a probe happens later.
    story.pass(TimeDelta::milliseconds(10));
    (tended.after, tended.notification)
}

pub(crate) fn requests(story: &TestConnection) -> (u64, u64) {
    let of = |side: &str| {
        let all = story.control().counters().requests;
        all.iter().filter(|(path, _)| path.starts_with(side)).map(|(_, count)| count).sum()
    };
    (of("okta "), of("radiant "))
}

pub(crate) fn code(status: &Status) -> Option<Code> {
    status.problem.as_ref().map(|problem| problem.code)
}

/// Looks until the status is no longer what it was, at most five times; returns how many looks it took.
pub(crate) async fn probe_until_not_ok(
    story: &TestConnection,
    tier: ProbeKind,
) -> (u32, Status, Option<NotificationEvent>) {
    for count in 1..=5 {
        let (status, notice) = probe(story, tier).await;
        if status.state != State::Ok {
            return (count, status, notice);
        }
    }
    panic!("nothing was told");
}
