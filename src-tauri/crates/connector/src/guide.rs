//! The guide that sets up a connection: its steps, what is confirmed at them, and the watch for the first event.

use tokio_util::sync::CancellationToken;

use crate::arrival_watch::{After, ArrivalWatch, watch};
use crate::connection_clients::Access;
use crate::connection_repository::{ConnectionRepository, remember_first_owner, request_full_check};
use crate::guide_changes;
use crate::practice_addresses::Practice;
use crate::probes::newest_page;
use crate::token_store::outdated_proof;
use crate::typed_domain_discovery;
use model::arrival::{Arrival, ArrivalTick};
use model::code::Code;
use model::connection::{Connection, ConnectionId, Keep, Profile};
use model::connection_view::ConnectionView;
use model::domain_parser::OrgFound;
use model::guide::{Confirmable, GuideState, GuideStep};
use model::okta_origin::Origin;
use model::problem::Problem;
use model::radiant_search_settings::{DocsAnswer, RadiantDiscovery, RadiantSearch};
use model::secret_name::SecretName;
use model::token_format::holds_token;
use radiant::check_address;
use store::WriteTx;

/// The guide of each connection.
pub struct Guide {
    pub(crate) records: ConnectionRepository,
    pub(crate) access: Access,
    pub(crate) practice: Practice,
    pub(crate) operator: String,
}

impl Guide {
    /// Asks the org for its name and ID, without a token.
    ///
    /// # Errors
    /// Why the domain is no Okta org, or could not be reached.
    pub async fn discover_domain(&self, id: &ConnectionId, typed: &str) -> Result<OrgFound, Problem> {
        // Checked for practice too, which ignores the typed domain but stores it.
        if holds_token(typed) {
            return Err(Problem::new(Code::DomainIsToken));
        }
        let Access { http, clock, .. } = &self.access;
        match self.records.connection(id).await?.origin {
            Some(Origin::Practice(at)) => okta::discover_practice(&at, http, clock).await,
            Some(Origin::Okta(_)) | None => typed_domain_discovery::discover(typed, http, clock).await,
        }
    }

    /// Discovers the org again and stores it. If it is another org than before, the secrets bound to the old one are forgotten.
    ///
    /// # Errors
    /// As [`Guide::discover_domain`]; the keychain's or the store's problem.
    pub async fn set_domain(&self, id: &ConnectionId, typed: String) -> Result<ConnectionView, Problem> {
        let found = self.discover_domain(id, &typed).await?;
        let old = self.records.connection(id).await?.origin;
        if old.is_some_and(|old| old != found.origin) {
            self.access.tokens.runs.cancel(id);
            self.access.tokens.forget(id, SecretName::OktaToken).await?;
            self.access.tokens.forget(id, SecretName::MonitoringToken).await?;
        }
        let (views, id) = (self.records.views().await?, id.clone());
        self.records
            .write(move |tx| {
                let is_moved = tx.connection(&id)?.origin.is_some_and(|old| old != found.origin);
                if is_moved {
                    tx.forget_org(&id)?;
                }
                tx.update::<GuideState>(&id, |state| {
                    let state = if is_moved { guide_changes::moved_to_another_org(state) } else { state };
                    GuideState { typed_domain: typed, ..state }
                })?;
                tx.update_connection(&id, |connection| {
                    if let Origin::Okta(domain) = &found.origin
                        && (connection.name.is_empty() || is_moved)
                    {
                        domain.name().clone_into(&mut connection.name);
                    }
                    connection.origin = Some(found.origin);
                    connection.org_id = Some(found.org_id);
                })?;
                Ok(views.of(tx, &id)?)
            })
            .await
    }

