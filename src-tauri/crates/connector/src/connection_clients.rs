//! Access to Okta and Radiant for a connection: clients with its tokens, and the input of its probes.

use chrono::{DateTime, Utc};

use crate::practice_addresses::Practice;
use crate::probes::{OwnerConfirmation, ProbeHandles, ProbeHistory, ProbeInput, ProbeTarget};
use crate::rate_budget;
use crate::rehearsed_capabilities::RehearsedCapabilities;
use crate::run_inputs::{RunInputs, okta_token_name};
use crate::token_store::TokenStore;
use http_client::{AcceptedProxyIssuers, HttpSettings};
use model::code::Code;
use model::connection::{Connection, ConnectionId, Keep, Profile};
use model::connection_view::ConnectionView;
use model::guide::{Confirmable, GuideState};
use model::monitor_settings::MonitorSettings;
use model::okta_origin::Origin;
use model::problem::Problem;
use model::rate_usage::Bucket;
use model::reminder::ReminderState;
use model::secret_name::SecretName;
use okta::Okta;
use radiant::Search;
use runtime::Clock;
use secrecy::SecretString;
use store::{ReadTx, StoreError};

/// Builds clients with the tokens of a connection.
#[derive(Clone)]
pub(crate) struct Access {
    pub(crate) tokens: TokenStore,
    pub(crate) http: HttpSettings,
    pub(crate) clock: Clock,
    pub(crate) practice: Practice,
}

impl Access {
    /// Returns a client with the token that Okta is asked with.
    pub(crate) async fn okta(&self, connection: &Connection) -> Result<Okta, Problem> {
        self.okta_accepting(connection, &self.accepted(&connection.id).await?).await
    }

    async fn okta_accepting(&self, connection: &Connection, accepted: &AcceptedProxyIssuers) -> Result<Okta, Problem> {
        let origin = self.origin(connection)?;
        let token = self.tokens.okta_token(connection).await?;
        Okta::new(&origin, Some(token), accepted, &self.http, &self.clock)
    }

    /// Returns a client with one of the tokens of a rotation.
    pub(crate) async fn okta_with(&self, view: &ConnectionView, name: SecretName) -> Result<Okta, Problem> {
        let origin = self.origin(&view.connection)?;
        let token = self.tokens.get(&view.connection, name).await?;
        Okta::new(&origin, Some(token), &self.accepted(&view.connection.id).await?, &self.http, &self.clock)
    }

    /// Returns a client with a token that is not stored.
    pub(crate) async fn okta_with_token(&self, connection: &Connection, token: SecretString) -> Result<Okta, Problem> {
        let origin = self.origin(connection)?;
        Okta::new(&origin, Some(token), &self.accepted(&connection.id).await?, &self.http, &self.clock)
    }

    /// Returns the client of Radiant's search.
    pub(crate) async fn search(&self, connection: &Connection) -> Result<Search, Problem> {
        self.search_accepting(connection, &self.accepted(&connection.id).await?).await
    }

    async fn search_accepting(
        &self,
        connection: &Connection,
        accepted: &AcceptedProxyIssuers,
    ) -> Result<Search, Problem> {
        let is_practice = matches!(self.origin(connection)?, Origin::Practice(_));
        let token = self.tokens.get(connection, SecretName::RadiantSearchToken).await?;
        Search::new(&connection.radiant, is_practice, token, accepted, &self.http, &self.clock)
    }

    /// Returns the clients of Okta and of Radiant's search, which accept the same issuers.
    pub(crate) async fn okta_and_search(&self, connection: &Connection) -> Result<(Okta, Search), Problem> {
        let accepted = self.accepted(&connection.id).await?;
        let okta = self.okta_accepting(connection, &accepted).await?;
        Ok((okta, self.search_accepting(connection, &accepted).await?))
    }

    /// Returns where the org is. A practice organization needs the proof that this run joined it: a loopback address alone
    /// could be anybody's.
    fn origin(&self, connection: &Connection) -> Result<Origin, Problem> {
        let origin = connection.origin.clone().ok_or(Code::DomainUnset)?;
        if matches!(origin, Origin::Practice(_)) && !self.practice.is_joined() {
            return Err(Problem::new(Code::PracticeEnded));
        }
        Ok(origin)
    }

    /// Returns the issuers of TLS-inspecting proxies that the administrator accepted, as they are stored now.
    pub(crate) async fn accepted(&self, id: &ConnectionId) -> Result<AcceptedProxyIssuers, Problem> {
        let id = id.clone();
        let state = self.tokens.store.read(move |tx| tx.guide(&id)).await?;
        Ok(state.accepted_issuers.iter().collect())
    }

    /// Returns the input of every probe of a connection.
    pub(crate) async fn probe_input(
        &self,
        connection: &Connection,
        setup: &GuideState,
        settings: &MonitorSettings,
    ) -> Result<ProbeInput, Problem> {
        let (target, tokens) = self.probe_target(connection, setup, settings).await?;
        let history = ProbeHistory { tokens, ..self.probe_history(connection, setup).await? };
        let handles = ProbeHandles::new(self.tokens.secrets.keychain(), &self.http, &self.clock);
        Ok(ProbeInput { target, history, handles })
    }

