//! Practice organizations over TLS under real-looking host names, and a connector that does not treat them as practice.
//!
//! [`HttpSettings::resolve`] maps the names to loopback; ports, certificates and every transmitted byte are real.
#![expect(clippy::unwrap_used, reason = "tests")]
#![allow(dead_code, reason = "each story uses what it needs")]

pub(crate) mod inspecting_gateway;
#[path = "../support/message_placeholders.rs"]
pub(crate) mod message_placeholders;
pub(crate) mod tcp_proxy;

use std::net::SocketAddr;
use std::time::Duration;

use connector::{Connector, ConnectorConfig};
use http_client::HttpSettings;
use model::check::{CheckId, CheckReport, CheckRow};
use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use model::secret_name::SecretName;
use practice::{Options, Practice, Tls};
use runtime::Clock;
use secrets::Keychain;
use tokio_util::sync::CancellationToken;

/// The org's own host.
pub(crate) const ORG: &str = "acme.okta.com";
/// Its custom domain.
pub(crate) const CUSTOM: &str = "login.example-corp.com";

/// Who vouches for the practice authority on this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trusted {
    /// Nobody.
    Nowhere,
    /// The computer alone, as it does for a proxy that inspects TLS.
    Here,
    /// The computer and the public list.
    Everywhere,
}

/// A practice organization that says it is at [`ORG`], with a certificate for the names given.
pub(crate) async fn org(tls: Tls) -> Practice {
    practice(tls, &format!("https://{ORG}"), 1).await
}

/// The same under other words: what it says its own address is, and which org it is.
pub(crate) async fn practice(tls: Tls, organization: &str, seed: u64) -> Practice {
    let organization_href = Some(organization.to_owned());
    let options = Options { tls: Some(tls), seed, organization_href, events_per_second: 0.0, ..Options::default() };
    Practice::start(options).await.unwrap()
}

/// A certificate in order, for one host.
pub(crate) fn tls(name: &str) -> Tls {
    Tls { names: vec![name.to_owned()], expired: false }
}

/// Requests that bore a token.
pub(crate) fn tokens_seen(practice: &Practice) -> u64 {
    practice.control().counters().authorized.get("okta").copied().unwrap_or(0)
}

/// Leads each name to where its organization answers.
pub(crate) fn web(trusted: Trusted, hosts: &[(&str, &Practice)]) -> HttpSettings {
    let roots = || hosts.iter().filter_map(|(_, practice)| practice.ca_der()).collect();
    let to = hosts.iter().map(|(name, practice)| ((*name).to_owned(), practice.okta_addr()));
    HttpSettings {
        timeout: Duration::from_secs(5),
        resolve: to.collect(),
        extra_roots: if trusted == Trusted::Nowhere { Vec::new() } else { roots() },
        extra_public_roots: if trusted == Trusted::Everywhere { roots() } else { Vec::new() },
    }
}

/// The same, but [`ORG`] is at another address.
pub(crate) fn web_at(trusted: Trusted, practice: &Practice, address: SocketAddr) -> HttpSettings {
    HttpSettings { resolve: vec![(ORG.to_owned(), address)], ..web(trusted, &[(ORG, practice)]) }
}

/// A connector with one connection whose guide is open.
pub(crate) struct Guide {
    pub(crate) connector: Connector,
    pub(crate) id: ConnectionId,
    keychain: Keychain,
    folder: tempfile::TempDir,
}

fn opened(folder: &tempfile::TempDir, keychain: &Keychain, web: HttpSettings) -> Connector {
    Connector::open(ConnectorConfig {
        data_dir: folder.path().to_owned(),
        keychain: keychain.clone(),
        http: web,
        clock: Clock::system(),
        operator: "admin".to_owned(),
        policy: None,
    })
    .unwrap()
}

impl Guide {
    /// Opens the guide of a new connection.
    pub(crate) async fn begin(web: HttpSettings) -> Self {
        let (folder, keychain) = (tempfile::tempdir().unwrap(), Keychain::memory());
        let connector = opened(&folder, &keychain, web);
        let id = connector.connections().begin().await.unwrap().connection.id;
        Self { connector, id, keychain, folder }
    }

    /// Walks the guide to the pasted token: the org recognized, the token kept, nothing checked yet.
    pub(crate) async fn with_token(web: HttpSettings, practice: &Practice) -> Self {
        let guide = Self::begin(web).await;
        guide.set_domain(ORG).await.unwrap();
        guide.paste(practice).await;
        guide
    }

    /// Ends the app and starts it again on the same folder and keychain, in another network.
    pub(crate) fn moved(self, web: HttpSettings) -> Self {
        let Self { connector, id, keychain, folder } = self;
        drop(connector);
        let connector = opened(&folder, &keychain, web);
        Self { connector, id, keychain, folder }
    }

    pub(crate) async fn set_domain(&self, typed: &str) -> Result<(), Problem> {
        self.connector.guide().set_domain(&self.id, typed.to_owned()).await.map(drop)
    }

    /// What is said when the domain cannot be set, and the host it is said of.
    pub(crate) async fn refused(&self, typed: &str) -> (Code, Option<String>) {
        let problem = self.set_domain(typed).await.unwrap_err();
        message_placeholders::assert_filled(problem.code, &problem.args);
        (problem.code, problem.args.get("host").cloned())
    }

    pub(crate) async fn paste(&self, practice: &Practice) {
        let token = practice.card().tokens.super_admin.clone();
        self.connector.tokens().store(&self.id, SecretName::OktaToken, token.into(), false).await.unwrap();
    }

    /// Answers the open question about a proxy before Okta with yes, or takes the answer back.
    pub(crate) async fn accept_inspection(&self, yes: bool) {
        let guide = self.connector.guide();
        if yes {
            let view = self.connector.connections().get(&self.id).await.unwrap();
            let Some(question) = view.guide.inspection else { return };
            guide.accept_issuer(&self.id, CheckId::Tls, question.issuer, question.key).await.unwrap();
        } else {
            guide.withdraw_issuer(&self.id, CheckId::Tls).await.unwrap();
        }
    }

    pub(crate) async fn check(&self) -> CheckReport {
        let report = self.connector.checks().run(&self.id, None, CancellationToken::new(), |_| {}).await.unwrap();
        message_placeholders::assert_filled_in_report(&report);
        report
    }

    pub(crate) async fn row(&self, check: CheckId) -> CheckRow {
        self.check().await.row(check).unwrap().clone()
    }
}