    /// Stores the step that is shown.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn go_to_step(&self, id: &ConnectionId, step: GuideStep) -> Result<ConnectionView, Problem> {
        self.records.update_guide(id, move |state| GuideState { step, ..state }).await
    }

    /// Begins the replacement of a token that no longer works, or returns to the one that was begun.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] before the guide is finished; the store's problem.
    pub async fn begin_replacement(&self, id: &ConnectionId) -> Result<ConnectionView, Problem> {
        if self.records.view(id).await?.setup.finished.is_none() {
            return Err(Problem::new(Code::StepNotReady));
        }
        let at = self.records.clock.now();
        let change = move |state: GuideState| match state.replacement {
            Some(_) => state,
            None => guide_changes::begin_replacement(state, at),
        };
        self.records.update_guide(id, change).await
    }

    /// Sets the profile. Every check runs at the next probe, because another profile needs other permissions.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn set_profile(&self, id: &ConnectionId, profile: Profile) -> Result<ConnectionView, Problem> {
        let (views, id, at) = (self.records.views().await?, id.clone(), self.records.clock.now());
        self.records
            .write(move |tx| {
                if tx.connection(&id)?.profile != profile {
                    tx.update(&id, |state| guide_changes::with_profile(state, profile, at))?;
                    request_full_check(tx, &id)?;
                    tx.update_connection(&id, |connection| connection.profile = profile)?;
                }
                Ok(views.of(tx, &id)?)
            })
            .await
    }

    /// Stores the names of the token and the credential. A blank name keeps the old one.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn set_names(
        &self,
        id: &ConnectionId,
        token_name: String,
        credential_name: String,
    ) -> Result<ConnectionView, Problem> {
        let change = move |state: GuideState| {
            let or_old = |new: String, old: String| if new.trim().is_empty() { old } else { new.trim().to_owned() };
            GuideState {
                token_name: or_old(token_name, state.token_name),
                credential_name: or_old(credential_name, state.credential_name),
                ..state
            }
        };
        self.records.update_guide(id, change).await
    }

    /// Stores or withdraws a confirmation of the administrator.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] for a TLS-inspecting proxy, which is accepted by its issuer ([`Guide::accept_issuer`]); the store's
    /// problem.
    pub async fn confirm(&self, id: &ConnectionId, what: Confirmable, yes: bool) -> Result<ConnectionView, Problem> {
        if matches!(what, Confirmable::TlsInspectionAccepted | Confirmable::RadiantTlsInspectionAccepted) {
            return Err(Problem::new(Code::StepNotReady));
        }
        let (at, by) = (self.records.clock.now(), self.operator.clone());
        self.records.update_guide(id, move |state| guide_changes::confirm(state, what, yes, at, &by)).await
    }

    /// Finishes the guide and keeps or forgets the tokens as chosen. The choice is stored first: a token that cannot be
    /// forgotten now is no longer used and is forgotten later. A new choice requests every check, because another token is
    /// used.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] before the org is known or the token that is to be kept is stored; the keychain's problem when a
    /// token could not be forgotten.
    pub async fn finish(&self, id: &ConnectionId, keep: Keep) -> Result<ConnectionView, Problem> {
        let (views, of) = (self.records.views().await?, id.clone());
        self.records
            .write(move |tx| {
                let view = views.of(tx, &of)?;
                let has = |name| view.secrets.iter().any(|state| state.name == name && state.since.is_some());
                let is_ready = match keep {
                    Keep::Token => has(SecretName::OktaToken),
                    Keep::MonitoringToken => has(SecretName::MonitoringToken),
                    Keep::Nothing => true,
                };
                if view.connection.origin.is_none() || !is_ready {
                    return Err(Problem::new(Code::StepNotReady));
                }
                remember_first_owner(tx, &view, &views.settings)?;
                tx.update_connection(&of, |connection| connection.keep = keep)?;
                tx.update(&of, |state| guide_changes::finish(state, views.now))?;
                if view.connection.keep != keep {
                    if view.connection.keep.asked_token() != keep.asked_token() {
                        outdated_proof::drop_findings(tx, &of)?;
                    }
                    request_full_check(tx, &of)?;
                }
                Ok(())
            })
            .await?;
        for name in keep.secrets_to_delete() {
            self.access.tokens.forget(id, *name).await?;
        }
        self.records.view(id).await
    }

    /// Stores the search settings of Radiant. If the host changes, the search token bound to the old one is forgotten, and the
    /// issuer that was accepted for it is withdrawn.
    ///
    /// # Errors
    /// Why the address cannot be used; the keychain's or the store's problem.
    pub async fn set_radiant_search(
        &self,
        id: &ConnectionId,
        search: RadiantSearch,
    ) -> Result<ConnectionView, Problem> {
        let before = self.records.connection(id).await?;
        check_address(&search, before.is_practice())?;
        if origin_of(&before.radiant) != origin_of(&search) {
            self.access.tokens.runs.cancel(id);
            self.access.tokens.forget(id, SecretName::RadiantSearchToken).await?;
        }
        let (views, id, at) = (self.records.views().await?, id.clone(), self.records.clock.now());
        let search = trimmed(search);
        self.records
            .write(move |tx| {
                let old = tx.connection(&id)?.radiant;
                if origin_of(&old) != origin_of(&search) {
                    tx.update(&id, |state| guide_changes::moved_to_another_radiant(state, host_of(&old).as_deref()))?;
                }
                if old != search {
                    tx.update(&id, |state| guide_changes::with_other_search(state, at))?;
                }
                tx.update_connection(&id, |connection| connection.radiant = search)?;
                request_full_check(tx, &id)?;
                Ok(views.of(tx, &id)?)
            })
            .await
    }

    /// Looks for the connector type and the timestamp field in Radiant.
    ///
    /// # Errors
    /// When no search token is kept, or the search cannot be used at all.
    pub async fn discover_radiant(&self, id: &ConnectionId) -> Result<RadiantDiscovery, Problem> {
        let connection = self.records.connection(id).await?;
        let search = self.access.search(&connection).await?;
        let now = self.records.clock.now();
        let newest = match self.access.okta(&connection).await {
            Ok(okta) => newest_page(&okta, now).await.ok(),
            Err(_) => None,
        };
        // Events are dated by Okta's clock.
        let okta_time = newest.as_ref().and_then(|answer| answer.server_time);
        let okta_now = okta_time.map_or(now, |time| time.to_okta(now));
        let sample = newest.map(|answer| answer.value.entries).unwrap_or_default();
        let uuids: Vec<String> = sample.into_iter().map(|event| event.uuid).collect();
        Ok(search.discover(&uuids, okta_now).await)
    }

    /// Watches Okta and Radiant until the first event is found in both, and stores it. Returns `None` when cancelled, or when
    /// a token or an address was changed meanwhile.
    ///
    /// # Errors
    /// When a token is missing or an address cannot be used. A problem of one attempt is part of its tick.
    pub async fn watch_arrival(
        &self,
        id: &ConnectionId,
        cancel: CancellationToken,
        on_tick: impl Fn(ArrivalTick) + Send + Sync + 'static,
    ) -> Result<Option<Arrival>, Problem> {
        let mut connection = self.records.connection(id).await?;
        let tokens = self.access.run_inputs(&connection).await?;
        let radiant = &connection.radiant;
        if radiant.index.is_some() && (radiant.connector_type.is_none() || radiant.timestamp_field.is_none()) {
            connection = self.complete_search_settings(id).await?;
        }
        let changed = guide_changes::replacement_time(&self.records.view(id).await?.setup);
        // Before the clients read which issuers are accepted, so that a change of it ends the watch.
        let run = self.access.tokens.runs.begin(id, &cancel);
        let (okta, search) = self.access.okta_and_search(&connection).await?;
        let sides = ArrivalWatch {
            okta,
            search,
            clock: self.records.clock.clone(),
            // In a replacement, only an event newer than the change proves that Radiant reads with the new token.
            after: changed.map_or(After::Window, After::Local),
        };
        let Some(found) = watch(&sides, &run.cancel, &on_tick).await else { return Ok(None) };
        let (id, secrets) = (id.clone(), self.records.secrets.clone());
        let store = move |tx: &mut WriteTx<'_>| {
            // Found with tokens that were replaced meanwhile, it proves nothing about the current ones.
            if !tokens.is_current_in(tx, &secrets, &id)? {
                return Ok(None);
            }
            tx.update(&id, |state: GuideState| GuideState { arrival: Some(found.clone()), ..state })?;
            Ok(Some(found))
        };
        self.records.write(store).await
    }

    /// Asks Radiant's documentation. A question that contains something private is not sent.
    ///
    /// # Errors
    /// [`Code::QuestionEmpty`], [`Code::QuestionPrivate`], [`Code::DocsUnavailable`].
    pub async fn ask_docs(&self, id: Option<&ConnectionId>, question: &str) -> Result<DocsAnswer, Problem> {
        let practice = match id {
            Some(id) if self.records.connection(id).await?.is_practice() => self.practice.docs_address(),
            Some(_) | None => None,
        };
        radiant::ask_documentation(question, practice.as_deref(), &self.access.http).await
    }

    /// Probes the keychain by writing, reading and deleting a secret. Returns the keychain's name.
    ///
    /// # Errors
    /// A missing, locked, denied and failed keychain have codes of their own.
    pub async fn probe_keychain(&self) -> Result<String, Problem> {
        Ok(self.records.secrets.keychain().probe().await?)
    }

    /// Discovers the search settings that are not known and stores them. Those that an administrator set are kept.
    async fn complete_search_settings(&self, id: &ConnectionId) -> Result<Connection, Problem> {
        let before = self.records.connection(id).await?.radiant;
        let found = self.discover_radiant(id).await?;
        let id = id.clone();
        let complete = move |connection: &mut Connection| {
            // What one Radiant answered says nothing about another.
            if (&connection.radiant.url, &connection.radiant.index) != (&before.url, &before.index) {
                return;
            }
            let radiant = &mut connection.radiant;
            radiant.connector_type = radiant.connector_type.take().or(found.okta_type);
            radiant.timestamp_field = radiant.timestamp_field.take().or(found.timestamp_field);
        };
        self.records.write(move |tx| Ok(tx.update_connection(&id, complete)?)).await
    }
}

fn origin_of(search: &RadiantSearch) -> Option<String> {
    url::Url::parse(&search.url).ok().map(|url| url.origin().ascii_serialization())
}

fn host_of(search: &RadiantSearch) -> Option<String> {
    url::Url::parse(&search.url).ok().and_then(|url| url.host_str().map(str::to_owned))
}

/// Trims the settings; a blank one is not set.
fn trimmed(search: RadiantSearch) -> RadiantSearch {
    let set = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    RadiantSearch {
        url: search.url.trim().to_owned(),
        index: set(search.index),
        connector_type: set(search.connector_type),
        timestamp_field: set(search.timestamp_field),
        ..search
    }
}
