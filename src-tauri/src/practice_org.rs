//! The practice organization of this run: its servers on loopback, its own data folder, its own keychain service.
//!
//! This is the only module that starts the `practice` package. Its tokens go from there to the keychain or the clipboard and
//! never to the window.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use connector::owner_only_files::private_folder;
use connector::{Connector, ConnectorConfig, PracticeAddresses};
use model::app_change::AppChange;
use model::code::Code;
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::relay::RelayView;
use model::relay_settings::{RelaySettings, TokenHeader, WebhookSettings};
use model::secret_name::SecretName;
use practice::{Change, Options, Practice};
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;
use tokio::sync::broadcast;

use crate::practice_run_marker::PracticeRunMarker;
use crate::practice_scenario::{ActiveScenario, PracticeScenario};
use crate::start_config::StartConfig;

/// The owners of the practice tokens, in the order in which they are offered while no scenario is active.
pub(crate) const PRINCIPALS: [&str; 8] = [
    FIRST,
    OTHER,
    "org_admin",
    "read_only",
    "person_super_admin",
    "expired",
    "owner_deactivated",
    "network_restricted",
];

/// The first owner.
const FIRST: &str = "super_admin";

/// Another service account with the same role. It is created when its token is taken.
const OTHER: &str = "other_super_admin";

/// The second token of the first owner, which replaces the first in a rotation.
const NEXT: &str = "super_admin_next";

/// The second token of the other service account.
const OTHER_NEXT: &str = "other_super_admin_next";

/// How long the start of practice waits for the keychain to delete what a killed run left. A locked keychain is skipped.
const CLEANUP_TIMEOUT: Duration = Duration::from_secs(5);

/// The beginning of the name of a run's folder.
const RUN_FOLDER: &str = "practice-run-";

/// The practice tenant's index of raw events.
const INDEX: &str = "raw-events";

/// A running practice organization with a separate [`Connector`]. Dropping it stops the servers and deletes the folder.
pub(crate) struct PracticeOrg {
    practice: Practice,
    connector: Connector,
    scenario: Mutex<ActiveScenario>,
    /// The owner of the token that each connection was given last, where the token is not kept.
    given: Mutex<HashMap<ConnectionId, String>>,
    /// The owner of the token that was copied last, to be pasted by hand.
    copied: Mutex<Option<String>>,
    /// Deleted when dropped.
    _folder: TempDir,
    /// Shows other practice runs that this one is running.
    _lock: Option<PracticeRunMarker>,
}

impl PracticeOrg {
    /// Deletes what a killed run left, starts the servers and opens a new database in a folder of its own inside the data folder.
    ///
    /// # Errors
    /// [`Code::PracticeFailed`] with the reason.
    pub(crate) async fn start(config: &StartConfig, changes: broadcast::Sender<AppChange>) -> Result<Self, Problem> {
        let failed = |reason: String| Problem::new(Code::PracticeFailed).detail(reason);
        private_folder(&config.real.data_dir).map_err(|error| failed(error.to_string()))?;
        let lock = lock(config).await;
        let practice = Practice::start(Options::default()).await.map_err(|error| failed(error.to_string()))?;
        let folder = tempfile::Builder::new()
            .prefix(RUN_FOLDER)
            .tempdir_in(&config.real.data_dir)
            .map_err(|error| failed(error.to_string()))?;
        let config = ConnectorConfig { data_dir: folder.path().to_owned(), ..config.practice.clone() };
        Ok(Self {
            practice,
            connector: Connector::open_with(config, changes)?,
            scenario: Mutex::default(),
            given: Mutex::default(),
            copied: Mutex::default(),
            _folder: folder,
            _lock: lock,
        })
    }

    /// Returns the connector of the practice connections.
    pub(crate) fn connector(&self) -> Connector {
        self.connector.clone()
    }

    /// Creates a connection of this name and opens its guide. All practice connections share one organization, so its rate
    /// limit grows with their number.
    ///
    /// # Errors
    /// The database's problem.
    pub(crate) async fn begin(&self, name: String) -> Result<ConnectionView, Problem> {
        let count = u32::try_from(self.connector.connections().list().await?.len() + 1).unwrap_or(u32::MAX);
        let limit = Options::default().rate_limit.saturating_mul(count);
        self.practice.control().set(Change::RateLimit { limit });
        let card = self.practice.card();
        let addresses = PracticeAddresses::new(&card.okta, &card.radiant.search, &card.radiant.docs);
        self.connector.connections().begin_practice(addresses, name).await
    }

