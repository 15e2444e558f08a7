//! Connections: list, look, make, rename, remove.

use std::sync::PoisonError;

use uuid::Uuid;

use super::{Connector, PracticeAddresses};
use crate::model::{
    Code, Connection, ConnectionId, ConnectionView, Keep, Known, Loopback, Origin, Problem, Profile, RadiantSearch,
    SetupState, Status, Watch, Watched,
};
use crate::setup;

impl Connector {
    /// Returns every connection, oldest first.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn connections(&self) -> Result<Vec<ConnectionView>, Problem> {
        let all = self.stored(|store| store.list()).await?;
        let mut views = Vec::with_capacity(all.len());
        for connection in all {
            views.push(self.view(connection).await?);
        }
        Ok(views)
    }

    /// Returns one connection.
    ///
    /// # Errors
    /// [`Code::ConnectionUnknown`], or the store's problem.
    pub async fn connection(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        let connection = self.plain(id).await?;
        self.view(connection).await
    }

    /// Makes a connection and opens its guide at the first step.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn begin_setup(&self) -> Result<ConnectionView, Problem> {
        let connection = self.blank(String::new());
        self.add(connection, setup::begin()).await
    }

    /// Makes a practice connection to an instance that was just started.
    ///
    /// # Errors
    /// [`Code::PracticeFailed`] when an address is not loopback, or the store's problem.
    pub async fn begin_practice(&self, at: PracticeAddresses) -> Result<ConnectionView, Problem> {
        let loopback = Loopback::new(&at.okta).map_err(|_| Problem::new(Code::PracticeFailed))?;
        let mut connection = self.blank("practice-".to_owned());
        "Practice".clone_into(&mut connection.name);
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
        self.0.vault.forget_all(id).await?;
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
        let id = connection.id.clone();
        let settings = self.monitor_settings().await?;
        let (setup, secrets, report, watched, rotation, care) = self
            .stored(move |store| {
                Ok((
                    store.setup(&id)?,
                    store.secret_states(&id)?,
                    store.report(&id)?,
                    store.watched(&id)?,
                    store.rotation(&id)?,
                    store.care(&id)?,
                ))
            })
            .await?;
        let watched = watched.unwrap_or_else(|| Watched::first(report.as_ref()));
        let status = Status::of(&setup, report.as_ref(), &watched, connection.keep);
        let mut view = ConnectionView {
            okta_url: connection.origin.as_ref().map(Origin::url),
            practice: connection.is_practice(),
            connection,
            setup,
            secrets,
            report,
            status,
            watch: Watch::of(&watched),
            rotation,
            reminders: Vec::new(),
        };
        let now = self.0.clock.now();
        view.reminders = care.shown(Known { view: &view, settings: &settings }.raised(&care, now), now);
        Ok(view)
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

    pub(super) async fn add(&self, connection: Connection, state: SetupState) -> Result<ConnectionView, Problem> {
        let new = connection.clone();
        self.stored(move |store| {
            store.add(&new)?;
            store.put_setup(&new.id, &state)
        })
        .await?;
        self.view(connection).await
    }
}