    /// Returns the inputs that a run of this connection works with now.
    pub(crate) async fn run_inputs(&self, connection: &Connection) -> Result<RunInputs, Problem> {
        Ok(RunInputs::of(connection, &self.tokens.secrets.states(&connection.id).await?))
    }

    /// Returns the target and the identity of its tokens. Reading a token may repair an interrupted move of tokens, and then
    /// they are read once more.
    async fn probe_target(
        &self,
        connection: &Connection,
        setup: &GuideState,
        settings: &MonitorSettings,
    ) -> Result<(ProbeTarget, RunInputs), Problem> {
        let mut before = self.run_inputs(connection).await?;
        let mut target = self.read_target(connection, setup, settings).await?;
        let after = self.run_inputs(connection).await?;
        if after != before {
            before = after;
            target = self.read_target(connection, setup, settings).await?;
        }
        Ok((target, before))
    }

    async fn read_target(
        &self,
        connection: &Connection,
        setup: &GuideState,
        settings: &MonitorSettings,
    ) -> Result<ProbeTarget, Problem> {
        let is_monitoring_token = connection.keep == Keep::MonitoringToken && setup.finished.is_some();
        Ok(ProbeTarget {
            origin: self.origin(connection)?,
            org_id: connection.org_id.clone(),
            profile: if is_monitoring_token { Profile::Ingestion } else { connection.profile },
            is_monitoring_token,
            token: self.tokens.okta_token(connection).await,
            token_name: setup.token_name.clone(),
            radiant: connection.radiant.clone(),
            radiant_token: self.tokens.get(connection, SecretName::RadiantSearchToken).await,
            max_delay: settings.allowed_lag(),
            accepted: setup.accepted_issuers.iter().collect(),
            keeps_secrets: self.uses_keychain(&connection.id).await?,
            // Asked after both tokens were read.
            is_stored_twice: self.tokens.secrets.keychain().has_duplicates(&connection.id),
            is_monitored: connection.is_monitored(setup.finished.is_some()),
        })
    }

    /// Tells whether any secret of a connection may be in the keychain: not when each one that there is comes from a file.
    async fn uses_keychain(&self, id: &ConnectionId) -> Result<bool, Problem> {
        let secrets = &self.tokens.secrets;
        Ok(!secrets.is_provided(id) || secrets.states(id).await?.iter().any(|state| !state.this_run_only))
    }

    async fn probe_history(&self, connection: &Connection, setup: &GuideState) -> Result<ProbeHistory, Problem> {
        let org = connection.origin.clone().ok_or(Code::DomainUnset)?;
        let (id, secrets, token) = (connection.id.clone(), self.tokens.secrets.clone(), okta_token_name(connection));
        let stored = move |tx: &ReadTx<'_>| {
            let (usage, monitor) = (tx.rate_usage(&org)?, tx.monitor_state(&id)?);
            let relay = tx.relay(&id)?.map(|found| found.state).unwrap_or_default();
            let states = secrets.states_in(tx, &id)?;
            let since = states.iter().find(|state| state.name == token).and_then(|state| state.since);
            let proven = RehearsedCapabilities::of(tx, &id, since)?;
            Ok::<_, StoreError>((usage, monitor, tx.reminder_state(&id)?, states, proven, relay))
        };
        let (usage, monitor, reminders, states, proven, relay) = self.tokens.store.read(stored).await?;
        let owner = match (setup.has(Confirmable::OwnerIsServiceAccount), setup.has(Confirmable::OwnerIsPerson)) {
            (true, _) => OwnerConfirmation::Service,
            (false, true) => OwnerConfirmation::Person,
            (false, false) => OwnerConfirmation::None,
        };
        let since = |name| states.iter().find(|state| state.name == name).and_then(|state| state.since);
        let now = self.clock.now();
        let needs_roles = setup.finished.is_some() && connection.keep == Keep::Token;
        Ok(ProbeHistory {
            guide_since: setup.finished.is_none().then_some(connection.created),
            owner,
            token_since: since(okta_token_name(connection)),
            tokens: RunInputs::default(),
            roles: if needs_roles { remembered_roles(reminders, since(SecretName::OktaToken)) } else { None },
            delivered_types: monitor.delivered_types,
            proven,
            recent_log_requests: rate_budget::recent_requests(&usage, Bucket::Logs, now)
                .saturating_add(relay.requests_within_a_minute(now)),
        })
    }
}

/// Returns the roles that were read first, or confirmed last, with the token that was stored at `token_since`.
fn remembered_roles(reminders: ReminderState, token_since: Option<DateTime<Utc>>) -> Option<Vec<String>> {
    let owner = reminders.owner.filter(|owner| Some(owner.of) == token_since && !owner.roles.is_empty());
    owner.map(|owner| owner.roles)
}
