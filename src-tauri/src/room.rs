//! The practice organisation of this run: its servers on loopback, its own data folder, its own keychain service.
//!
//! It is the only file that knows the `practice` package. Its tokens go from there to the keychain or the clipboard and are
//! never handed to the window.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use connector::{Connector, ConnectorConfig, PracticeAddresses};
use http_client::HttpClient;
use model::code::Code;
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::secret::SecretName;
use practice::{Change, Options, Practice};
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;

use crate::alive::Alive;
use crate::doors::Home;
use crate::trouble::Trouble;

/// The owners of the practice tokens, in the order they are offered.
pub(crate) const PRINCIPALS: [&str; 7] = [
    "super_admin",
    "org_admin",
    "read_only",
    "person_super_admin",
    "expired",
    "owner_deactivated",
    "network_restricted",
];

/// The second token of the first owner, for replacing it.
const NEXT: &str = "super_admin_next";

/// How long the keychain has to say what a killed run left; a locked one is not waited for.
const CLEARING: Duration = Duration::from_secs(5);

/// The practice tenant's index of raw events.
const INDEX: &str = "raw-events";

/// A running practice organisation with a [`Connector`] of its own. Dropping it stops the servers and deletes the folder.
pub(crate) struct Room {
    practice: Practice,
    connector: Connector,
    trouble: Mutex<Option<Trouble>>,
    /// Whose token each connection was given last, where it is not kept.
    given: Mutex<HashMap<ConnectionId, String>>,
    /// Deleted when dropped.
    _folder: TempDir,
    /// Tells runs that begin that this one is alive.
    _alive: Option<Alive>,
}

impl Room {
    /// Forgets what a killed run left, starts the servers and opens a new database in a temporary folder.
    ///
    /// # Errors
    /// [`Code::PracticeFailed`] with the reason.
    pub(crate) async fn start(home: &Home) -> Result<Self, Problem> {
        let failed = |reason: String| Problem::new(Code::PracticeFailed).detail(reason);
        let alive = joined(home).await;
        let practice = Practice::start(Options::default()).await.map_err(|error| failed(error.to_string()))?;
        let folder = tempfile::Builder::new()
            .prefix("okta-connector-practice-")
            .tempdir()
            .map_err(|error| failed(error.to_string()))?;
        let connector = Connector::open(ConnectorConfig {
            data_dir: folder.path().to_owned(),
            keychain: home.practice_vault.clone(),
            web: HttpClient::default(),
            clock: home.clock.clone(),
            operator: home.operator.clone(),
            policy: None,
        })?;
        Ok(Self {
            practice,
            connector,
            trouble: Mutex::new(None),
            given: Mutex::default(),
            _folder: folder,
            _alive: alive,
        })
    }

    /// Returns the door to the practice connections.
    pub(crate) fn connector(&self) -> Connector {
        self.connector.clone()
    }

    /// Begins a guide with the practice organisation under this name. All practice connections ask the one organisation, so its rate limit
    /// grows with them: each has the head-room of an organisation of its own.
    ///
    /// # Errors
    /// The database's problem.
    pub(crate) async fn begin(&self, name: String) -> Result<ConnectionView, Problem> {
        let one_more = u32::try_from(self.connector.connections().await?.len() + 1).unwrap_or(u32::MAX);
        let limit = Options::default().rate_limit.saturating_mul(one_more);
        self.practice.control().set(Change::RateLimit { limit });
        let card = self.practice.card();
        let at = PracticeAddresses {
            okta: card.okta.clone(),
            radiant_search: card.radiant.search.clone(),
            radiant_docs: card.radiant.docs.clone(),
        };
        self.connector.begin_practice(at, name).await
    }

    /// Returns a practice token by its owner.
    ///
    /// # Errors
    /// [`Code::TokenMissing`] for an owner there is not.
    pub(crate) fn token(&self, principal: &str) -> Result<SecretString, Problem> {
        let tokens = &self.practice.card().tokens;
        let token = match principal {
            "super_admin" => &tokens.super_admin,
            "org_admin" => &tokens.org_admin,
            "read_only" => &tokens.read_only,
            "person_super_admin" => &tokens.person_super_admin,
            "expired" => &tokens.expired,
            "owner_deactivated" => &tokens.owner_deactivated,
            "network_restricted" => &tokens.network_restricted,
            NEXT => &tokens.super_admin_next,
            _ => return Err(Problem::new(Code::TokenMissing)),
        };
        Ok(token.as_str().into())
    }

