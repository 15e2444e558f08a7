//! A relay without a window in a process of its own, over one folder. It shares nothing else with the process that starts it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use connector::{ConnectorConfig, RelayRun, RelayTiming, run_relay};
use http_client::HttpSettings;
use model::okta_origin::{Loopback, OktaDomain, Origin};
use model::relay_delivery_verdict::BackOff;
use model::relay_settings::{EventFormat, RelaySettings, WebhookSettings};
use practice::Practice;
use runtime::Clock;
use secrets::Keychain;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// Where a process finds its plan.
const PLAN: &str = "CONNECTOR_RELAY_PLAN";
/// The names under which the practice organization is reached over TLS.
pub(crate) const OKTA_HOST: &str = "practice.okta.com";
pub(crate) const RADIANT_HOST: &str = "api.app.radiantsecurity.ai";

/// What a relay process is told.
#[derive(Debug, Clone)]
pub(crate) struct RelayPlan {
    pub(crate) folder: PathBuf,
    /// The test of this executable that runs [`run`].
    scene: &'static str,
    okta: String,
    okta_token: String,
    webhook: String,
    webhook_token: String,
    /// The sockets of Okta and Radiant and their authority (DER), when they are reached over TLS.
    tls: Option<(String, String, Vec<u8>)>,
    pub(crate) since: String,
    pub(crate) format: EventFormat,
    pub(crate) rate_share: u32,
    /// Milliseconds between two reads once everything is read.
    pub(crate) poll_ms: u64,
    /// Longest wait after a failure, in milliseconds.
    pub(crate) back_off_ms: u64,
}

impl RelayPlan {
    /// Plans a relay of this organization from a time on.
    pub(crate) fn new(practice: &Practice, folder: &Path, scene: &'static str, since: String) -> Self {
        let card = practice.card();
        let tls = practice.ca_der().filter(|_| card.radiant.events_webhook.starts_with("https:"));
        let sockets = (practice.okta_addr().to_string(), practice.radiant_addr().to_string());
        let tls = tls.map(|authority| (sockets.0, sockets.1, authority));
        let (okta, webhook) = match tls {
            Some(_) => (format!("https://{OKTA_HOST}"), format!("https://{RADIANT_HOST}/events")),
            None => (card.okta.clone(), card.radiant.events_webhook.clone()),
        };
        Self {
            folder: folder.to_owned(),
            scene,
            okta,
            okta_token: card.tokens.read_only.clone(),
            webhook,
            webhook_token: card.radiant_events_token.clone(),
            tls,
            since,
            format: EventFormat::JsonArray,
            rate_share: 50,
            poll_ms: 200,
            back_off_ms: 300,
        }
    }

    /// Returns the command of the process.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "--nocapture", self.scene]).env(PLAN, self.written().to_string());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    fn written(&self) -> Value {
        json!({"folder": self.folder, "okta": self.okta, "okta_token": self.okta_token, "webhook": self.webhook,
            "webhook_token": self.webhook_token, "tls": self.tls, "since": self.since, "format": self.format,
            "rate_share": self.rate_share, "poll_ms": self.poll_ms, "back_off_ms": self.back_off_ms})
    }
}

/// Runs the relay of the plan in the environment until it is killed.
pub(crate) async fn run() {
    let plan: Value = serde_json::from_str(&std::env::var(PLAN).unwrap()).unwrap();
    let text = |name: &str| plan[name].as_str().unwrap().to_owned();
    let number = |name: &str| plan[name].as_u64().unwrap();
    let settings = RelaySettings {
        webhook: WebhookSettings {
            url: text("webhook"),
            format: serde_json::from_value(plan["format"].clone()).unwrap(),
            gzip: true,
            ..WebhookSettings::default()
        },
        since: Some(text("since").parse().unwrap()),
        rate_share: u32::try_from(number("rate_share")).unwrap(),
        is_only_reader: true,
        ..RelaySettings::default()
    };
    let waits = BackOff { first: Duration::from_millis(20), longest: Duration::from_millis(number("back_off_ms")) };
    let timing = RelayTiming {
        back_off: waits,
        hold: waits,
        poll: Some(Duration::from_millis(number("poll_ms"))),
        ..RelayTiming::default()
    };
    let run = RelayRun {
        config: ConnectorConfig {
            data_dir: text("folder").into(),
            keychain: Keychain::memory(),
            http: http(&plan["tls"]),
            clock: Clock::system(),
            operator: "relay".to_owned(),
            policy: None,
        },
        origin: origin(&text("okta")),
        okta_token: text("okta_token").into(),
        webhook_token: text("webhook_token").into(),
        settings,
        timing,
        until_caught_up: false,
    };
    run_relay(run, &CancellationToken::new()).await.unwrap();
}

fn origin(url: &str) -> Origin {
    match url.strip_prefix("https://") {
        Some(host) => Origin::Okta(OktaDomain::from_host(host).unwrap()),
        None => Origin::Practice(Loopback::new(url).unwrap()),
    }
}

fn http(tls: &Value) -> HttpSettings {
    let Ok(Some((okta, radiant, authority))) = serde_json::from_value::<Option<(String, String, Vec<u8>)>>(tls.clone())
    else {
        return HttpSettings::default();
    };
    let resolve = [(OKTA_HOST, okta), (RADIANT_HOST, radiant)];
    HttpSettings {
        resolve: resolve.map(|(host, address)| (host.to_owned(), address.parse().unwrap())).to_vec(),
        extra_public_roots: vec![authority],
        ..HttpSettings::default()
    }
}
