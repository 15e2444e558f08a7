//! The guide's steps, one method each.

use super::Connector;
use crate::{reports, setup};
use messages::Messages;
use model::code::Code;
use model::connection::{ConnectionId, Keep, Profile};
use model::connection_view::ConnectionView;
use model::domain_parser::{OrgFound, ParsedDomain};
use model::guide::{Confirmable, GuideState, GuideStep};
use model::origin::Origin;
use model::problem::Problem;
use model::radiant::DocsAnswer;
use model::report::ReportForm;
use model::secret::SecretName;
use model::token_format::holds_token;
use okta;

impl Connector {
    /// Reads what was typed as a domain. Nothing is sent.
    #[must_use]
    pub fn read_domain(typed: &str) -> ParsedDomain {
        ParsedDomain::of(typed)
    }

    /// Asks the org who it is, without any token.
    ///
    /// # Errors
    /// Why it is no Okta org, or could not be asked.
    pub async fn discover_domain(&self, id: &ConnectionId, typed: &str) -> Result<OrgFound, Problem> {
        // Practice does not read what is typed, and keeps it all the same.
        if holds_token(typed) {
            return Err(Problem::new(Code::DomainIsToken));
        }
        match self.plain(id).await?.origin {
            Some(Origin::Practice(at)) => okta::discover_practice(&at, &self.0.web, &self.0.clock).await,
            Some(Origin::Okta(_)) | None => okta::discover(&ParsedDomain::of(typed), &self.0.web, &self.0.clock).await,
        }
    }

    /// Recognises the org once more and keeps it. Another org than before drops the secrets bound to the old one.
    ///
    /// # Errors
    /// As [`Connector::discover_domain`]; the keychain's or the store's problem.
    pub async fn set_domain(&self, id: &ConnectionId, typed: String) -> Result<ConnectionView, Problem> {
        let found = self.discover_domain(id, &typed).await?;
        let mut connection = self.plain(id).await?;
        let moved = connection.origin.as_ref().is_some_and(|old| *old != found.origin);
        if moved {
            self.forget_secret(id, SecretName::OktaToken).await?;
            self.forget_secret(id, SecretName::MonitoringToken).await?;
            let id = id.clone();
            self.stored(move |store| store.forget_org(&id)).await?;
        }
        self.change_setup(id, move |state| {
            let state = if moved { setup::moved_to_another_org(state) } else { state };
            GuideState { typed_domain: typed, ..state }
        })
        .await?;
        if connection.name.is_empty() || moved {
            connection.name = match &found.origin {
                Origin::Okta(domain) => domain.name().to_owned(),
                Origin::Practice(_) => connection.name,
            };
        }
        connection.origin = Some(found.origin);
        connection.org_id = Some(found.org_id);
        self.update(connection).await
    }

    /// Notes the step that is shown.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn go_to_step(&self, id: &ConnectionId, step: GuideStep) -> Result<ConnectionView, Problem> {
        self.change_setup(id, move |state| GuideState { step, ..state }).await?;
        self.connection(id).await
    }

    /// Chooses what the token is meant for. All checks are wanted anew, for they ask for another right.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn set_profile(&self, id: &ConnectionId, profile: Profile) -> Result<ConnectionView, Problem> {
        let mut connection = self.plain(id).await?;
        if connection.profile != profile {
            self.change_setup(id, move |state| setup::meant_for(state, profile)).await?;
            self.want_full_look(id).await?;
        }
        connection.profile = profile;
        self.update(connection).await
    }

    /// Keeps the names the administrator gives the token and the credential. A blank one keeps the old.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn set_names(
        &self,
        id: &ConnectionId,
        token_name: String,
        credential_name: String,
    ) -> Result<ConnectionView, Problem> {
        self.change_setup(id, move |state| {
            let kept = |new: String, old: String| if new.trim().is_empty() { old } else { new.trim().to_owned() };
            GuideState {
                token_name: kept(token_name, state.token_name),
                credential_name: kept(credential_name, state.credential_name),
                ..state
            }
        })
        .await?;
        self.connection(id).await
    }

    /// Notes or takes back what only the administrator can vouch for.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn confirm(&self, id: &ConnectionId, what: Confirmable, yes: bool) -> Result<ConnectionView, Problem> {
        let (at, by) = (self.0.clock.now(), self.0.operator.clone());
        self.change_setup(id, move |state| setup::confirm(state, what, yes, at, &by)).await?;
        self.connection(id).await
    }

    /// Closes the guide and keeps, or forgets, the token as chosen. The choice is written first: what cannot be forgotten now is
    /// no longer used, and is forgotten later. Another choice than before wants all checks, for another token answers.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] before the org is known or, for a monitoring token, before there is one; the keychain's problem
    /// when something could not be forgotten.
    pub async fn finish_setup(&self, id: &ConnectionId, keep: Keep) -> Result<ConnectionView, Problem> {
        let mut connection = self.plain(id).await?;
        let settings = self.monitor_settings().await?;
        let view = self.connection_by(id, &settings).await?;
        let has = |name| view.secrets.iter().any(|state| state.name == name && state.since.is_some());
        let ready = match keep {
            Keep::Token => has(SecretName::OktaToken),
            Keep::MonitoringToken => has(SecretName::MonitoringToken),
            Keep::Nothing => true,
        };
        if connection.origin.is_none() || !ready {
            return Err(Problem::new(Code::StepNotReady));
        }
        self.note_owner(&view, &settings).await?;
        let (at, before) = (self.0.clock.now(), std::mem::replace(&mut connection.keep, keep));
        self.stored(move |store| {
            store.update(&connection)?;
            store.put_setup(&connection.id, &setup::finish(store.setup(&connection.id)?, at))
        })
        .await?;
        if before != keep {
            self.want_full_look(id).await?;
        }
        self.forget_unkept(id, keep).await?;
        self.connection(id).await
    }

    /// Writes the set-up report. It holds no secret and names the personal data in it.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn setup_report(
        &self,
        id: &ConnectionId,
        form: ReportForm,
        messages: &Messages,
        version: &str,
    ) -> Result<String, Problem> {
        let view = self.connection(id).await?;
        let now = self.0.clock.now();
        match form {
            ReportForm::Markdown => Ok(reports::markdown(&view, messages, version, now)),
            ReportForm::Json => reports::json(&view, messages, version, now).map_err(|_| Problem::new(Code::Internal)),
        }
    }

    /// Asks Radiant's documentation. A question that holds something private is not sent.
    ///
    /// # Errors
    /// [`Code::QuestionEmpty`], [`Code::QuestionPrivate`], [`Code::DocsUnavailable`].
    pub async fn ask_docs(&self, id: Option<&ConnectionId>, question: &str) -> Result<DocsAnswer, Problem> {
        let practice = match id {
            Some(id) if self.plain(id).await?.is_practice() => self.practice().map(|at| at.radiant_docs),
            Some(_) | None => None,
        };
        radiant::ask(question, practice.as_deref(), &self.0.web, &self.0.clock).await
    }

    pub(super) async fn change_setup(
        &self,
        id: &ConnectionId,
        change: impl FnOnce(GuideState) -> GuideState + Send + 'static,
    ) -> Result<(), Problem> {
        self.plain(id).await?;
        let id = id.clone();
        self.stored(move |store| {
            let state = store.setup(&id)?;
            store.put_setup(&id, &change(state))
        })
        .await
    }
}
