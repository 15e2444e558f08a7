//! The connector of one command: over the window's own store and keychain, or over a practice organization that another
//! process runs.

use std::path::Path;

use anyhow::Context as _;
use connector::owner_only_files::private_folder;
use connector::{Connector, ConnectorConfig, PracticeAddresses, paths};
use messages::{Messages, keys};
use model::code::Code;
use model::connection::{ConnectionId, Keep, Profile};
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::radiant_search_settings::RadiantSearch;
use model::secret_name::SecretName;
use practice::Card;
use runtime::Clock;
use secrecy::SecretString;
use tempfile::TempDir;

use crate::args::Place;
use crate::exit_code;

/// An open connector, and the temporary folder of practice without a data folder.
pub(crate) struct Session {
    pub(crate) connector: Connector,
    pub(crate) messages: Messages,
    pub(crate) clock: Clock,
    /// Deleted when dropped.
    _folder: Option<TempDir>,
}

impl Session {
    /// Opens the connector. Practice is reported on standard error.
    ///
    /// # Errors
    /// The store's problem; why the practice card cannot be read or its organization not be joined.
    pub(crate) async fn open(place: &Place, messages: &Messages) -> anyhow::Result<Self> {
        let card = place.practice_card.as_deref().map(read_card).transpose()?;
        let folder = (card.is_some() && place.data_dir.is_none()).then(tempfile::tempdir).transpose()?;
        let data_dir = match (&place.data_dir, &folder) {
            (Some(dir), _) => dir.clone(),
            (None, Some(folder)) => folder.path().to_owned(),
            (None, None) => {
                let dir = paths::data_dir().context("there is no home folder; name one with --data-dir")?;
                // A failure shows as the store's problem.
                private_folder(&dir).ok();
                dir
            }
        };
        let config = match &card {
            Some(_) if place.practice_keychain => ConnectorConfig::for_practice(data_dir),
            Some(_) => ConnectorConfig::in_memory(data_dir),
            None => ConnectorConfig::for_this_computer(data_dir),
        };
        if let (None, Some(dir)) = (&card, &place.data_dir) {
            let exists = dir.is_dir() || dir.parent().is_some_and(Path::is_dir);
            anyhow::ensure!(exists, "{}: neither this folder nor its parent exists", dir.display());
        }
        let connector = Connector::open(config.clone())?;
        if let Some(card) = card {
            exit_code::report_practice(messages);
            join(&connector, &config, &card, messages).await?;
        }
        Ok(Self { connector, messages: messages.clone(), clock: config.clock, _folder: folder })
    }

    /// Returns the connections with this name or id; all when none is given.
    ///
    /// # Errors
    /// [`Code::ConnectionUnknown`], or the store's problem.
    pub(crate) async fn connections(&self, name: Option<&str>) -> anyhow::Result<Vec<ConnectionView>> {
        let all = self.connector.connections().list().await?;
        let Some(name) = name else { return Ok(all) };
        let matches = |view: &ConnectionView| view.connection.id.0 == name || view.connection.name == name;
        let found: Vec<_> = all.into_iter().filter(matches).collect();
        if found.is_empty() { Err(Problem::new(Code::ConnectionUnknown).arg("typed", name).into()) } else { Ok(found) }
    }

    /// Returns the one connection with this name or id.
    ///
    /// # Errors
    /// As [`Session::connections`]; when several have this name.
    pub(crate) async fn connection(&self, name: &str) -> anyhow::Result<ConnectionView> {
        let mut found = self.connections(Some(name)).await?;
        anyhow::ensure!(found.len() == 1, "{} connections have the name {name}; give an id", found.len());
        Ok(found.remove(0))
    }

    /// Returns the only connection, for a command that names none.
    ///
    /// # Errors
    /// When there is none or several, or the store's problem.
    pub(crate) async fn only_connection(&self) -> anyhow::Result<ConnectionId> {
        let mut all = self.connections(None).await?;
        anyhow::ensure!(!all.is_empty(), self.messages.text(keys::CLI_NO_CONNECTION, &[]));
        let several = || self.messages.text(keys::CLI_SEVERAL_CONNECTIONS, &[("count", &all.len().to_string())]);
        anyhow::ensure!(all.len() == 1, several());
        Ok(all.remove(0).connection.id)
    }
}

fn read_card(path: &Path) -> anyhow::Result<Card> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(text.trim()).map_err(|_| anyhow::anyhow!("{}: not a practice card", path.display()))
}

/// Creates a practice connection with a finished guide, or reuses the one that an earlier command created in this data folder.
async fn join(
    connector: &Connector,
    config: &ConnectorConfig,
    card: &Card,
    messages: &Messages,
) -> Result<(), Problem> {
    let addresses = PracticeAddresses::new(&card.okta, &card.radiant.search, &card.radiant.docs);
    let existing = connector.connections().list().await?;
    let Some(known) = existing.into_iter().find(|view| view.okta_url.as_deref() == Some(card.okta.as_str())) else {
        let name = messages.text(keys::PRACTICE_NAME, &[]);
        let id = connector.connections().begin_practice(addresses, name).await?.connection.id;
        return set_up(connector, &id, card).await;
    };
    connector.connections().join_practice(addresses);
    for state in known.secrets {
        let Some(origin) = state.bound_to else { continue };
        config.keychain.put(&known.connection.id, state.name, &origin, &secret(card, state.name)).await?;
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
    connector.guide().set_radiant_search(id, search).await?;
    connector.guide().set_profile(id, Profile::Response).await?;
    for name in [SecretName::OktaToken, SecretName::RadiantSearchToken] {
        connector.tokens().store(id, name, secret(card, name), false).await?;
    }
    connector.guide().finish(id, Keep::Token).await?;
    Ok(())
}

fn secret(card: &Card, name: SecretName) -> SecretString {
    match name {
        SecretName::OktaToken | SecretName::PreviousOktaToken | SecretName::MonitoringToken => {
            card.tokens.super_admin.as_str().into()
        }
        SecretName::NextOktaToken => card.tokens.super_admin_next.as_str().into(),
        SecretName::RadiantSearchToken => card.radiant_search_token.as_str().into(),
        SecretName::EventsWebhookToken => card.radiant_events_token.as_str().into(),
    }
}
