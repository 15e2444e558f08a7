//! A running practice organization: start, stop, card and control.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::card::{Addresses, Card, ControlCard, Tokens};
use crate::control::Control;
use crate::options::Options;
use crate::random_ids_and_times::system_now;
use crate::server::{ServerKind, serve};
use crate::state::{SharedState, State};
use crate::tls::Authority;

/// Interval at which events happen and Radiant polls.
const TICK: Duration = Duration::from_millis(200);

/// A running practice organization; dropping it stops it.
pub struct Practice {
    state: SharedState,
    card: Card,
    okta: SocketAddr,
    radiant: SocketAddr,
    authority: Option<Authority>,
    tasks: Vec<JoinHandle<()>>,
}

impl Practice {
    /// Starts the servers on free ports of 127.0.0.1.
    ///
    /// # Errors
    /// When a port cannot be opened or a certificate cannot be created.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let authority = options.tls.as_ref().map(Authority::new).transpose().context("creating a certificate")?;
        let acceptor = authority.as_ref().map(Authority::acceptor).transpose()?;
        let (port_okta, radiant_tls) = (options.port_okta, options.radiant_tls && authority.is_some());
        let starts_at = options.starts_at;
        let state = SharedState::new(State::new(options, starts_at.unwrap_or_else(system_now)));
        let mut tasks = Vec::new();
        let mut addresses = Vec::new();
        for kind in [ServerKind::Okta, ServerKind::Radiant, ServerKind::Control] {
            let port = if kind == ServerKind::Okta { port_okta } else { 0 };
            let listener =
                TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.context("opening a port on 127.0.0.1")?;
            let has_tls = kind == ServerKind::Okta || (kind == ServerKind::Radiant && radiant_tls);
            let tls = acceptor.clone().filter(|_| has_tls);
            let (address, task) = serve(kind, listener, tls, state.clone())?;
            tasks.push(task);
            addresses.push(address);
        }
        if starts_at.is_none() {
            tasks.push(tokio::task::spawn(tick(state.clone())));
        }
        let scheme = |has_tls: bool| if has_tls { "https" } else { "http" };
        let schemes = [scheme(authority.is_some()), scheme(radiant_tls)];
        let card = card(&state.lock(), schemes, &addresses, authority.as_ref());
        state.lock().card = Some(card.clone());
        Ok(Self { state, card, okta: addresses[0], radiant: addresses[1], authority, tasks })
    }

    /// Returns its addresses and tokens.
    #[must_use]
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// Returns its control.
    #[must_use]
    pub fn control(&self) -> Control {
        Control(self.state.clone())
    }

    /// Returns the authority's certificate (DER); `None` without TLS.
    #[must_use]
    pub fn ca_der(&self) -> Option<Vec<u8>> {
        self.authority.as_ref().map(Authority::der)
    }

    /// Returns the authority's certificate (PEM); `None` without TLS.
    #[must_use]
    pub fn ca_pem(&self) -> Option<String> {
        self.authority.as_ref().map(Authority::pem)
    }

    /// Returns Okta's socket address.
    #[must_use]
    pub fn okta_addr(&self) -> SocketAddr {
        self.okta
    }

    /// Returns Radiant's socket address.
    #[must_use]
    pub fn radiant_addr(&self) -> SocketAddr {
        self.radiant
    }

    /// Stops it and waits until its ports are closed.
    pub async fn stop(mut self) {
        for task in std::mem::take(&mut self.tasks) {
            task.abort();
            // An aborted task always ends with an error.
            drop(task.await);
        }
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn tick(state: SharedState) {
    let mut ticks = tokio::time::interval(TICK);
    loop {
        ticks.tick().await;
        state.lock().tick(TICK.as_secs_f64());
    }
}

fn card(state: &State, schemes: [&str; 2], addresses: &[SocketAddr], authority: Option<&Authority>) -> Card {
    let token =
        |key: &str| state.principals.iter().find(|one| one.key == key).map(|one| one.token.clone()).unwrap_or_default();
    let radiant = format!("{}://{}", schemes[1], addresses[1]);
    Card {
        okta: format!("{}://{}", schemes[0], addresses[0]),
        okta_authority: authority.map(Authority::pem),
        radiant: Addresses {
            search: format!("{radiant}/quickwit-api-proxy/_msearch"),
            events_webhook: format!("{radiant}/events"),
            docs: format!("{radiant}/radiant-connectors/data-connectors/okta.md"),
        },
        control: ControlCard { url: format!("http://{}", addresses[2]), secret: state.control_secret.clone() },
        tokens: Tokens {
            super_admin: token("super_admin"),
            org_admin: token("org_admin"),
            read_only: token("read_only"),
            person_super_admin: token("person_super_admin"),
            expired: token("expired"),
            owner_deactivated: token("owner_deactivated"),
            network_restricted: token("network_restricted"),
            super_admin_next: token("super_admin_next"),
            other_super_admin: token("other_super_admin"),
            other_super_admin_next: token("other_super_admin_next"),
        },
        radiant_search_token: state.search_token.clone(),
        radiant_events_token: state.events_token.clone(),
    }
}
