//! Connections: list, look, make, rename, remove.

use std::sync::PoisonError;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Connector, PracticeAddresses};
use crate::setup;
use model::code::Code;
use model::connection::{Connection, ConnectionId, Keep, Profile};
use model::connection_view::{ConnectionRecord, ConnectionView};
use model::guide::GuideState;
use model::monitor_settings::MonitorSettings;
use model::origin::{Loopback, Origin};
use model::problem::Problem;
use model::radiant::RadiantSearch;
use model::reminder_rules::ReminderInput;
use model::secret::SecretName;
use secrets::Secrets;
use store::{ReadTx, StoreError};

impl Connector {
    /// Returns every connection, oldest first.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn connections(&self) -> Result<Vec<ConnectionView>, Problem> {
        self.connections_by(self.monitor_settings().await?).await
    }

    /// Returns every connection, its reminders by settings that were read before.
    pub(super) async fn connections_by(&self, settings: MonitorSettings) -> Result<Vec<ConnectionView>, Problem> {
        let views = self.views_by(settings);
        self.read(move |tx| views.all(tx)).await
    }

    /// Returns one connection.
    ///
    /// # Errors
    /// [`Code::ConnectionUnknown`], or the store's problem.
    pub async fn connection(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        self.connection_by(id, &self.monitor_settings().await?).await
    }

    /// Returns one connection, its reminders by settings that were read before.
    pub(super) async fn connection_by(
        &self,
        id: &ConnectionId,
        settings: &MonitorSettings,
    ) -> Result<ConnectionView, Problem> {
        let (views, id) = (self.views_by(settings.clone()), id.clone());
        self.read(move |tx| views.of(tx, &id)).await
    }

    /// Reads what views are made with, so that one can be returned by the transaction that changed the connection.
    pub(super) async fn views(&self) -> Result<Views, Problem> {
        Ok(self.views_by(self.monitor_settings().await?))
    }

    pub(super) fn views_by(&self, settings: MonitorSettings) -> Views {
        Views { secrets: self.0.secrets.clone(), settings, now: self.0.clock.now() }
    }

    /// Makes a connection and opens its guide at the first step.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn begin_setup(&self) -> Result<ConnectionView, Problem> {
        let connection = self.blank(String::new());
        self.add(connection, setup::begin()).await
    }

    /// Makes a practice connection of this name to an instance that was just started.
    ///
    /// # Errors
    /// [`Code::PracticeFailed`] when an address is not loopback, or the store's problem.
    pub async fn begin_practice(&self, at: PracticeAddresses, name: String) -> Result<ConnectionView, Problem> {
        let loopback = Loopback::new(&at.okta).map_err(|_| Problem::new(Code::PracticeFailed))?;
        let mut connection = self.blank("practice-".to_owned());
        connection.name = name;
        connection.origin = Some(Origin::Practice(loopback));
        connection.radiant = RadiantSearch { url: at.radiant_search.clone(), ..RadiantSearch::default() };
        self.join_practice(at);
        self.add(connection, setup::begin()).await
    }

    /// Says where the practice organisation answers whose connection is already here.
    pub fn join_practice(&self, at: PracticeAddresses) {
        *self.0.practice.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
    }

    /// Renames a connection. A blank name changes nothing.
    ///
    /// # Errors
    /// [`Code::ConnectionUnknown`], or the store's problem.
    pub async fn rename_connection(&self, id: &ConnectionId, name: String) -> Result<ConnectionView, Problem> {
        let (views, id) = (self.views().await?, id.clone());
        self.write(move |tx| {
            tx.update_connection(&id, |connection| {
                if !name.trim().is_empty() {
                    name.trim().clone_into(&mut connection.name);
                }
            })?;
            Ok(views.of(tx, &id)?)
        })
        .await
    }

    /// Removes a connection: its secrets from the keychain first, then all that the database holds of it.
    ///
    /// # Errors
    /// The keychain's problem (nothing is removed then), or the store's.
    pub async fn remove_connection(&self, id: &ConnectionId) -> Result<(), Problem> {
        self.plain(id).await?;
        self.0.secrets.purge(id, &SecretName::ALL).await?;
        let id = id.clone();
        self.write(move |tx| Ok(tx.remove_connection(&id)?)).await
    }

    pub(super) async fn plain(&self, id: &ConnectionId) -> Result<Connection, Problem> {
        let id = id.clone();
        self.read(move |tx| tx.connection(&id)).await
    }

    pub(super) fn blank(&self, prefix: String) -> Connection {
        Connection {
            id: ConnectionId(format!("{prefix}{}", Uuid::new_v4())),
            name: String::new(),
            origin: None,
            org_id: None,
            profile: Profile::default(),
            keep: Keep::default(),
            radiant: RadiantSearch::default(),
            created: self.0.clock.now(),
        }
    }

    async fn add(&self, connection: Connection, state: GuideState) -> Result<ConnectionView, Problem> {
        let views = self.views().await?;
        self.write(move |tx| {
            tx.add_connection(&connection)?;
            tx.put(&connection.id, &state)?;
            Ok(views.of(tx, &connection.id)?)
        })
        .await
    }
}

/// Makes views of connections within a transaction.
pub(super) struct Views {
    secrets: Secrets,
    pub(super) settings: MonitorSettings,
    pub(super) now: DateTime<Utc>,
}

impl Views {
    /// Returns every connection, the oldest first.
    pub(super) fn all(&self, tx: &ReadTx<'_>) -> Result<Vec<ConnectionView>, StoreError> {
        tx.connections()?.into_iter().map(|connection| self.view(tx, connection)).collect()
    }

    /// Returns one connection.
    pub(super) fn of(&self, tx: &ReadTx<'_>, id: &ConnectionId) -> Result<ConnectionView, StoreError> {
        self.view(tx, tx.connection(id)?)
    }

    fn view(&self, tx: &ReadTx<'_>, connection: Connection) -> Result<ConnectionView, StoreError> {
        let id = &connection.id;
        let reminders = tx.reminder_state(id)?;
        let record = ConnectionRecord {
            setup: tx.guide(id)?,
            secrets: self.secrets.states_in(tx, id)?,
            report: tx.report(id)?,
            monitor: tx.monitor_state(id)?,
            rotation: tx.rotation(id)?,
            connection,
        };
        let mut view = record.view();
        let raised = ReminderInput { view: &view, settings: &self.settings }.due_reminders(&reminders, self.now);
        view.reminders = reminders.visible(raised, self.now);
        Ok(view)
    }
}
