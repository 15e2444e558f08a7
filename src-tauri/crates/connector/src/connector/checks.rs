//! Checks of a connection: all or some, told row by row, the report kept.

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::Connector;
use super::secrets::asked_with;
use crate::checks::{self, OwnerConfirmation, Questions};
use crate::monitor;
use model::budget::Bucket;
use model::check::{CheckId, CheckProgress, CheckReport, FactKey};
use model::code::Code;
use model::connection::{Connection, ConnectionId, Keep, Profile};
use model::guide::{Confirmable, GuideState};
use model::monitor_settings::MonitorSettings;
use model::problem::Problem;
use model::reminder::ReminderState;
use model::secret::SecretName;
use okta::RequestLog;
use store::ReadTx;

impl Connector {
    /// Runs the checks (`None`: all) and keeps the report. What was not asked keeps its old row.
    ///
    /// # Errors
    /// [`Code::DomainUnset`] before the org is known; the store's problem. What a check finds is a row, not an error.
    pub async fn run_checks(
        &self,
        id: &ConnectionId,
        only: Option<Vec<CheckId>>,
        cancel: CancellationToken,
        news: impl Fn(CheckProgress) + Send + Sync + 'static,
    ) -> Result<CheckReport, Problem> {
        let settings = self.monitor_settings().await?;
        let view = self.connection_by(id, &settings).await?;
        let questions = self.questions(&view.connection, &view.setup, &settings).await?;
        let since = self.0.clock.now();
        let ran = checks::run(&questions, only.as_deref(), view.report.as_ref(), &cancel, &news).await;
        let report = ran.report.clone();
        self.keep_run(&view, &settings, (since, only.is_none()), ran, questions.meter.read()).await?;
        self.keep_org_id(view.connection, &report).await?;
        Ok(report)
    }

    /// Keeps Okta's id of the org once it was told: a practice connection begins without it.
    async fn keep_org_id(&self, asked: Connection, report: &CheckReport) -> Result<(), Problem> {
        let facts = report.row(CheckId::Domain).map(|row| row.facts.as_slice()).unwrap_or_default();
        let found = facts.iter().find(|fact| fact.key == FactKey::OrgId).map(|fact| fact.value.clone());
        if asked.org_id.is_some() || found.is_none() {
            return Ok(());
        }
        self.write(move |tx| {
            tx.update_connection(&asked.id, |connection| {
                if connection.org_id.is_none() && connection.origin == asked.origin {
                    connection.org_id = found;
                }
            })?;
            Ok(())
        })
        .await
    }

    pub(super) async fn questions(
        &self,
        connection: &Connection,
        setup: &GuideState,
        settings: &MonitorSettings,
    ) -> Result<Questions, Problem> {
        let origin = connection.origin.clone().ok_or_else(|| Problem::new(Code::DomainUnset))?;
        let own = connection.keep == Keep::MonitoringToken && setup.finished.is_some();
        let owner_word = match (setup.has(Confirmable::OwnerIsServiceAccount), setup.has(Confirmable::OwnerIsPerson)) {
            (true, _) => OwnerConfirmation::Service,
            (false, true) => OwnerConfirmation::Person,
            (false, false) => OwnerConfirmation::None,
        };
        let (id, secrets, org) = (connection.id.clone(), self.0.secrets.clone(), origin.clone());
        let remembered = move |tx: &ReadTx<'_>| {
            Ok((tx.rate_usage(&org)?, tx.monitor_state(&id)?, tx.reminder_state(&id)?, secrets.states_in(tx, &id)?))
        };
        let (usage, watched, reminders, states) = self.read(remembered).await?;
        let since = |name| states.iter().find(|state| state.name == name).and_then(|state| state.since);
        let known = setup.finished.is_some() && connection.keep == Keep::Token;
        Ok(Questions {
            origin,
            org_id: connection.org_id.clone(),
            profile: if own { Profile::Ingestion } else { connection.profile },
            own,
            token: self.okta_token(connection).await,
            token_name: setup.token_name.clone(),
            guide_since: setup.finished.is_none().then_some(connection.created),
            owner_word,
            inspection_accepted: setup.has(Confirmable::TlsInspectionAccepted),
            radiant: connection.radiant.clone(),
            radiant_token: self.kept(connection, SecretName::RadiantSearchToken).await,
            allowed_lag: settings.allowed_lag(),
            carried: watched.carried,
            token_since: since(asked_with(connection)),
            keeps_secrets: true,
            vault: self.0.secrets.keychain().clone(),
            web: self.0.web.clone(),
            clock: self.0.clock.clone(),
            meter: RequestLog::default(),
            roles_before: if known { roles_before(reminders, since(SecretName::OktaToken)) } else { None },
            logs_before: monitor::asked_lately(&usage, Bucket::Logs, self.0.clock.now()),
        })
    }
}

/// The roles that were read first, or confirmed last, with the very token that is kept.
fn roles_before(reminders: ReminderState, kept: Option<DateTime<Utc>>) -> Option<Vec<String>> {
    reminders.owner.filter(|first| Some(first.of) == kept && !first.roles.is_empty()).map(|first| first.roles)
}
