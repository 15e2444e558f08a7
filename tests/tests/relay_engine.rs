//! The engine of the relay against the practice organization: reading, delivery, verdicts, and what a restart leaves.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connector::power_events::PowerEvent;
use connector::{ConnectorConfig, HeadlessRelay, NextStep, RelayRun, RelaySummary, RelayTiming};
use model::code::Code;
use model::okta_origin::{Loopback, Origin};
use model::relay::RelayPhase;
use model::relay_delivery_verdict::BackOff;
use model::relay_settings::{EventFormat, RelaySettings, WebhookSettings};
use practice::{
    Change, Fault, FaultKind, Options, Practice, RefusedEvent, Side, VolumeLog, WebhookReply, WebhookRules,
};
use runtime::Clock;
use tokio_util::sync::CancellationToken;

const QUICK: BackOff = BackOff { first: Duration::from_millis(5), longest: Duration::from_millis(50) };

fn now() -> DateTime<Utc> {
    Clock::system().now()
}

async fn practice(events: u64) -> Practice {
    let options = Options { rate_limit: 1_000_000, events_per_second: 0.0, ..Options::default() };
    let practice = Practice::start(options).await.unwrap();
    practice.control().set(Change::VolumeLog { log: Some(VolumeLog { events, ..VolumeLog::default() }) });
    practice
}

fn settings(practice: &Practice) -> RelaySettings {
    let url = practice.card().radiant.events_webhook.clone();
    let webhook = WebhookSettings { url, gzip: true, ..WebhookSettings::default() };
    RelaySettings { webhook, since: Some(now() - TimeDelta::days(2)), ..RelaySettings::default() }
}

async fn relay(practice: &Practice, folder: &Path, settings: RelaySettings) -> HeadlessRelay {
    opened(practice, folder, settings, &practice.card().okta).await
}

async fn opened(practice: &Practice, folder: &Path, settings: RelaySettings, okta: &str) -> HeadlessRelay {
    let run = RelayRun {
        config: ConnectorConfig::in_memory(folder.to_owned()),
        origin: Origin::Practice(Loopback::new(okta).unwrap()),
        okta_token: practice.card().tokens.read_only.as_str().into(),
        webhook_token: practice.card().radiant_events_token.as_str().into(),
        settings,
        timing: RelayTiming { back_off: QUICK, hold: QUICK, ..RelayTiming::default() },
        until_caught_up: true,
    };
    HeadlessRelay::open(run).await.unwrap()
}

async fn run(relay: &HeadlessRelay) -> RelaySummary {
    let done = Clock::system().within(Duration::from_secs(60), relay.run(&CancellationToken::new())).await;
    done.expect("it ends in a minute").unwrap()
}

