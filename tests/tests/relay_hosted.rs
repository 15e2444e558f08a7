//! The relay as part of the app: switched on per connection, run by the workers, shown in the status.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod support;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connector::paths::PolicyPlace;
use connector::power_events::PowerEvent;
use connector::{Audience, Connector, ConnectorConfig};
use model::code::Code;
use model::connection::{ConnectionId, Keep};
use model::notification_event::NotificationEvent;
use model::relay::{RelayPhase, RelayState, RelayView};
use model::relay_settings::{RelaySettings, WebhookSettings};
use model::repair::RepairAction;
use model::secret_name::SecretName;
use model::status::State;
use practice::{Change, Options, RefusedEvent, WebhookReply, WebhookRules};
use runtime::Clock;
use store::{Store, StoreError, WriteTx};
use support::simulated_process::SimulatedProcess;
use support::{TestConnection, monitored};

async fn story() -> TestConnection {
    let options = Options { events_per_second: 0.0, rate_limit: 100_000, ..Options::default() };
    monitored::set_up(TestConnection::with(options, Clock::system()).await).await
}

async fn configured(story: &TestConnection) -> RelayView {
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
    let process = SimulatedProcess::start(story.connector.clone(), Audience::AWAY);
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
async fn a_relay_that_the_policy_forbids_does_not_run_and_says_why_until_it_is_allowed() {
    let story = story().await;
    configured(&story).await;
    let file = story.folder.path().join("policy.json");
    std::fs::write(&file, r#"{"format": 1, "relay": false}"#).unwrap();
    // A policy is not in force for the connector that began practice.
    let config = ConnectorConfig {
        policy: Some(PolicyPlace { file, owner: None }),
        ..ConnectorConfig::in_memory(story.folder.path().to_owned())
    };
    let under_policy = SimulatedProcess::start(Connector::open(config).unwrap(), Audience::AWAY);
    under_policy.wake.now();
    let relay = under_policy.connector.relay();
    let view = until(&under_policy.connector, &story.id, |view| view.state.is_forbidden()).await;
    let codes: Vec<_> = view.problems.iter().map(|problem| problem.code).collect();
    assert_eq!((view.phase, codes), (RelayPhase::Off, vec![Code::RelayForbidden]));
    assert_eq!(relay.start(&story.id).await.unwrap_err().code, Code::RelayForbidden);
    assert_eq!(relay.send_test_event(&story.id).await.unwrap_err().code, Code::RelayForbidden);
    under_policy.end().await;
    assert_eq!(story.control().webhook().events, 0, "nothing was sent");
    let allowed = SimulatedProcess::start(story.connector.clone(), Audience::AWAY);
    allowed.wake.now();
    let view = until(&story.connector, &story.id, |view| view.phase == RelayPhase::CaughtUp).await;
    assert!(view.state.counters.delivered > 0 && view.problems.is_empty(), "{view:?}");
    allowed.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_event_is_sent_and_found_and_missing_events_are_fetched() {
    let story = story().await;
    configured(&story).await;
    let relay = story.connector.relay();
    let sent = relay.send_test_event(&story.id).await.unwrap();
    assert_eq!(story.control().webhook_uuids(), std::slice::from_ref(&sent.uuid));
    let now: DateTime<_> = story.clock.now();
    let unread = relay.audit_gaps(&story.id, now - TimeDelta::hours(12), now).await.unwrap();
    assert_eq!((unread.hours.len(), unread.repaired), (0, 0), "what was not read yet is not missing");
    // Nothing was relayed, so that a comparison with Okta finds everything missing and adds it once.
    has_read(&story, now).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_undeliverable_event_is_sent_again_behind_the_others() {
    let story = story().await;
    let process = SimulatedProcess::start(story.connector.clone(), Audience::Nobody);
    for name in ["first", "refused", "last"] {
        let event = serde_json::json!({"uuid": name, "eventType": "user.session.start"});
        story.control().set(Change::AddEventWith { event });
    }
    let refused_events = vec![RefusedEvent { uuid: "refused".to_owned(), status: 422 }];
    story.control().set(Change::Webhook { rules: WebhookRules { refused_events, ..WebhookRules::default() } });
    configured(&story).await;
    process.wake.now();
    let view = until(&story.connector, &story.id, |view| view.phase == RelayPhase::CaughtUp).await;
    assert_eq!(view.undeliverable, 1);
    let relay = story.connector.relay();
    let page = relay.undeliverable_events(&story.id, 0, 9).await.unwrap();
    let event = &page.events[0];
    assert_eq!((event.uuid.as_deref(), event.status, page.total), (Some("refused"), Some(422), 1));
    assert!(
        relay.undeliverable_event_text(&story.id, event.number).await.unwrap().unwrap().contains("user.session.start")
    );
    story.control().set(Change::Webhook { rules: WebhookRules::default() });
    assert_eq!(relay.requeue(&story.id, vec![event.number, 999]).await.unwrap(), 1);
    process.wake.now();
    let view = until(&story.connector, &story.id, |view| view.state.backlog_events == 0).await;
    assert_eq!((view.undeliverable, view.state.counters.set_aside), (0, 0));
    assert_eq!(story.control().webhook_uuids().last().map(String::as_str), Some("refused"));
    assert_eq!(story.control().webhook().repeated, 0);
    process.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hosted_relay_reads_at_once_after_the_computer_woke_or_its_network_returned() {
    let story = story().await;
    let process = SimulatedProcess::start(story.connector.clone(), Audience::Nobody);
    let settings = configured(&story).await.settings;
    // Nothing but an event causes the next read.
    let hourly = RelaySettings { poll_seconds: 3_600, ..settings };
    story.connector.relay().configure(&story.id, hourly).await.unwrap();
    process.wake.now();
    let mut delivered =
        until(&story.connector, &story.id, |view| view.phase == RelayPhase::CaughtUp).await.state.counters.delivered;
    // The first read may have begun before the settings were changed.
    for event in [PowerEvent::Woke, PowerEvent::NetworkReturned, PowerEvent::Woke] {
        story.control().emit(7);
        process.power_events.record(event, story.clock.now());
        delivered += 7;
        let view = until(&story.connector, &story.id, |view| view.state.counters.delivered >= delivered).await;
        assert_eq!(view.state.counters.delivered, delivered, "{event:?}");
    }
    process.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_relay_of_a_connection_that_is_not_monitored_raises_its_alarm_and_ends_it() {
    let story = story().await;
    story.connector.guide().finish(&story.id, Keep::Nothing).await.unwrap();
    // What was kept is forgotten with the monitoring, and given again for this run.
    let (tokens, token) = (story.connector.tokens(), || story.practice.card().tokens.super_admin.clone().into());
    tokens.store(&story.id, SecretName::OktaToken, token(), true).await.unwrap();
    configured(&story).await;
    let process = SimulatedProcess::start(story.connector.clone(), Audience::AWAY);
    until(&story.connector, &story.id, |view| view.phase == RelayPhase::CaughtUp).await;
    let status = async || story.connector.connections().get(&story.id).await.unwrap().status;
    assert_eq!(status().await.state, State::Unwatched);
    process.pass().await;
    tokens.forget(&story.id, SecretName::OktaToken).await.unwrap();
    process.wake.now();
    until(&story.connector, &story.id, |view| view.phase == RelayPhase::HeldByOkta).await;
    let found = process.pass_until_found().await;
    let Some(NotificationEvent::Worse { problem, .. }) = found.notification else { panic!("{found:?}") };
    let now = status().await;
    assert_eq!((now.state, now.problem.map(|one| one.code)), (State::Attention, Some(problem.code)));
    assert_eq!(process.pass().await.len(), 0, "once");
    assert_eq!(story.connector.relay().start(&story.id).await.unwrap_err().code, Code::TokenMissing);
    tokens.store(&story.id, SecretName::OktaToken, token(), true).await.unwrap();
    process.wake.now();
    until(&story.connector, &story.id, |view| view.phase == RelayPhase::CaughtUp).await;
    let found = process.pass_until_found().await;
    assert!(matches!(found.notification, Some(NotificationEvent::Recovered { .. })), "{found:?}");
    assert_eq!(status().await.state, State::Unwatched);
    process.end().await;
}
