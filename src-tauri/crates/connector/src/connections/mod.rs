//! The list of connections, and their transfer between computers without secrets.

mod exported_relay;
mod transfer;

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use crate::actions::PastedTokens;
use crate::active_runs::ActiveRuns;
use crate::connection_repository::ConnectionRepository;
use crate::current_monitor_settings;
use crate::practice_addresses::{Practice, PracticeAddresses};
use crate::{guide_changes, links};
use model::code::Code;
use model::connection::{Connection, ConnectionId};
use model::connection_import::{ImportOutcome, ImportPreview, ImportedConnection, ImportedSettings, SkippedConnection};
use model::connection_view::ConnectionView;
use model::guide::GuideState;
use model::link_target::LinkTarget;
use model::okta_origin::{Loopback, Origin};
use model::problem::Problem;
use model::radiant_search_settings::RadiantSearch;
use model::secret_name::SecretName;
use store::{ReadTx, StoreError};
use transfer::ExportedConnection;

/// The list of connections.
pub struct Connections {
    pub(crate) records: ConnectionRepository,
    pub(crate) practice: Practice,
    pub(crate) runs: ActiveRuns,
    pub(crate) pasted: PastedTokens,
}

impl Connections {
    /// Returns every connection, oldest first.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn list(&self) -> Result<Vec<ConnectionView>, Problem> {
        self.records.all().await
    }

    /// Returns the ID of every connection, without the rest of it.
    pub(crate) async fn ids(&self) -> Result<Vec<ConnectionId>, Problem> {
        self.records.read(|tx| Ok(tx.connections()?.into_iter().map(|one| one.id).collect())).await
    }

    /// Returns one connection.
    ///
    /// # Errors
    /// [`Code::ConnectionUnknown`], or the store's problem.
    pub async fn get(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        self.records.view(id).await
    }

    /// Creates a connection and opens its guide at the first step.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn begin(&self) -> Result<ConnectionView, Problem> {
        self.add(self.records.blank(""), guide_changes::begin()).await
    }

    /// Creates a practice connection with this name to a practice organization that was just started.
    ///
    /// # Errors
    /// [`Code::PracticeFailed`] when an address is not loopback, or the store's problem.
    pub async fn begin_practice(&self, at: PracticeAddresses, name: String) -> Result<ConnectionView, Problem> {
        let loopback = Loopback::new(&at.okta).map_err(|_| Problem::new(Code::PracticeFailed))?;
        let radiant = RadiantSearch { url: at.radiant_search.clone(), ..RadiantSearch::default() };
        let origin = Some(Origin::Practice(loopback));
        self.join_practice(at);
        self.add(Connection { name, origin, radiant, ..self.records.blank("practice-") }, guide_changes::begin()).await
    }

    /// Sets the addresses of the practice organization whose connection exists already.
    pub fn join_practice(&self, at: PracticeAddresses) {
        self.practice.join(at);
    }

    /// Renames a connection. A blank name changes nothing.
    ///
    /// # Errors
    /// [`Code::ConnectionUnknown`], or the store's problem.
    pub async fn rename(&self, id: &ConnectionId, name: String) -> Result<ConnectionView, Problem> {
        let (views, id) = (self.records.views().await?, id.clone());
        self.records
            .write(move |tx| {
                tx.update_connection(&id, |connection| {
                    if !name.trim().is_empty() {
                        name.trim().clone_into(&mut connection.name);
                    }
                })?;
                Ok(views.of(tx, &id)?)
            })
            .await
    }

    /// Removes a connection: first its secrets from the keychain, then everything stored for it.
    ///
    /// # Errors
    /// The keychain's problem, when nothing is removed; the store's problem.
    pub async fn remove(&self, id: &ConnectionId) -> Result<(), Problem> {
        self.records.connection(id).await?;
        self.runs.cancel(id);
        self.pasted.forget(id);
        self.records.secrets.purge(id, &SecretName::ALL).await?;
        let id = id.clone();
        self.records.write(move |tx| Ok(tx.remove_connection(&id)?)).await
    }

    /// Returns the address of a place that the app may open.
    ///
    /// # Errors
    /// [`Code::LinkRefused`] for an unknown place, [`Code::DomainUnset`] before the domain is known.
    pub async fn link_address(&self, id: Option<&ConnectionId>, link: &LinkTarget) -> Result<Url, Problem> {
        let origin = match id {
            Some(id) => self.records.connection(id).await?.origin,
            None => None,
        };
        Ok(links::address(link, origin.as_ref())?)
    }

    /// Writes every connection into one JSON document: names, domains, profiles, settings of search and relay, and this computer's
    /// own monitoring settings. Secrets, values that a policy fixes and practice connections are left out.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn export(&self) -> Result<String, Problem> {
        let (views, settings) = (self.list().await?, self.records.settings.own().await?);
        let ids: Vec<ConnectionId> = views.iter().map(|view| view.connection.id.clone()).collect();
        let read = move |tx: &ReadTx<'_>| {
            let mut relays = BTreeMap::new();
            for id in ids {
                let relay = tx.relay(&id)?;
                relays.extend(relay.map(|relay| (id, relay.settings)));
            }
            Ok(relays)
        };
        let relays = self.records.read(read).await?;
        let text = transfer::write(&views, &relays, &settings).map_err(|_| Problem::new(Code::Internal))?;
        Ok(text + "\n")
    }

    /// Returns what an import of an exported document would change. Nothing is changed.
    ///
    /// # Errors
    /// As [`Connections::import`].
    pub async fn preview_import(&self, text: &str) -> Result<ImportPreview, Problem> {
        let document = transfer::read(text)?;
        let (views, has_settings) = (self.records.views().await?, document.monitor.is_some());
        let remarks = document.remarks;
        let read = self.records.read(move |tx| {
            let marked = mark_existing(document.connections, &views.all(tx)?);
            Ok((marked, imported_settings(tx, has_settings)?))
        });
        let (marked, settings) = read.await?;
        let connections = marked.iter().map(|(one, exists)| transfer::preview(one, *exists)).collect();
        Ok(ImportPreview { connections, settings, remarks })
    }

    /// Creates connections from an exported document. Each guide begins at the domain; nothing is sent and no secret is bound.
    /// A connection whose org exists already is skipped. Monitoring settings that were stored here are kept.
    ///
    /// # Errors
    /// [`Code::ImportTooLarge`], [`Code::ImportForeign`], [`Code::ImportNewer`], [`Code::ImportGarbled`]; the store's
    /// problem.
    pub async fn import(&self, text: &str) -> Result<ImportOutcome, Problem> {
        let document = transfer::read(text)?;
        let (views, rules) = (self.records.views().await?, self.records.settings.rules().await?);
        let blanks: Vec<Connection> = document.connections.iter().map(|_| self.records.blank("")).collect();
        self.records
            .write(move |tx| {
                let (mut added, mut skipped) = (Vec::new(), Vec::new());
                let marked = mark_existing(document.connections, &views.all(tx)?);
                for ((one, exists), blank) in marked.into_iter().zip(blanks) {
                    if exists {
                        skipped.push(SkippedConnection { name: one.name, domain: one.domain });
                        continue;
                    }
                    let (connection, guide) = transfer::to_connection(&one, blank);
                    tx.add_connection(&connection)?;
                    tx.put(&connection.id, &guide)?;
                    if let Some(relay) = transfer::relay_settings(&one) {
                        tx.put_relay_settings(&connection.id, &relay)?;
                    }
                    added.push(ImportedConnection { id: connection.id, name: connection.name });
                }
                let settings = imported_settings(tx, document.monitor.is_some())?;
                if let (ImportedSettings::Applied, Some(monitor)) = (settings, document.monitor) {
                    rules.change(tx, |_| monitor.into())?;
                }
                Ok(ImportOutcome { added, skipped, settings, remarks: document.remarks })
            })
            .await
    }

    async fn add(&self, connection: Connection, guide: GuideState) -> Result<ConnectionView, Problem> {
        let views = self.records.views().await?;
        self.records
            .write(move |tx| {
                tx.add_connection(&connection)?;
                tx.put(&connection.id, &guide)?;
                Ok(views.of(tx, &connection.id)?)
            })
            .await
    }
}

/// Marks the connections to an org that exists here already or comes earlier in the document.
fn mark_existing(exported: Vec<ExportedConnection>, existing: &[ConnectionView]) -> Vec<(ExportedConnection, bool)> {
    let org = |view: &ConnectionView| transfer::org_key(&view.connection.name, &transfer::domain(view));
    let mut known: BTreeSet<String> = existing.iter().map(org).collect();
    let marked = exported.into_iter().map(|one| {
        let is_new = known.insert(transfer::org_key(&one.name, &one.domain));
        (one, !is_new)
    });
    marked.collect()
}

fn imported_settings(tx: &ReadTx<'_>, has_settings: bool) -> Result<ImportedSettings, StoreError> {
    Ok(match (has_settings, current_monitor_settings::are_stored(tx)?) {
        (false, _) => ImportedSettings::Absent,
        (true, true) => ImportedSettings::Kept,
        (true, false) => ImportedSettings::Applied,
    })
}
