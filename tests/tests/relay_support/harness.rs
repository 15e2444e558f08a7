//! A relay without a window beside a practice organization, both in simulated time, driven step by step.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connector::{ConnectorConfig, HeadlessRelay, NextStep, RelayRun, RelayTiming};
use http_client::HttpSettings;
use model::code::Code;
use model::okta_origin::{Loopback, Origin};
use model::problem::Problem;
use model::relay::RelayView;
use model::relay_settings::{RelaySettings, WebhookSettings};
use practice::{Change, Control, Fault, FaultKind, Options, Practice, Side, VolumeLog, WebhookRecord, WebhookRules};
use runtime::Clock;
use secrets::Keychain;

/// Start of simulated time.
const START: &str = "2026-03-10T10:15:00Z";
/// Steps after which a loop that never rests is an error.
const MAX_STEPS: u32 = 20_000;

/// An organization and its relay.
pub(crate) struct Org {
    pub(crate) practice: Practice,
    pub(crate) clock: Clock,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) settings: RelaySettings,
    pub(crate) okta_token: String,
    pub(crate) http: HttpSettings,
    relay: Option<HeadlessRelay>,
    /// Events that were there before the relay's beginning.
    before: usize,
}

impl Org {
    /// An organization without events of its own, whose relay reads from now on.
    pub(crate) async fn begin() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let start: DateTime<Utc> = START.parse().unwrap();
        let options = Options { starts_at: Some(start), events_per_second: 0.0, backfill: 0, ..options };
        let practice = Practice::start(options).await.unwrap();
        let webhook = WebhookSettings {
            url: practice.card().radiant.events_webhook.clone(),
            gzip: true,
            ..WebhookSettings::default()
        };
        let settings = RelaySettings { webhook, since: Some(start), is_only_reader: true, ..RelaySettings::default() };
        let (clock, folder) = (Clock::manual(start), tempfile::tempdir().unwrap());
        let okta_token = practice.card().tokens.read_only.clone();
        let before = practice.control().counters().events;
        let http = HttpSettings::default();
        let mut org = Self { practice, clock, folder, settings, okta_token, http, relay: None, before };
        org.restart().await;
        org
    }

    /// An organization with numbered events of the past day.
    pub(crate) async fn with_volume(options: Options, log: VolumeLog) -> Self {
        let mut org = Self::with(options).await;
        org.settings.since = Some(org.clock.now() - TimeDelta::seconds(i64::from(log.seconds) + 60));
        org.control().set(Change::VolumeLog { log: Some(log) });
        org.restart().await;
        org
    }

    /// Ends the relay, as a kill between two steps would, and starts it from what is stored.
    pub(crate) async fn restart(&mut self) {
        // Its lock is released first.
        self.close();
        self.relay = Some(self.opened().await.unwrap());
    }

    /// Ends the relay.
    pub(crate) fn close(&mut self) {
        self.relay = None;
    }

    pub(crate) async fn opened(&self) -> Result<HeadlessRelay, Problem> {
        HeadlessRelay::open(RelayRun {
            config: ConnectorConfig {
                data_dir: self.folder.path().to_owned(),
                keychain: Keychain::memory(),
                http: self.http.clone(),
                clock: self.clock.clone(),
                operator: "relay".to_owned(),
                policy: None,
            },
            origin: Origin::Practice(Loopback::new(&self.practice.card().okta).unwrap()),
            okta_token: self.okta_token.clone().into(),
            webhook_token: self.practice.card().radiant_events_token.clone().into(),
            settings: self.settings.clone(),
            timing: RelayTiming::default(),
            until_caught_up: false,
        })
        .await
    }

    pub(crate) fn relay(&self) -> &HeadlessRelay {
        self.relay.as_ref().unwrap()
    }

    pub(crate) fn control(&self) -> Control {
        self.practice.control()
    }

    pub(crate) fn set(&self, change: Change) {
        self.control().set(change);
    }

    /// Switches a fault of the System Log on.
    pub(crate) fn okta_fails(&self, kind: FaultKind) {
        self.control().fault(Some(Fault::on(Side::Okta, kind).at("/api/v1/logs")));
    }

    pub(crate) fn okta_works(&self) {
        self.control().fault(None);
    }

    pub(crate) fn webhook_rules(&self, rules: WebhookRules) {
        self.set(Change::Webhook { rules });
    }

    /// Lets simulated time pass on both sides.
    pub(crate) fn pass(&self, time: TimeDelta) {
        self.clock.advance(time);
        self.set(Change::AdvanceTime { ms: time.num_milliseconds().unsigned_abs() });
    }

    pub(crate) async fn poll(&self) -> NextStep {
        self.relay().poll_step().await.unwrap()
    }

    pub(crate) async fn deliver(&self) -> NextStep {
        self.relay().delivery_step().await.unwrap()
    }

    /// Reads until nothing is left, then sends until nothing is left, or each until it waits.
    pub(crate) async fn cycle(&self) {
        for _ in 0..MAX_STEPS {
            if self.poll().await != NextStep::Now {
                break;
            }
        }
        self.send_all().await;
    }

    pub(crate) async fn send_all(&self) {
        for _ in 0..MAX_STEPS {
            if self.deliver().await != NextStep::Now {
                return;
            }
        }
        panic!("the deliverer never rests");
    }

    /// Runs both loops for a period, as the relay does: each waits as long as its step says, and new events wake the deliverer.
    pub(crate) async fn run(&self, time: TimeDelta) {
        let end = self.clock.now() + time;
        let (mut poll_at, mut deliver_at) = (self.clock.now(), self.clock.now());
        let mut may_wake = true;
        for _ in 0..MAX_STEPS {
            let now = self.clock.now();
            if poll_at <= now {
                let before = self.view().await.state.counters.received;
                poll_at = due(self.relay().poll_step().await, now);
                if may_wake && self.view().await.state.counters.received > before {
                    deliver_at = now;
                }
            }
            if deliver_at <= now {
                let step = self.relay().delivery_step().await;
                may_wake = !matches!(step, Ok(NextStep::BackOff(_) | NextStep::Asked(_)) | Err(_));
                deliver_at = due(step, now);
            }
            if now >= end {
                return;
            }
            let next = poll_at.min(deliver_at).min(end);
            if next > now {
                self.pass(next - now);
            }
        }
        panic!("the relay never rests");
    }

    /// Requests for the System Log so far.
    pub(crate) fn log_requests(&self) -> u64 {
        self.control().counters().requests.get("okta /api/v1/logs").copied().unwrap_or_default()
    }

    /// The queries of the requests for the System Log, oldest first.
    pub(crate) fn log_queries(&self) -> Vec<String> {
        let all = self.control().requests();
        all.into_iter().filter(|request| request.path == "/api/v1/logs").map(|request| request.query).collect()
    }

    /// Requests to the webhook so far.
    pub(crate) fn deliveries(&self) -> u64 {
        self.control().counters().requests.get("radiant /events").copied().unwrap_or_default()
    }

    pub(crate) async fn view(&self) -> RelayView {
        self.relay().view().await.unwrap()
    }

    /// The codes of what needs attention.
    pub(crate) async fn problems(&self) -> Vec<Code> {
        self.view().await.problems.iter().map(|problem| problem.code).collect()
    }

    /// The uuids of the events since the relay's beginning, in the order of Okta's pages.
    pub(crate) fn expected(&self) -> Vec<String> {
        let events = self.control().events().split_off(self.before);
        events.iter().filter_map(|event| event["uuid"].as_str().map(str::to_owned)).collect()
    }

    pub(crate) fn record(&self) -> WebhookRecord {
        self.control().webhook()
    }

    /// Every event arrived in the order of Okta's pages, and none of them twice.
    pub(crate) fn assert_all_arrived_once(&self) {
        self.assert_all_arrived();
        assert_eq!(self.record().repeated, 0);
    }

    /// Every event arrived in the order of Okta's pages; again came only what was in flight.
    pub(crate) fn assert_all_arrived(&self) {
        assert_eq!(self.control().webhook_uuids(), self.expected());
        let record = self.record();
        assert_eq!((record.repeated_outside_last_batch, record.key_conflicts, record.without_key), (0, 0, 0));
    }
}

/// Returns when the next step of a loop is due. A step that could not be stored is repeated after a few seconds.
fn due(step: Result<NextStep, Problem>, now: DateTime<Utc>) -> DateTime<Utc> {
    let wait = match step {
        Ok(NextStep::Now) => Duration::ZERO,
        Ok(NextStep::After(wait) | NextStep::BackOff(wait) | NextStep::Asked(wait)) => wait,
        Ok(NextStep::WhenWoken) => Duration::from_secs(60),
        Err(_) => Duration::from_secs(5),
    };
    // Simulated time advances by whole milliseconds.
    let ms = i64::try_from(wait.as_micros().div_ceil(1_000)).unwrap();
    now + TimeDelta::milliseconds(ms)
}

/// The wait of a step.
pub(crate) fn wait_of(step: NextStep) -> Duration {
    match step {
        NextStep::Now => Duration::ZERO,
        NextStep::After(wait) | NextStep::BackOff(wait) | NextStep::Asked(wait) => wait,
        NextStep::WhenWoken => Duration::MAX,
    }
}
