//! The door to the connections a command speaks of: the window's own store and keychain, or a practice organisation that
//! another process runs.

use std::path::Path;

use anyhow::Context as _;
use connector::{Connector, ConnectorConfig, PracticeAddresses, place};
use http_client::HttpClient;
use messages::{Messages, keys};
use model::code::Code;
use model::connection::{ConnectionId, Keep, Profile};
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::radiant::RadiantSearch;
use model::secret::SecretName;
use practice::Card;
use runtime::Clock;
use secrecy::SecretString;
use secrets::Keychain;
use tempfile::TempDir;

use crate::args::Place;
use crate::exit;

/// The door, and the folder that practice without a data folder of its own lives in.
pub(crate) struct Door {
    pub(crate) connector: Connector,
    pub(crate) messages: Messages,
    pub(crate) clock: Clock,
    /// Deleted when dropped.
    _folder: Option<TempDir>,
}

impl Door {
    /// Opens it. Practice is said on standard error.
    ///
    /// # Errors
    /// The store's problem; why the card cannot be read or its organisation not be joined.
    pub(crate) async fn open(at: &Place, messages: &Messages) -> anyhow::Result<Self> {
        let card = at.practice_card.as_deref().map(read_card).transpose()?;
        let folder = (card.is_some() && at.data_dir.is_none()).then(tempfile::tempdir).transpose()?;
        let data_dir = match (&at.data_dir, &folder) {
            (Some(dir), _) => dir.clone(),
            (None, Some(folder)) => folder.path().to_owned(),
            (None, None) => place::data_dir().context("there is no home folder; name one with --data-dir")?,
        };
        if let (None, Some(dir)) = (&card, &at.data_dir) {
            let there = dir.is_dir() || dir.parent().is_some_and(std::path::Path::is_dir);
            anyhow::ensure!(there, "{}: there is neither this folder nor the one it would be in", dir.display());
        }
        let vault = if card.is_some() { Keychain::memory() } else { Keychain::system(place::KEYCHAIN) };
        let clock = Clock::system();
        let connector = Connector::open(ConnectorConfig {
            data_dir,
            keychain: vault.clone(),
            web: HttpClient::default(),
            clock: clock.clone(),
            operator: whoami::username(),
            policy: place::policy().filter(|_| card.is_none()),
        })?;
        if let Some(card) = card {
            exit::say_practice(messages);
            join(&connector, &vault, &card, messages).await?;
        }
        Ok(Self { connector, messages: messages.clone(), clock, _folder: folder })
    }

    /// Returns the connections of this name or id; all when none is named.
    ///
    /// # Errors
    /// [`Code::ConnectionUnknown`], or the store's problem.
    pub(crate) async fn connections(&self, named: Option<&str>) -> anyhow::Result<Vec<ConnectionView>> {
        let all = self.connector.connections().await?;
        let Some(named) = named else { return Ok(all) };
        let is = |view: &ConnectionView| view.connection.id.0 == named || view.connection.name == named;
        let found: Vec<_> = all.into_iter().filter(is).collect();
        if found.is_empty() { Err(Problem::new(Code::ConnectionUnknown).into()) } else { Ok(found) }
    }

    /// Returns the one connection of this name or id.
    ///
    /// # Errors
    /// As [`Door::connections`]; when several have this name.
    pub(crate) async fn connection(&self, named: &str) -> anyhow::Result<ConnectionView> {
        let mut found = self.connections(Some(named)).await?;
        anyhow::ensure!(found.len() == 1, "{} connections are called {named}; name one by its id", found.len());
        Ok(found.remove(0))
    }
}

fn read_card(path: &Path) -> anyhow::Result<Card> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(text.trim()).map_err(|_| anyhow::anyhow!("{}: no practice card", path.display()))
}

/// Makes a practice connection whose guide is done, or takes up the one an earlier command made in this data folder.
async fn join(connector: &Connector, vault: &Keychain, card: &Card, messages: &Messages) -> Result<(), Problem> {
    let at = PracticeAddresses {
        okta: card.okta.clone(),
        radiant_search: card.radiant.search.clone(),
        radiant_docs: card.radiant.docs.clone(),
    };
    let here = connector.connections().await?;
    let Some(known) = here.into_iter().find(|view| view.okta_url.as_deref() == Some(card.okta.as_str())) else {
        let id = connector.begin_practice(at, messages.text(keys::PRACTICE_NAME, &[])).await?.connection.id;
        return set_up(connector, &id, card).await;
    };
    connector.join_practice(at);
    for state in known.secrets {
        let Some(origin) = state.bound_to else { continue };
        vault.put(&known.connection.id, state.name, &origin, &secret(card, state.name)).await?;
    }
    Ok(())
}

async fn set_up(connector: &Connector, id: &ConnectionId, card: &Card) -> Result<(), Problem> {
    let search = RadiantSearch {
        url: card.radiant.search.clone(),
        index: Some("raw-events".to_owned()),
        connector_type: Some("okta_system_log".to_owned()),
        timestamp_field: Some("timestamp".to_owned()),
        ..RadiantSearch::default()
    };
    connector.set_radiant_search(id, search).await?;
    connector.set_profile(id, Profile::Response).await?;
    for name in [SecretName::OktaToken, SecretName::RadiantSearchToken] {
        connector.store_secret(id, name, secret(card, name), false).await?;
    }
    connector.finish_setup(id, Keep::Token).await?;
    Ok(())
}

fn secret(card: &Card, name: SecretName) -> SecretString {
    match name {
        SecretName::OktaToken | SecretName::PreviousOktaToken | SecretName::MonitoringToken => {
            card.tokens.super_admin.as_str().into()
        }
        SecretName::NextOktaToken => card.tokens.super_admin_next.as_str().into(),
        SecretName::RadiantSearchToken => card.radiant_search_token.as_str().into(),
    }
}
