//! The guide's steps, one method each.

use super::Connector;
use super::monitor::want_full;
use super::reminders::note_owner;
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
use model::report_format::ReportFormat;
use model::secret::SecretName;
use model::token_format::holds_token;

impl Connector {
    /// Reads what was typed as a domain. Nothing is sent.
    #[must_use]
    pub fn read_domain(typed: &str) -> ParsedDomain {
        ParsedDomain::parse(typed)
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
            Some(Origin::Okta(_)) | None => {
                okta::discover(&ParsedDomain::parse(typed), &self.0.web, &self.0.clock).await
            }
        }
    }

    /// Recognises the org once more and keeps it. Another org than before drops the secrets bound to the old one.
    ///
    /// # Errors
    /// As [`Connector::discover_domain`]; the keychain's or the store's problem.
    pub async fn set_domain(&self, id: &ConnectionId, typed: String) -> Result<ConnectionView, Problem> {
        let found = self.discover_domain(id, &typed).await?;
        let old = self.plain(id).await?.origin;
        if old.is_some_and(|old| old != found.origin) {
            self.forget_secret(id, SecretName::OktaToken).await?;
            self.forget_secret(id, SecretName::MonitoringToken).await?;
        }
        let (views, id) = (self.views().await?, id.clone());
        self.write(move |tx| {
            let moved = tx.connection(&id)?.origin.is_some_and(|old| old != found.origin);
            if moved {
                tx.forget_org(&id)?;
            }
            tx.update::<GuideState>(&id, |state| {
                let state = if moved { setup::moved_to_another_org(state) } else { state };
                GuideState { typed_domain: typed, ..state }
            })?;
            tx.update_connection(&id, |connection| {
                if let Origin::Okta(domain) = &found.origin
                    && (connection.name.is_empty() || moved)
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

    /// Notes the step that is shown.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn go_to_step(&self, id: &ConnectionId, step: GuideStep) -> Result<ConnectionView, Problem> {
        self.change_guide(id, move |state| GuideState { step, ..state }).await
    }

    /// Chooses what the token is meant for. All checks are wanted anew, for they ask for another right.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn set_profile(&self, id: &ConnectionId, profile: Profile) -> Result<ConnectionView, Problem> {
        let (views, id) = (self.views().await?, id.clone());
        self.write(move |tx| {
            if tx.connection(&id)?.profile != profile {
                tx.update(&id, |state| setup::meant_for(state, profile))?;
                want_full(tx, &id)?;
                tx.update_connection(&id, |connection| connection.profile = profile)?;
            }
            Ok(views.of(tx, &id)?)
        })
        .await
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
        self.change_guide(id, move |state| {
            let kept = |new: String, old: String| if new.trim().is_empty() { old } else { new.trim().to_owned() };
            GuideState {
                token_name: kept(token_name, state.token_name),
                credential_name: kept(credential_name, state.credential_name),
                ..state
            }
        })
        .await
    }

    /// Notes or takes back what only the administrator can vouch for.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn confirm(&self, id: &ConnectionId, what: Confirmable, yes: bool) -> Result<ConnectionView, Problem> {
        let (at, by) = (self.0.clock.now(), self.0.operator.clone());
        self.change_guide(id, move |state| setup::confirm(state, what, yes, at, &by)).await
    }

    /// Closes the guide and keeps, or forgets, the token as chosen. The choice is written first: what cannot be forgotten now is
    /// no longer used, and is forgotten later. Another choice than before wants all checks, for another token answers.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] before the org is known or, for a monitoring token, before there is one; the keychain's problem
    /// when something could not be forgotten.
    pub async fn finish_setup(&self, id: &ConnectionId, keep: Keep) -> Result<ConnectionView, Problem> {
        let (views, of) = (self.views().await?, id.clone());
        self.write(move |tx| {
            let view = views.of(tx, &of)?;
            let has = |name| view.secrets.iter().any(|state| state.name == name && state.since.is_some());
            let ready = match keep {
                Keep::Token => has(SecretName::OktaToken),
                Keep::MonitoringToken => has(SecretName::MonitoringToken),
                Keep::Nothing => true,
            };
            if view.connection.origin.is_none() || !ready {
                return Err(Problem::new(Code::StepNotReady));
            }
            note_owner(tx, &view, &views.settings)?;
            tx.update_connection(&of, |connection| connection.keep = keep)?;
            tx.update(&of, |state| setup::finish(state, views.now))?;
            if view.connection.keep != keep {
                want_full(tx, &of)?;
            }
            Ok(())
        })
        .await?;
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
        form: ReportFormat,
        messages: &Messages,
        version: &str,
    ) -> Result<String, Problem> {
        let view = self.connection(id).await?;
        let now = self.0.clock.now();
        match form {
            ReportFormat::Markdown => Ok(reports::markdown(&view, messages, version, now)),
            ReportFormat::Json => {
                reports::json(&view, messages, version, now).map_err(|_| Problem::new(Code::Internal))
            }
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
        radiant::ask_documentation(question, practice.as_deref(), &self.0.web).await
    }

    async fn change_guide(
        &self,
        id: &ConnectionId,
        change: impl FnOnce(GuideState) -> GuideState + Send + 'static,
    ) -> Result<ConnectionView, Problem> {
        let (views, id) = (self.views().await?, id.clone());
        self.write(move |tx| {
            tx.update(&id, change)?;
            Ok(views.of(tx, &id)?)
        })
        .await
    }
}
