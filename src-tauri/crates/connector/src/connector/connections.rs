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
use model::reminder_rules::Known;
use secrets::SecretsError;
use store::{Store, StoreError};

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
        let now = self.0.clock.now();
        self.stored(move |store| {
            store.list()?.into_iter().map(|connection| seen(store, connection, &settings, now)).collect()
        })
        .await
    }

    /// Returns one connection.
    ///
    /// # Errors
    /// [`Code::ConnectionUnknown`], or the store's problem.
    pub async fn connection(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        let connection = self.plain(id).await?;
        self.view(connection).await
    }

    /// Returns one connection, its reminders by settings that were read before.
    pub(super) async fn connection_by(
        &self,
        id: &ConnectionId,
        settings: &MonitorSettings,
    ) -> Result<ConnectionView, Problem> {
        let (connection, settings, now) = (self.plain(id).await?, settings.clone(), self.0.clock.now());
        self.stored(move |store| seen(store, connection, &settings, now)).await
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
        let mut connection = self.plain(id).await?;
        if !name.trim().is_empty() {
            name.trim().clone_into(&mut connection.name);
        }
        self.update(connection).await
    }

    /// Removes a connection: its secrets from the keychain first, then all that the database holds of it.
    ///
    /// # Errors
    /// The keychain's problem (nothing is removed then), or the store's.
    pub async fn remove_connection(&self, id: &ConnectionId) -> Result<(), Problem> {
        self.plain(id).await?;
        let of = id.clone();
        let kept = self.stored(move |store| store.secret_states(&of)).await?;
        match self.0.vault.forget_all(id).await {
            // Without a keychain nothing was ever kept in one.
            Err(SecretsError::Missing) if kept.is_empty() => {}
            forgotten => forgotten?,
        }
        let id = id.clone();
        self.stored(move |store| store.remove(&id)).await
    }

    pub(super) async fn plain(&self, id: &ConnectionId) -> Result<Connection, Problem> {
        let wanted = id.clone();
        let found = self.stored(move |store| store.get(&wanted)).await?;
        found.ok_or_else(|| Problem::new(Code::ConnectionUnknown))
    }

    pub(super) async fn update(&self, connection: Connection) -> Result<ConnectionView, Problem> {
        let changed = connection.clone();
        self.stored(move |store| store.update(&changed)).await?;
        self.view(connection).await
    }

    pub(super) async fn view(&self, connection: Connection) -> Result<ConnectionView, Problem> {
        let (settings, now) = (self.monitor_settings().await?, self.0.clock.now());
        self.stored(move |store| seen(store, connection, &settings, now)).await
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

    pub(super) async fn add(&self, connection: Connection, state: GuideState) -> Result<ConnectionView, Problem> {
        let new = connection.clone();
        self.stored(move |store| {
            store.add(&new)?;
            store.put_setup(&new.id, &state)
        })
        .await?;
        self.view(connection).await
    }
}

/// All that is known of a connection at `now`, read in one go.
fn seen(
    store: &Store,
    connection: Connection,
    settings: &MonitorSettings,
    now: DateTime<Utc>,
) -> Result<ConnectionView, StoreError> {
    let id = &connection.id;
    let care = store.care(id)?;
    let record = ConnectionRecord {
        setup: store.setup(id)?,
        secrets: store.secret_states(id)?,
        report: store.report(id)?,
        monitor: store.watched(id)?,
        rotation: store.rotation(id)?,
        connection,
    };
    let mut view = record.view();
    view.reminders = care.shown(Known { view: &view, settings }.raised(&care, now), now);
    Ok(view)
}
