//! Starting and stopping a practice organisation, and the card that tells where it is.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::control::Control;
use crate::serve::{Role, Shared, serve};
use crate::tls::Authority;
use crate::variants::Variants;
use crate::world::{World, right_now};

/// How often time passes in the practice organisation.
const TICK: Duration = Duration::from_millis(200);

/// How a practice organisation is made.
#[derive(Debug, Clone)]
pub struct Options {
    /// The same seed makes the same people, tokens and events.
    pub seed: u64,
    /// Start of simulated time, which advances only by [`Change::Passes`](crate::Change::Passes); the computer's time when absent.
    pub starts_at: Option<DateTime<Utc>>,
    /// Answer over TLS with a certificate of its own authority.
    pub tls: Option<Tls>,
    /// Number of users.
    pub users: u32,
    /// Events of the past day.
    pub backfill: u32,
    /// New events each second.
    pub events_per_second: f64,
    /// Requests per minute the System Log allows the org; a token gets half.
    pub rate_limit: u32,
    /// Time before every answer.
    pub latency: Duration,
    /// Time until Radiant has read an event.
    pub radiant_lag: Duration,
    /// Whether Radiant polls at all.
    pub radiant_polls: bool,
    /// Okta's port; any free one when 0.
    pub port_okta: u16,
    /// The un-customised address the org gives itself; its own loopback origin when absent.
    pub organization_href: Option<String>,
    /// The custom domain the org gives itself.
    pub alternate_href: Option<String>,
    /// UNVERIFIED behaviours.
    pub variants: Variants,
}

/// TLS for these names, and for localhost.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// Host names.
    pub names: Vec<String>,
    /// The certificate is out of date.
    pub expired: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            starts_at: None,
            tls: None,
            users: 40,
            backfill: 400,
            events_per_second: 0.5,
            rate_limit: 120,
            latency: Duration::ZERO,
            radiant_lag: Duration::from_secs(3),
            radiant_polls: true,
            port_okta: 0,
            organization_href: None,
            alternate_href: None,
            variants: Variants::default(),
        }
    }
}

/// Where it is, and its tokens. It has no `Debug`: tokens, even of practice, are not for logs.
#[derive(Clone, Serialize, Deserialize)]
pub struct Card {
    /// Okta's origin.
    pub okta: String,
    /// Radiant's addresses.
    pub radiant: Addresses,
    /// The control endpoint.
    pub control: ControlCard,
    /// Okta tokens by principal.
    pub tokens: Tokens,
    /// Token of Radiant's search.
    pub radiant_search_token: String,
    /// Token of Radiant's custom events webhook.
    pub radiant_events_token: String,
}

/// Radiant's addresses.
#[derive(Clone, Serialize, Deserialize)]
pub struct Addresses {
    /// Search Query API.
    pub search: String,
    /// Custom events webhook.
    pub events_webhook: String,
    /// Documentation page that answers `ask`.
    pub docs: String,
}

/// The control endpoint.
#[derive(Clone, Serialize, Deserialize)]
pub struct ControlCard {
    /// Its origin.
    pub url: String,
    /// Bearer secret of this run.
    pub secret: String,
}

/// Okta tokens by principal.
#[derive(Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is named after its principal")]
pub struct Tokens {
    pub super_admin: String,
    pub org_admin: String,
    pub read_only: String,
    pub person_super_admin: String,
    pub expired: String,
    pub owner_deactivated: String,
    pub network_restricted: String,
    pub super_admin_next: String,
}

/// A running practice organisation; dropping it ends it.
pub struct Practice {
    shared: Shared,
    card: Card,
    okta: SocketAddr,
    authority: Option<Authority>,
    tasks: Vec<JoinHandle<()>>,
}

impl Practice {
    /// Starts it on free ports of 127.0.0.1.
    ///
    /// # Errors
    /// When a port cannot be opened or a certificate cannot be made.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let authority = options.tls.as_ref().map(Authority::new).transpose().context("making a certificate")?;
        let acceptor = authority.as_ref().map(Authority::acceptor).transpose()?;
        let port_okta = options.port_okta;
        let starts_at = options.starts_at;
        let shared = Shared::new(World::new(options, starts_at.unwrap_or_else(right_now)));
        let mut tasks = Vec::new();
        let mut addresses = Vec::new();
        for role in [Role::Okta, Role::Radiant, Role::Control] {
            let port = if role == Role::Okta { port_okta } else { 0 };
            let listener =
                TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.context("opening a port on 127.0.0.1")?;
            let tls = acceptor.clone().filter(|_| role == Role::Okta);
            let (address, task) = serve(role, listener, tls, shared.clone())?;
            tasks.push(task);
            addresses.push(address);
        }
        if starts_at.is_none() {
            tasks.push(tokio::task::spawn(passing(shared.clone())));
        }
        let scheme = if authority.is_some() { "https" } else { "http" };
        let card = card(&shared, scheme, &addresses);
        shared.world().card = Some(card.clone());
        Ok(Self { shared, card, okta: addresses[0], authority, tasks })
    }

    /// Returns where it is.
    #[must_use]
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// Returns its control.
    #[must_use]
    pub fn control(&self) -> Control {
        Control(self.shared.clone())
    }

    /// Returns the authority's certificate (DER), for a TLS instance.
    #[must_use]
    pub fn ca_der(&self) -> Option<Vec<u8>> {
        self.authority.as_ref().map(Authority::der)
    }

    /// Returns the authority's certificate (PEM), for a TLS instance.
    #[must_use]
    pub fn ca_pem(&self) -> Option<String> {
        self.authority.as_ref().map(Authority::pem)
    }

    /// Returns Okta's socket address.
    #[must_use]
    pub fn okta_addr(&self) -> SocketAddr {
        self.okta
    }

    /// Ends it and waits until its ports are closed.
    pub async fn stop(mut self) {
        for task in std::mem::take(&mut self.tasks) {
            task.abort();
            // An aborted task has nothing to say.
            drop(task.await);
        }
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn passing(shared: Shared) {
    let mut ticks = tokio::time::interval(TICK);
    loop {
        ticks.tick().await;
        shared.world().tick(TICK.as_secs_f64());
    }
}

fn card(shared: &Shared, scheme: &str, addresses: &[SocketAddr]) -> Card {
    let world = shared.world();
    let token =
        |key: &str| world.principals.iter().find(|one| one.key == key).map(|one| one.token.clone()).unwrap_or_default();
    let radiant = format!("http://{}", addresses[1]);
    Card {
        okta: format!("{scheme}://{}", addresses[0]),
        radiant: Addresses {
            search: format!("{radiant}/quickwit-api-proxy/_msearch"),
            events_webhook: format!("{radiant}/events"),
            docs: format!("{radiant}/radiant-connectors/data-connectors/okta.md"),
        },
        control: ControlCard { url: format!("http://{}", addresses[2]), secret: world.control_secret.clone() },
        tokens: Tokens {
            super_admin: token("super_admin"),
            org_admin: token("org_admin"),
            read_only: token("read_only"),
            person_super_admin: token("person_super_admin"),
            expired: token("expired"),
            owner_deactivated: token("owner_deactivated"),
            network_restricted: token("network_restricted"),
            super_admin_next: token("super_admin_next"),
        },
        radiant_search_token: world.search_token.clone(),
        radiant_events_token: world.events_token.clone(),
    }
}
