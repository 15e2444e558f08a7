//! Blocking and unblocking addresses in a practice organization, alone and beside other tools.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod concurrent_edits;
mod entry_matching;
mod faults;
mod interference;
mod protection_facts;
mod zone_of_our_own;

use std::time::Duration;

use connector::blocklist::{Blocklist, Pace};
use http_client::{AcceptedProxyIssuers, HttpSettings, SecretClient};
use model::blocklist::{BlockConsent, BlockOutcome, BlocklistZone, UnblockOutcome};
use model::ip_range::IpRange;
use model::okta_origin::{Loopback, Origin};
use okta::Okta;
use practice::{Change, Options, Practice};
use runtime::Clock;
use serde_json::Value;
use url::Url;

/// Okta's own blocklist in practice.
const SHARED: &str = "nzoPRACTICEBLOCKED";

/// A practice organization and a client with the token of a super administrator.
struct Org {
    practice: Practice,
    okta: Okta,
    clock: Clock,
    pace: Pace,
}

impl Org {
    /// An organization in simulated time, in which nothing is waited for.
    async fn simulated(options: Options) -> Self {
        let start = "2026-03-10T10:15:00Z".parse().unwrap();
        Self::with(Options { starts_at: Some(start), ..options }, Clock::manual(start)).await
    }

    async fn with(options: Options, clock: Clock) -> Self {
        let options = Options { events_per_second: 0.0, rate_limit: 1_000_000, api_rate_limit: 1_000_000, ..options };
        let practice = Practice::start(options).await.unwrap();
        let okta = client(&practice, &practice.card().tokens.super_admin, &clock);
        let pace = Pace { settle: Duration::from_millis(30), retry: Duration::from_millis(30) };
        Self { practice, okta, clock, pace }
    }

    fn blocklist(&self) -> Blocklist<'_> {
        Blocklist::new(&self.okta, &self.clock, self.pace, &|| 0.5)
    }

    async fn block(&self, address: &str, known: Option<&BlocklistZone>) -> BlockOutcome {
        self.blocklist().block(&range(address), known, BlockConsent::default()).await
    }

    async fn unblock(&self, address: &str, known: &BlocklistZone) -> UnblockOutcome {
        self.blocklist().unblock(&range(address), known).await
    }

    /// Returns the entries of a zone.
    fn entries(&self, id: &str) -> Vec<String> {
        let zone = self.zone(id);
        let entries = zone["gateways"].as_array().cloned().unwrap_or_default();
        entries.iter().map(|entry| entry["value"].as_str().unwrap().to_owned()).collect()
    }

    fn zone(&self, id: &str) -> Value {
        self.practice.control().zones().into_iter().find(|zone| zone["id"] == id).unwrap()
    }

    /// Lets another administrator edit a zone.
    fn other_edits(&self, zone: &str, add: &[&str], remove: &[&str]) {
        let texts = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        self.practice.control().set(Change::OtherAdministratorEditsZone {
            zone: zone.to_owned(),
            add: texts(add),
            remove: texts(remove),
        });
    }

    fn other_sets(&self, zone: &str, active: bool) {
        self.practice.control().set(Change::OtherAdministratorSetsZone { zone: zone.to_owned(), active });
    }

    /// Lets another administrator replace a zone through the API.
    async fn other_replaces(&self, zone: &Value) {
        let card = self.practice.card();
        let url = format!("{}/api/v1/zones/{}", card.okta, zone["id"].as_str().unwrap());
        let url = Url::parse(&url).unwrap();
        let client = SecretClient::loopback(&HttpSettings::default(), &url).unwrap();
        let request = client.request("PUT".parse().unwrap(), url).body(zone.to_string());
        let request = request.header("authorization", format!("SSWS {}", card.tokens.org_admin));
        assert_eq!(client.send(request).await.unwrap().status, 200);
    }

    /// Returns the number of requests that changed a zone.
    fn writes(&self) -> usize {
        let requests = self.practice.control().requests();
        requests.iter().filter(|one| one.path.starts_with("/api/v1/zones") && one.method != "GET").count()
    }
}

fn client(practice: &Practice, token: &str, clock: &Clock) -> Okta {
    let origin = Origin::Practice(Loopback::new(&practice.card().okta).unwrap());
    let token = Some(token.to_owned().into());
    Okta::new(&origin, token, &AcceptedProxyIssuers::default(), &HttpSettings::default(), clock).unwrap()
}

fn range(text: &str) -> IpRange {
    text.parse().unwrap()
}
