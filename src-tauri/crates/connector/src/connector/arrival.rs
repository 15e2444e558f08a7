//! Radiant's side: how it is searched, what discovery finds, and the watch for the first event.

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::Connector;
use super::monitor::want_full;
use crate::setup::{Watch, watch};
use http_client::Trust;
use model::arrival::{Arrival, ArrivalTick};
use model::connection::{Connection, ConnectionId};
use model::connection_view::ConnectionView;
use model::guide::GuideState;
use model::problem::Problem;
use model::radiant::{RadiantDiscovery, RadiantSearch};
use model::secret::SecretName;
use okta::{LogQuery, Okta};
use radiant::{Search, check_address};

impl Connector {
    /// Keeps how Radiant is searched. Another host drops the search token bound to the old one.
    ///
    /// # Errors
    /// Why the address cannot be used; the keychain's or the store's problem.
    pub async fn set_radiant_search(
        &self,
        id: &ConnectionId,
        search: RadiantSearch,
    ) -> Result<ConnectionView, Problem> {
        let before = self.plain(id).await?;
        check_address(&search, before.is_practice())?;
        if host(&before.radiant) != host(&search) {
            self.forget_secret(id, SecretName::RadiantSearchToken).await?;
        }
        let (views, id) = (self.views().await?, id.clone());
        self.write(move |tx| {
            tx.update_connection(&id, |connection| connection.radiant = tidy(search))?;
            want_full(tx, &id)?;
            Ok(views.of(tx, &id)?)
        })
        .await
    }

    /// Looks for the connector type and the timestamp field; what could not be told is said.
    ///
    /// # Errors
    /// When no search token is kept, or the search cannot be asked at all.
    pub async fn discover_radiant(&self, id: &ConnectionId) -> Result<RadiantDiscovery, Problem> {
        let connection = self.plain(id).await?;
        let search = self.search(&connection).await?;
        let now = self.0.clock.now();
        let query = LogQuery {
            since: Some(now - TimeDelta::hours(24)),
            until: Some(now),
            limit: 100,
            descending: true,
            ..LogQuery::default()
        };
        let sample = match self.okta(&connection).await {
            Ok(okta) => okta.logs(&query).await.map(|answer| answer.value.entries).unwrap_or_default(),
            Err(_) => Vec::new(),
        };
        let uuids: Vec<String> = sample.into_iter().map(|event| event.uuid).collect();
        Ok(search.discover(&uuids, now).await)
    }

    /// Watches both sides until the first match, and keeps it. `None` when cancelled.
    ///
    /// # Errors
    /// When a token is missing or an address cannot be used. What a look finds is told, not returned.
    pub async fn watch_arrival(
        &self,
        id: &ConnectionId,
        cancel: CancellationToken,
        tell: impl Fn(ArrivalTick) + Send + Sync + 'static,
    ) -> Result<Option<Arrival>, Problem> {
        let mut connection = self.plain(id).await?;
        let radiant = &connection.radiant;
        if radiant.index.is_some() && (radiant.connector_type.is_none() || radiant.timestamp_field.is_none()) {
            connection = self.adopt_discovery(id).await?;
        }
        let sides = Watch {
            okta: self.okta(&connection).await?,
            search: self.search(&connection).await?,
            clock: self.0.clock.clone(),
            after: None,
        };
        let arrival = watch(&sides, &cancel, &tell).await;
        if let Some(found) = arrival.clone() {
            let id = id.clone();
            self.write(move |tx| Ok(tx.update(&id, |state| GuideState { arrival: Some(found), ..state })?)).await?;
        }
        Ok(arrival)
    }

    /// Looks for the settings that are not known and keeps what was found; what an administrator set is left alone.
    async fn adopt_discovery(&self, id: &ConnectionId) -> Result<Connection, Problem> {
        let found = self.discover_radiant(id).await?;
        let id = id.clone();
        self.write(move |tx| {
            let known = |connection: &mut Connection| {
                let radiant = &mut connection.radiant;
                radiant.connector_type = radiant.connector_type.take().or(found.okta_type);
                radiant.timestamp_field = radiant.timestamp_field.take().or(found.timestamp_field);
            };
            Ok(tx.update_connection(&id, known)?)
        })
        .await
    }

    pub(super) async fn okta(&self, connection: &Connection) -> Result<Okta, Problem> {
        let origin = connection.origin.clone().ok_or(model::code::Code::DomainUnset)?;
        let token = self.okta_token(connection).await?;
        Okta::new(&origin, Some(token), Trust::System, &self.0.web, &self.0.clock)
    }

    pub(super) async fn search(&self, connection: &Connection) -> Result<Search, Problem> {
        let token = self.kept(connection, SecretName::RadiantSearchToken).await?;
        Search::new(&connection.radiant, connection.is_practice(), token, &self.0.web, &self.0.clock)
    }
}

fn host(search: &RadiantSearch) -> Option<String> {
    url::Url::parse(&search.url).ok().map(|url| url.origin().ascii_serialization())
}

/// Blank settings are no settings.
fn tidy(search: RadiantSearch) -> RadiantSearch {
    let kept = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    RadiantSearch {
        url: search.url.trim().to_owned(),
        index: kept(search.index),
        connector_type: kept(search.connector_type),
        timestamp_field: kept(search.timestamp_field),
        ..search
    }
}