fn webhook(practice: &Practice, rules: WebhookRules) {
    practice.control().set(Change::Webhook { rules });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_arrives_once_and_in_order_in_every_form() {
    for (format, gzip) in [(EventFormat::JsonArray, true), (EventFormat::JsonArray, false), (EventFormat::Ndjson, true)]
    {
        let (practice, folder) = (practice(3_500).await, tempfile::tempdir().unwrap());
        let mut settings = settings(&practice);
        (settings.webhook.format, settings.webhook.gzip) = (format, gzip);
        let summary = run(&relay(&practice, folder.path(), settings).await).await;
        let record = practice.control().webhook();
        assert_eq!((record.volume_events, record.repeated, record.order_breaks), (3_500, 0, 0), "{format:?} {gzip}");
        assert_eq!((record.without_key, record.key_conflicts, record.without_uuid), (0, 0, 0));
        assert_eq!((summary.phase, summary.backlog_events, summary.undeliverable), (RelayPhase::CaughtUp, 0, 0));
        assert_eq!((summary.counters.received, summary.counters.delivered), (3_500, 3_500));
        assert_eq!(summary.counters.okta_requests, 4, "{summary:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_reads_and_sends_nothing_again() {
    let (practice, folder) = (practice(1_500).await, tempfile::tempdir().unwrap());
    run(&relay(&practice, folder.path(), settings(&practice)).await).await;
    let again = run(&relay(&practice, folder.path(), settings(&practice)).await).await;
    assert_eq!((again.counters.received, again.counters.duplicates, again.counters.radiant_requests), (0, 0, 0));
    assert_eq!(practice.control().webhook().repeated, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_cursor_leads_to_a_bounded_read_with_overlap_and_a_gap_record() {
    let (practice, folder) = (practice(2_500).await, tempfile::tempdir().unwrap());
    let relay = relay(&practice, folder.path(), settings(&practice)).await;
    for _ in 0..2 {
        assert_eq!(relay.poll_step().await.unwrap(), NextStep::Now);
    }
    practice.control().set(Change::ExpireCursors);
    let summary = run(&relay).await;
    let record = practice.control().webhook();
    assert_eq!((record.volume_events, record.repeated, record.order_breaks), (2_500, 0, 0));
    assert!((1..1_000).contains(&summary.counters.duplicates), "the overlap alone: {summary:?}");
    let view = relay.view().await.unwrap();
    assert_eq!(view.gaps.len(), 1, "{:?}", view.gaps);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_is_too_large_is_split_and_one_event_that_is_too_large_is_set_aside() {
    for resets_larger in [false, true] {
        let (practice, folder) = (practice(1_200).await, tempfile::tempdir().unwrap());
        let mut settings = settings(&practice);
        settings.webhook.gzip = false;
        webhook(&practice, WebhookRules { max_body: Some(256 * 1024), resets_larger, ..WebhookRules::default() });
        practice.control().set(Change::VolumeLog { log: None });
        practice.control().set(Change::AddLargeEvent { bytes: 400_000 });
        let large = relay(&practice, folder.path(), settings.clone()).await;
        let summary = run(&large).await;
        assert_eq!(summary.undeliverable, 1, "{resets_larger} {summary:?}");
        practice.control().set(Change::VolumeLog { log: Some(VolumeLog { events: 1_200, ..VolumeLog::default() }) });
        let other = tempfile::tempdir().unwrap();
        let summary = run(&relay(&practice, other.path(), settings).await).await;
        let record = practice.control().webhook();
        assert_eq!((record.volume_events, record.order_breaks, summary.undeliverable), (1_200, 0, 0));
        assert_eq!(record.repeated, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rejected_event_is_found_and_set_aside_and_the_others_go_on() {
    let (practice, folder) = (practice(0).await, tempfile::tempdir().unwrap());
    practice.control().set(Change::VolumeLog { log: None });
    for number in 0..40 {
        let event = serde_json::json!({"uuid": format!("engine-{number}"), "eventType": "user.session.start"});
        practice.control().set(Change::AddEventWith { event });
    }
    let refused = RefusedEvent { uuid: "engine-17".to_owned(), status: 400 };
    webhook(&practice, WebhookRules { refused_events: vec![refused], ..WebhookRules::default() });
    let relay = relay(&practice, folder.path(), settings(&practice)).await;
    let summary = run(&relay).await;
    assert_eq!(summary.undeliverable, 1, "{summary:?}");
    let uuids = practice.control().webhook_uuids();
    let ours: Vec<&String> = uuids.iter().filter(|uuid| uuid.starts_with("engine-")).collect();
    let expected: Vec<String> =
        (0..40).filter(|number| *number != 17).map(|number| format!("engine-{number}")).collect();
    assert_eq!(ours, expected.iter().collect::<Vec<_>>(), "in order");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_concerns_the_receiver_holds_the_queue_and_drops_nothing() {
    for reply in [
        WebhookReply::Refuse { status: 401, retry_after_s: None },
        WebhookReply::Refuse { status: 403, retry_after_s: None },
        WebhookReply::Refuse { status: 404, retry_after_s: None },
        WebhookReply::Refuse { status: 429, retry_after_s: None },
        WebhookReply::Refuse { status: 500, retry_after_s: None },
        WebhookReply::Redirect { to: "https://evil.example/".to_owned() },
        WebhookReply::Page,
    ] {
        let (practice, folder) = (practice(1_100).await, tempfile::tempdir().unwrap());
        webhook(&practice, WebhookRules { reply: reply.clone(), times: Some(4), ..WebhookRules::default() });
        let summary = run(&relay(&practice, folder.path(), settings(&practice)).await).await;
        let record = practice.control().webhook();
        assert_eq!((record.volume_events, record.repeated, record.order_breaks), (1_100, 0, 0), "{reply:?}");
        assert_eq!((record.refused, summary.undeliverable), (4, 0), "{reply:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_shown_while_it_lasts() {
    let (practice, folder) = (practice(10).await, tempfile::tempdir().unwrap());
    webhook(
        &practice,
        WebhookRules { reply: WebhookReply::Refuse { status: 401, retry_after_s: None }, ..WebhookRules::default() },
    );
    let relay = relay(&practice, folder.path(), settings(&practice)).await;
    relay.poll_step().await.unwrap();
    assert!(matches!(relay.delivery_step().await.unwrap(), NextStep::BackOff(_)));
    let view = relay.view().await.unwrap();
    assert_eq!((view.phase, view.problems[0].code), (RelayPhase::HeldByRadiant, Code::RelayHeld));
    assert_eq!((view.problems[0].args["status"].as_str(), view.state.backlog_events), ("401", 10));
    webhook(&practice, WebhookRules::default());
    relay.delivery_step().await.unwrap();
    assert_eq!(relay.view().await.unwrap().phase, RelayPhase::CaughtUp);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_repeats_one_request_with_the_same_key() {
    let (practice, folder) = (practice(900).await, tempfile::tempdir().unwrap());
    webhook(&practice, WebhookRules { reply: WebhookReply::AcceptThenDrop, times: Some(1), ..WebhookRules::default() });
    run(&relay(&practice, folder.path(), settings(&practice)).await).await;
    let record = practice.control().webhook();
    assert_eq!((record.volume_events, record.repeated_batches, record.key_conflicts), (900, 1, 0));
    assert_eq!(record.repeated_outside_last_batch, 0);
}

/// Starts an Okta whose every page has a thousand events that are always the same, with this `Link` header.
async fn endless_okta(link: Option<&str>) -> mockito::ServerGuard {
    let mut okta = mockito::Server::new_async().await;
    let events: Vec<String> = (0..1_000).map(|number| format!("{{\"uuid\":\"u-{number}\"}}")).collect();
    let page = okta
        .mock("GET", mockito::Matcher::Any)
        .with_header("x-okta-request-id", "r")
        .with_body(format!("[{}]", events.join(",")));
    let page = match link {
        Some(target) => page.with_header("link", &format!("<{}{target}>; rel=\"next\"", okta.url())),
        None => page,
    };
    page.create_async().await;
    okta
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_page_that_leads_nowhere_is_not_asked_for_without_a_pause() {
    for link in [None, Some("/api/v1/logs?after=1&limit=1000")] {
        let (practice, folder) = (practice(0).await, tempfile::tempdir().unwrap());
        let okta = endless_okta(link).await;
        let relay = opened(&practice, folder.path(), settings(&practice), &okta.url()).await;
        let mut steps = Vec::new();
        for _ in 0..3 {
            steps.push(relay.poll_step().await.unwrap());
        }
        assert!(matches!(steps[2], NextStep::After(_)), "{link:?} {steps:?}");
        let counters = relay.view().await.unwrap().state.counters;
        assert_eq!((counters.received, counters.duplicates), (1_000, 2_000), "{link:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_heartbeat_proves_the_way_while_nothing_happens() {
    let (practice, folder) = (practice(0).await, tempfile::tempdir().unwrap());
    let settings = RelaySettings { heartbeat_minutes: Some(10), ..settings(&practice) };
    let relay = relay(&practice, folder.path(), settings).await;
    assert!(matches!(relay.delivery_step().await.unwrap(), NextStep::After(_)));
    let view = relay.view().await.unwrap();
    assert!(view.state.delivered.is_some() && view.state.counters.delivered == 0, "it is no event of Okta");
    assert_eq!(practice.control().webhook().events, 1);
    assert!(matches!(relay.delivery_step().await.unwrap(), NextStep::After(_)));
    assert_eq!(practice.control().webhook().events, 1, "not before it is due");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_one_process_relays_from_a_folder() {
    let (practice, folder) = (practice(10).await, tempfile::tempdir().unwrap());
    let first = relay(&practice, folder.path(), settings(&practice)).await;
    let run = RelayRun {
        config: ConnectorConfig::in_memory(folder.path().to_owned()),
        origin: Origin::Practice(Loopback::new(&practice.card().okta).unwrap()),
        okta_token: "00a".into(),
        webhook_token: "x".into(),
        settings: settings(&practice),
        timing: RelayTiming::default(),
        until_caught_up: true,
    };
    let second = HeadlessRelay::open(run).await.map(drop).unwrap_err();
    assert_eq!(second.code, Code::RelayRunsElsewhere);
    drop(first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_until_everything_is_delivered_reads_okta_whatever_an_earlier_run_stored() {
    let options = Options { rate_limit: 1_000_000, events_per_second: 0.0, ..Options::default() };
    let (practice, folder) = (Practice::start(options).await.unwrap(), tempfile::tempdir().unwrap());
    let first = run(&relay(&practice, folder.path(), settings(&practice)).await).await;
    assert_eq!(first.phase, RelayPhase::CaughtUp);
    practice.control().emit(7);
    let again = relay(&practice, folder.path(), settings(&practice)).await;
    assert_eq!(again.view().await.unwrap().phase, RelayPhase::CaughtUp, "what the first run stored");
    let second = run(&again).await;
    assert_eq!((second.phase, second.counters.delivered), (RelayPhase::CaughtUp, 7));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_its_bound_the_backlog_stops_reading_until_there_is_room() {
    let (practice, folder) = (practice(16_000).await, tempfile::tempdir().unwrap());
    let settings = RelaySettings { max_backlog_megabytes: 16, ..settings(&practice) };
    let relay = relay(&practice, folder.path(), settings).await;
    let mut pages = 0;
    while relay.poll_step().await.unwrap() == NextStep::Now {
        pages += 1;
    }
    let view = relay.view().await.unwrap();
    assert_eq!(view.phase, RelayPhase::Full);
    assert!((5..40).contains(&pages), "{pages}");
    assert!(view.problems.iter().any(|problem| problem.code == Code::RelayBacklogFull));
    let summary = run(&relay).await;
    assert_eq!((summary.phase, practice.control().webhook().volume_events), (RelayPhase::CaughtUp, 16_000));
}

/// Waits until something is so: a state, however long the machine takes.
async fn until(what: &str, is_met: impl Fn() -> bool) {
    let clock = Clock::system();
    for _ in 0..1_200 {
        if is_met() {
            return;
        }
        clock.sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_event_ends_every_wait_but_the_one_that_the_receiver_asked_for() {
    let (practice, folder) = (practice(0).await, tempfile::tempdir().unwrap());
    practice.control().set(Change::VolumeLog { log: None });
    let (clock, hour) = (Clock::offset(TimeDelta::zero()), Duration::from_secs(3_600));
    let hourly = BackOff { first: 2 * hour, longest: 2 * hour };
    let run = RelayRun {
        config: ConnectorConfig { clock: clock.clone(), ..ConnectorConfig::in_memory(folder.path().to_owned()) },
        origin: Origin::Practice(Loopback::new(&practice.card().okta).unwrap()),
        okta_token: practice.card().tokens.read_only.as_str().into(),
        webhook_token: practice.card().radiant_events_token.as_str().into(),
        settings: settings(&practice),
        timing: RelayTiming { back_off: hourly, hold: hourly, poll: Some(hour), ..RelayTiming::default() },
        until_caught_up: false,
    };
    let relay = HeadlessRelay::open(run).await.unwrap();
    let (control, power, end) = (practice.control(), relay.power_events(), CancellationToken::new());
    let requests = |path: &str| control.counters().requests.get(path).copied().unwrap_or_default();
    let (reads, sent) = (|| requests("okta /api/v1/logs"), || requests("radiant /events"));
    let uuids = || control.webhook_uuids().len();
    let story = async {
        while uuids() == 0 || relay.view().await.unwrap().phase != RelayPhase::CaughtUp {
            clock.sleep(Duration::from_millis(50)).await;
        }
        // The wait between two reads.
        let before = uuids();
        control.emit(3);
        power.record(PowerEvent::Woke, clock.now());
        until("those after a wake", || uuids() == before + 3).await;
        // The back-off after a failure of Okta, and of Radiant.
        let reset = WebhookRules { reply: WebhookReply::Reset, ..WebhookRules::default() };
        webhook(&practice, reset);
        control.fault(Some(Fault::on(Side::Okta, FaultKind::Reset).at("/api/v1/logs")));
        let (failed, refused) = (reads(), sent());
        power.record(PowerEvent::NetworkReturned, clock.now());
        until("a read that fails", || reads() > failed).await;
        control.fault(None);
        control.emit(3);
        let read = reads();
        power.record(PowerEvent::NetworkReturned, clock.now());
        until("a read after the back-off", || reads() > read).await;
        until("a delivery that fails", || sent() > refused).await;
        webhook(&practice, WebhookRules::default());
        power.record(PowerEvent::NetworkReturned, clock.now());
        until("those after a failure", || uuids() == before + 6).await;
        // The wait that the receiver asked for lasts as long as it asked, by the computer's clock.
        let busy = WebhookReply::Refuse { status: 429, retry_after_s: Some(3_600) };
        webhook(&practice, WebhookRules { reply: busy, times: Some(1), ..WebhookRules::default() });
        control.emit(3);
        let refused = control.webhook().refused;
        power.record(PowerEvent::Woke, clock.now());
        until("a refusal", || control.webhook().refused > refused).await;
        for _ in 0..3 {
            let read = reads();
            power.record(PowerEvent::Woke, clock.now());
            until("a read", || reads() > read).await;
        }
        assert_eq!(uuids(), before + 6, "before the time that the receiver asked for");
        clock.advance(TimeDelta::hours(2));
        power.record(PowerEvent::Woke, clock.now());
        until("those after the time that it asked for", || uuids() == before + 9).await;
        end.cancel();
    };
    let (summary, ()) = tokio::join!(relay.run(&end), story);
    assert_eq!(summary.unwrap().backlog_events, 0);
    assert_eq!(control.webhook().repeated, 0);
}
