//! The relay as part of the app: switched on per connection, run by the workers, shown in the status.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod support;

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use connector::{Audience, Connector};
use model::code::Code;
use model::connection::ConnectionId;
use model::relay::{RelayPhase, RelayView};
use model::relay_settings::{RelaySettings, WebhookSettings};
use model::repair::RepairAction;
use model::secret::SecretName;
use model::status::State;
use practice::{Change, Options, WebhookReply, WebhookRules};
use runtime::Clock;
use support::host_process::Process;
use support::{Story, monitored};

async fn story() -> Story {
    let options = Options { events_per_second: 0.0, rate_limit: 100_000, ..Options::default() };
    monitored::set_up(Story::with(options, Clock::system()).await).await
}

async fn configured(story: &Story) -> RelayView {
    let relay = story.connector.relay();
    let webhook =
        WebhookSettings { url: story.practice.card().radiant.events_webhook.clone(), ..WebhookSettings::default() };
    let since = Some(story.clock.now() - TimeDelta::days(1));
    let settings = RelaySettings { webhook, since, is_only_reader: true, ..RelaySettings::default() };
    relay.configure(&story.id, settings).await.unwrap();
    let token = story.practice.card().radiant_events_token.clone();
    story.connector.tokens().store(&story.id, SecretName::EventsWebhookToken, token.into(), false).await.unwrap();
    relay.start(&story.id).await.unwrap()
}

async fn until(connector: &Connector, id: &ConnectionId, is_met: impl Fn(&RelayView) -> bool) -> RelayView {
    for _ in 0..600 {
        let view = connector.relay().state(id).await.unwrap();
        if is_met(&view) {
            return view;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{:?}", connector.relay().state(id).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_off_until_everything_it_needs_is_there() {
    let story = story().await;
    let relay = story.connector.relay();
    assert_eq!(relay.state(&story.id).await.unwrap().phase, RelayPhase::Off);
    assert_eq!(relay.start(&story.id).await.unwrap_err().code, Code::RadiantAddressInvalid);
    let webhook =
        WebhookSettings { url: story.practice.card().radiant.events_webhook.clone(), ..WebhookSettings::default() };
    let settings = RelaySettings { webhook, ..RelaySettings::default() };
    relay.configure(&story.id, settings.clone()).await.unwrap();
    assert_eq!(relay.start(&story.id).await.unwrap_err().code, Code::EventsWebhookTokenMissing);
    let token = SecretName::EventsWebhookToken;
    story.connector.tokens().store(&story.id, token, "wh-token".into(), false).await.unwrap();
    assert_eq!(
        relay.start(&story.id).await.unwrap_err().code,
        Code::StepNotReady,
        "nobody stated that it is the only reader"
    );
    let view = relay.configure(&story.id, RelaySettings { is_only_reader: true, ..settings.clone() }).await.unwrap();
    assert!(view.has_token);
    let url = "http://127.0.0.1:9/events".to_owned();
    let moved = RelaySettings { webhook: WebhookSettings { url, ..settings.webhook.clone() }, ..settings };
    assert!(!relay.configure(&story.id, moved).await.unwrap().has_token, "a token never goes to another address");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_relays_and_a_refusal_reaches_the_status_and_ends_with_nothing_lost() {
    let story = story().await;
    let process = Process::start(story.connector.clone(), Audience::AWAY);
    configured(&story).await;
    process.wake.now();
    let view = until(&story.connector, &story.id, |view| view.phase == RelayPhase::CaughtUp).await;
    let first = story.control().webhook();
    assert!(first.events > 0 && first.events == view.state.counters.delivered, "{first:?} {view:?}");
    let refuse = WebhookReply::Refuse { status: 401, retry_after_s: None };
    story.control().set(Change::Webhook { rules: WebhookRules { reply: refuse, ..WebhookRules::default() } });
    story.control().emit(7);
    story.connector.relay().pause(&story.id).await.unwrap();
    story.connector.relay().resume(&story.id).await.unwrap();
    process.wake.now();
    until(&story.connector, &story.id, |view| view.phase == RelayPhase::HeldByRadiant).await;
    let outcomes = process.pass().await;
    let status = story.connector.connections().get(&story.id).await.unwrap();
    assert_eq!((status.status.state, status.repair), (State::Attention, Some(RepairAction::OpenRelay)));
    assert_eq!(status.status.problem.as_ref().map(|problem| problem.code), Some(Code::RelayHeld));
    assert!(outcomes.iter().any(|outcome| outcome.notification.is_some()), "somebody is notified");
    let changes = story.connector.monitor().history(&story.id, model::history::Span::Day).await.unwrap().changes;
    assert!(
        changes.iter().any(|change| change.problem.as_ref().is_some_and(|problem| problem.code == Code::RelayHeld))
    );
    story.control().set(Change::Webhook { rules: WebhookRules::default() });
    story.connector.relay().pause(&story.id).await.unwrap();
    story.connector.relay().resume(&story.id).await.unwrap();
    process.wake.now();
    until(&story.connector, &story.id, |view| view.phase == RelayPhase::CaughtUp).await;
    process.pass().await;
    let status = story.connector.connections().get(&story.id).await.unwrap().status;
    assert_ne!(status.problem.map(|problem| problem.code), Some(Code::RelayHeld));
    let record = story.control().webhook();
    assert_eq!((record.events, record.repeated, record.without_key), (first.events + 7, 0, 0));
    process.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_event_is_sent_and_found_and_missing_events_are_fetched() {
    let story = story().await;
    configured(&story).await;
    let relay = story.connector.relay();
    let sent = relay.send_test_event(&story.id).await.unwrap();
    assert_eq!(story.control().webhook_uuids(), [sent.uuid.clone()]);
    // Nothing was relayed yet, so that a comparison with Okta finds everything missing and adds it once.
    let now: DateTime<_> = story.clock.now();
    let audit = relay.audit_gaps(&story.id, now - TimeDelta::hours(12), now).await.unwrap();
    let okta: u32 = audit.hours.iter().map(|hour| hour.okta).sum();
    assert!(audit.is_complete && audit.repaired == okta && okta > 0, "{audit:?}");
    let again = relay.audit_gaps(&story.id, now - TimeDelta::hours(12), now).await.unwrap();
    assert_eq!((again.repaired, again.hours.iter().map(|hour| hour.relayed).sum::<u32>()), (0, okta));
    let view = relay.state(&story.id).await.unwrap();
    assert_eq!(view.state.backlog_events, u64::from(okta));
    let room = relay.disk_use(&story.id).await.unwrap();
    assert!(room.backlog_bytes > 0 && room.remembered == u64::from(okta), "{room:?}");
}