    /// Keeps a practice token as if it had been pasted.
    ///
    /// # Errors
    /// As `Connector::store_secret`.
    pub(crate) async fn paste(&self, id: &ConnectionId, principal: &str) -> Result<ConnectionView, Problem> {
        let view = self.connector.store_secret(id, SecretName::OktaToken, self.token(principal)?, false).await?;
        self.given.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), principal.to_owned());
        Ok(view)
    }

    /// Holds the token that the connection was given before as the old one, to be revoked with itself.
    ///
    /// # Errors
    /// [`Code::TokenMissing`] when none was; otherwise as `Connector::store_secret`.
    pub(crate) async fn paste_old(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        let given = self.given.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        let token = self.token(&given.ok_or(Code::TokenMissing)?)?;
        self.connector.store_secret(id, SecretName::PreviousOktaToken, token, true).await
    }

    /// Makes the second token in the practice org and keeps it as the one that is to replace the first.
    ///
    /// # Errors
    /// As `Connector::store_secret`.
    pub(crate) async fn paste_next(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        self.practice.control().set(Change::TokenMade { principal: NEXT.to_owned() });
        self.connector.store_secret(id, SecretName::NextOktaToken, self.token(NEXT)?, false).await
    }

    /// Keeps the practice search token as if it had been pasted.
    ///
    /// # Errors
    /// As `Connector::store_secret`.
    pub(crate) async fn paste_search_token(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        let mut search = self.connector.connection(id).await?.connection.radiant;
        // A real tenant's index is told by Radiant; the practice tenant's is known here.
        search.index = Some(INDEX.to_owned());
        self.connector.set_radiant_search(id, search).await?;
        let token = self.practice.card().radiant_search_token.as_str().into();
        self.connector.store_secret(id, SecretName::RadiantSearchToken, token, false).await
    }

    /// Gives Radiant's twin the kept token, or the new one while it is being replaced, so that it reads the System Log with it.
    ///
    /// # Errors
    /// [`Code::TokenMissing`], or the keychain's problem.
    #[expect(clippy::disallowed_methods, reason = "the practice Radiant is given the practice token in this process")]
    pub(crate) async fn give_credential(&self, id: &ConnectionId) -> Result<(), Problem> {
        let secrets = self.connector.connection(id).await?.secrets;
        let replaced = secrets.iter().any(|state| state.name == SecretName::NextOktaToken);
        let name = if replaced { SecretName::NextOktaToken } else { SecretName::OktaToken };
        let token = self.connector.secret(id, name).await?;
        self.practice.control().credential(Some(token.expose_secret().to_owned()));
        Ok(())
    }

    /// Returns the trouble that is switched on.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Switches a trouble on, or all of them off.
    pub(crate) fn put_into(&self, trouble: Option<Trouble>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
        crate::trouble::apply(&self.practice.control(), trouble);
    }

    /// Removes every practice connection and its keychain entries.
    pub(crate) async fn forget_everything(&self) {
        for view in self.connector.connections().await.unwrap_or_default() {
            if let Err(problem) = self.connector.remove_connection(&view.connection.id).await {
                tracing::warn!(code = %problem.code, "a practice connection was not removed");
            }
        }
    }
}

/// Joins the practice runs that are alive. The only one first forgets the keychain entries of those that were killed.
async fn joined(home: &Home) -> Option<Alive> {
    let file = home.practice_runs.clone();
    if let Ok(Some(_only)) = Alive::only(&file) {
        match home.practice_vault.clone().with_deadline(CLEARING).forget_service().await {
            Ok(0) => {}
            Ok(entries) => tracing::info!(entries, "a practice run that was killed had left entries in the keychain"),
            Err(error) => tracing::debug!(%error, "the keychain was not searched for what practice left"),
        }
    }
    let joined = tokio::task::spawn_blocking(move || Alive::join(&file)).await;
    joined.ok().and_then(Result::ok)
}