    /// Returns a practice token by its owner.
    ///
    /// # Errors
    /// [`Code::TokenMissing`] for an unknown owner.
    pub(crate) fn token(&self, principal: &str) -> Result<SecretString, Problem> {
        let tokens = &self.practice.card().tokens;
        let token = match principal {
            FIRST => &tokens.super_admin,
            OTHER => &tokens.other_super_admin,
            "org_admin" => &tokens.org_admin,
            "read_only" => &tokens.read_only,
            "person_super_admin" => &tokens.person_super_admin,
            "expired" => &tokens.expired,
            "owner_deactivated" => &tokens.owner_deactivated,
            "network_restricted" => &tokens.network_restricted,
            NEXT => &tokens.super_admin_next,
            OTHER_NEXT => &tokens.other_super_admin_next,
            _ => return Err(Problem::new(Code::TokenMissing)),
        };
        Ok(token.as_str().into())
    }

    /// Stores a practice token as if it had been pasted.
    ///
    /// # Errors
    /// As `Connector::store_secret`.
    pub(crate) async fn paste(&self, id: &ConnectionId, principal: &str) -> Result<ConnectionView, Problem> {
        self.create(principal);
        let view = self.connector.tokens().store(id, SecretName::OktaToken, self.token(principal)?, false).await?;
        self.given.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), principal.to_owned());
        Ok(view)
    }

    /// Returns a practice token by its owner, to be copied and pasted by hand.
    ///
    /// # Errors
    /// As [`Self::token`].
    pub(crate) fn copy(&self, principal: &str) -> Result<SecretString, Problem> {
        let token = self.token(principal)?;
        self.create(principal);
        *self.copied.lock().unwrap_or_else(PoisonError::into_inner) = Some(principal.to_owned());
        Ok(token)
    }

    /// Creates the other service account and its token when the token is first taken.
    fn create(&self, principal: &str) {
        let control = self.practice.control();
        if principal == OTHER && !control.has_valid_token(OTHER) {
            control.set(Change::TokenMade { principal: OTHER.to_owned() });
        }
    }

    /// Returns the owners of the practice tokens: first the one whose token replaces those of the active scenario.
    pub(crate) fn offered(&self) -> Vec<&'static str> {
        let spared = self.scenario.lock().unwrap_or_else(PoisonError::into_inner).spared();
        let rest = PRINCIPALS.into_iter().filter(|principal| Some(*principal) != spared);
        spared.into_iter().chain(rest).collect()
    }

    /// Notes whose token was pasted by hand, if it is one of the offered tokens.
    #[expect(clippy::disallowed_methods, reason = "the token is compared with the practice tokens in this process")]
    pub(crate) fn note_pasted(&self, id: &ConnectionId, pasted: &SecretString) {
        let is_pasted = |principal: &&str| {
            self.token(principal).is_ok_and(|token| token.expose_secret() == pasted.expose_secret().trim())
        };
        if let Some(principal) = PRINCIPALS.iter().find(|principal| is_pasted(principal)) {
            self.given.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), (*principal).to_owned());
        }
    }

    /// Returns the service account that no connection uses, rather one whose token was not copied to be pasted by hand. A scenario
    /// spares its token, so that it can take the place of the token that the scenario ends.
    fn unused(&self) -> Option<&'static str> {
        let given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let copied = self.copied.lock().unwrap_or_else(PoisonError::into_inner);
        let is_given = |principal: &str| given.values().any(|used| used == principal);
        let unused: Vec<_> = [OTHER, FIRST].into_iter().filter(|principal| !is_given(principal)).collect();
        unused.iter().find(|principal| copied.as_deref() != Some(**principal)).or(unused.first()).copied()
    }

    /// Stores the token that the connection was given before as the old one, which the rotation revokes.
    ///
    /// # Errors
    /// [`Code::TokenMissing`] when there was none; otherwise as `Connector::store_secret`.
    pub(crate) async fn paste_old(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        let given = self.given.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        let token = self.token(&given.ok_or(Code::TokenMissing)?)?;
        self.connector.tokens().store(id, SecretName::PreviousOktaToken, token, true).await
    }

    /// Creates the second token in the practice org and stores it as the one that replaces the first.
    ///
    /// # Errors
    /// As `Connector::store_secret`.
    pub(crate) async fn paste_next(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        let given = self.given.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        let next = if given.as_deref() == Some(OTHER) { OTHER_NEXT } else { NEXT };
        self.practice.control().set(Change::TokenMade { principal: next.to_owned() });
        self.connector.tokens().store(id, SecretName::NextOktaToken, self.token(next)?, false).await
    }

    /// Stores the practice search token as if it had been pasted.
    ///
    /// # Errors
    /// As `Connector::store_secret`.
    pub(crate) async fn paste_search_token(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        let mut search = self.connector.connections().get(id).await?.connection.radiant;
        // Radiant names a real tenant's index; the practice tenant's index is a constant.
        search.index = Some(INDEX.to_owned());
        self.connector.guide().set_radiant_search(id, search).await?;
        let token = self.practice.card().radiant_search_token.as_str().into();
        self.connector.tokens().store(id, SecretName::RadiantSearchToken, token, false).await
    }

    /// Enters the practice Radiant's events webhook and its token in the settings of the relay, as if they had been pasted.
    ///
    /// # Errors
    /// As `Relay::configure` and `Connector::store_secret`.
    pub(crate) async fn use_events_webhook(&self, id: &ConnectionId) -> Result<RelayView, Problem> {
        let (relay, card) = (self.connector.relay(), self.practice.card());
        let settings = relay.settings(id).await?;
        let webhook = WebhookSettings {
            url: card.radiant.events_webhook.clone(),
            confirmed_host: None,
            header: TokenHeader::default(),
            ..settings.webhook
        };
        relay.configure(id, RelaySettings { webhook, ..settings }).await?;
        let token = card.radiant_events_token.as_str().into();
        self.connector.tokens().store(id, SecretName::EventsWebhookToken, token, false).await?;
        relay.state(id).await
    }

    /// Gives the practice Radiant the stored token, or the new one during a rotation, so that it reads the System Log with it.
    ///
    /// # Errors
    /// [`Code::TokenMissing`], or the keychain's problem.
    #[expect(clippy::disallowed_methods, reason = "the practice Radiant is given the practice token in this process")]
    pub(crate) async fn give_credential(&self, id: &ConnectionId) -> Result<(), Problem> {
        let secrets = self.connector.connections().get(id).await?.secrets;
        let rotating = secrets.iter().any(|state| state.name == SecretName::NextOktaToken);
        let name = if rotating { SecretName::NextOktaToken } else { SecretName::OktaToken };
        let token = self.connector.tokens().for_clipboard(id, name).await?;
        self.practice.control().credential(Some(token.expose_secret().to_owned()));
        Ok(())
    }

    /// Returns the active scenario.
    pub(crate) fn scenario(&self) -> Option<PracticeScenario> {
        self.scenario.lock().unwrap_or_else(PoisonError::into_inner).scenario()
    }

    /// Starts a scenario, or ends the active one.
    pub(crate) fn set_scenario(&self, scenario: Option<PracticeScenario>) {
        let spared = self.unused();
        self.scenario.lock().unwrap_or_else(PoisonError::into_inner).switch(&self.practice.control(), scenario, spared);
    }

    /// Removes every practice connection and its keychain entries.
    pub(crate) async fn remove_connections(&self) {
        for view in self.connector.connections().list().await.unwrap_or_default() {
            if let Err(problem) = self.connector.connections().remove(&view.connection.id).await {
                tracing::warn!(code = %problem.code, "a practice connection was not removed");
            }
        }
    }
}

