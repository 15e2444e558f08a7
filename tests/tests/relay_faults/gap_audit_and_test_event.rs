//! The relay of a connection: the comparison with Okta, and the proof by a test event.

use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use model::relay::{RelayState, TestEvent};
use model::relay_gap::GapReason;
use model::relay_settings::{RelaySettings, WebhookSettings};
use model::secret_name::SecretName;
use practice::{Change, Fault, FaultKind, Side, Variants};
use store::{Store, StoreError, WriteTx};

use crate::support::TestConnection;

/// A connection whose relay is set up and not switched on.
async fn story() -> TestConnection {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    story.join_radiant().await;
    let url = story.practice.card().radiant.events_webhook.clone();
    let webhook = WebhookSettings { url, ..WebhookSettings::default() };
    let settings = RelaySettings { webhook, is_only_reader: true, ..RelaySettings::default() };
    story.connector.relay().configure(&story.id, settings).await.unwrap();
    let token = story.practice.card().radiant_events_token.clone();
    story.connector.tokens().store(&story.id, SecretName::EventsWebhookToken, token.into(), false).await.unwrap();
    story
}

/// Lets the relay have read everything until a time, and nothing have been in it.
async fn has_read(story: &TestConnection, until: DateTime<Utc>) {
    let (store, id) = (Store::open(story.folder.path()).unwrap(), story.id.clone());
    let read = move |tx: &mut WriteTx<'_>| -> Result<(), StoreError> {
        let relay = tx.relay(&id)?.ok_or(StoreError::Missing)?.relay;
        let (started, checkpoint) = (Some(until - TimeDelta::days(1)), Some(until + TimeDelta::minutes(15)));
        tx.relay_changes().update(relay, move |state| RelayState { started, checkpoint, ..state }).map(drop)
    };
    store.write(read).await.unwrap();
}

fn log_requests(story: &TestConnection) -> u64 {
    story.control().counters().requests.get("okta /api/v1/logs").copied().unwrap_or_default()
}

#[tokio::test]
async fn f51_a_comparison_ends_although_okta_offers_another_page_for_ever() {
    for bounded_never_ends in [false, true] {
        let story = story().await;
        let variants = Variants { bounded_never_ends, ..Variants::default() };
        story.control().set(Change::Variants { variants });
        story.pass(TimeDelta::hours(1));
        let (from, before) = (story.clock.now() - TimeDelta::minutes(1), story.control().counters().events);
        story.control().emit(2_400);
        story.pass(TimeDelta::minutes(2));
        has_read(&story, story.clock.now()).await;
        let requests = log_requests(&story);
        let audit =
            story.connector.relay().audit_gaps(&story.id, from - TimeDelta::hours(1), story.clock.now()).await.unwrap();
        assert!(log_requests(&story) - requests <= 4, "{} requests", log_requests(&story) - requests);
        assert!(audit.is_complete);
        let theirs: u32 = audit.hours.iter().map(|hour| hour.okta).sum();
        let expected = story.control().counters().events - before;
        assert!(theirs >= u32::try_from(expected).unwrap(), "{theirs} of {expected}");
        assert_eq!(audit.repaired, theirs, "the relay had none of them");
        assert!(audit.hours.iter().all(|hour| hour.from.minute() == 0 && hour.relayed == 0));
        let again =
            story.connector.relay().audit_gaps(&story.id, from - TimeDelta::hours(1), story.clock.now()).await.unwrap();
        assert_eq!(again.repaired, 0);
        let view = story.connector.relay().state(&story.id).await.unwrap();
        assert_eq!(view.gaps.iter().map(|gap| gap.reason).collect::<Vec<_>>(), [GapReason::Audit]);
        assert_eq!(view.state.backlog_events, u64::from(theirs));
    }
}

#[tokio::test]
async fn f55_a_test_event_is_found_by_its_whole_uuid_alone() {
    let story = story().await;
    let relay = story.connector.relay();
    let sent = relay.send_test_event(&story.id).await.unwrap();
    assert_eq!((sent.status, story.control().webhook_uuids()), (200, vec![sent.uuid.clone()]));
    assert!(relay.find_test_event(&story.id, &sent).await.unwrap());
    // Shares every part but the last.
    let (parts, _) = sent.uuid.rsplit_once('-').unwrap();
    let other = TestEvent { uuid: format!("{parts}-000000000000"), ..sent };
    assert!(!relay.find_test_event(&story.id, &other).await.unwrap());
}

#[tokio::test]
async fn a_test_event_that_is_not_taken_is_an_error() {
    let story = story().await;
    story.control().fault(Some(Fault::on(Side::Radiant, FaultKind::CaptivePage)));
    assert!(story.connector.relay().send_test_event(&story.id).await.is_err());
    story.control().fault(None);
    assert_eq!(story.control().webhook().events, 0);
}