/// Joins the practice runs that are running. The only one first deletes the folders and keychain entries of runs that were
/// killed.
async fn lock(config: &StartConfig) -> Option<PracticeRunMarker> {
    let file = PracticeRunMarker::file(&config.real.data_dir);
    if let Ok(Some(_only)) = PracticeRunMarker::exclusive(&file) {
        remove_left_folders(&config.real.data_dir);
        match config.practice.keychain.clone().with_deadline(CLEANUP_TIMEOUT).forget_service().await {
            Ok(0) => {}
            Ok(entries) => tracing::info!(entries, "deleted keychain entries that a killed practice run had left"),
            Err(error) => tracing::debug!(%error, "the keychain was not searched for entries of killed practice runs"),
        }
    }
    let joined = tokio::task::spawn_blocking(move || PracticeRunMarker::shared(&file)).await;
    joined.ok().and_then(Result::ok)
}

/// Deletes the folders of runs that were killed.
fn remove_left_folders(data_dir: &Path) {
    let entries = std::fs::read_dir(data_dir).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(RUN_FOLDER)) {
        match std::fs::remove_dir_all(entry.path()) {
            Ok(()) => tracing::info!("deleted a folder that a killed practice run had left"),
            Err(error) => tracing::warn!(%error, "a folder of a killed practice run was not deleted"),
        }
    }
}
