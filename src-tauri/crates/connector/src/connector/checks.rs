//! Checks of a connection: all or some, told row by row, the report kept.

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::Connector;
use super::secrets::asked_with;
use crate::monitor;
use crate::probes::{self, OwnerConfirmation, ProbeHandles, ProbeHistory, ProbeInput, ProbeTarget};
use model::check::{CheckId, CheckProgress, CheckReport, FactKey};
use model::code::Code;
use model::connection::{Connection, ConnectionId, Keep, Profile};
use model::guide::{Confirmable, GuideState};
use model::monitor_settings::MonitorSettings;
use model::problem::Problem;
use model::rate_budget::Bucket;
use model::reminder::ReminderState;
use model::secret::SecretName;
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
        let input = self.probe_input(&view.connection, &view.setup, &settings).await?;
        let since = self.0.clock.now();
        let ran = probes::run(&input, only.as_deref(), view.report.as_ref(), &cancel, &news).await;
        let report = ran.report.clone();
        self.keep_run(&view, &settings, (since, only.is_none()), ran, input.handles.log.entries()).await?;
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

    /// Builds the input of every probe of a connection.
    pub(super) async fn probe_input(
        &self,
        connection: &Connection,
        setup: &GuideState,
        settings: &MonitorSettings,
    ) -> Result<ProbeInput, Problem> {
        let origin = connection.origin.clone().ok_or_else(|| Problem::new(Code::DomainUnset))?;
        let (id, secrets, org) = (connection.id.clone(), self.0.secrets.clone(), origin.clone());
        let remembered = move |tx: &ReadTx<'_>| {
            Ok((tx.rate_usage(&org)?, tx.monitor_state(&id)?, tx.reminder_state(&id)?, secrets.states_in(tx, &id)?))
        };
        let (usage, monitor_state, reminders, states) = self.read(remembered).await?;
        let is_monitoring_token = connection.keep == Keep::MonitoringToken && setup.finished.is_some();
        let target = ProbeTarget {
            origin,
            org_id: connection.org_id.clone(),
            profile: if is_monitoring_token { Profile::Ingestion } else { connection.profile },
            is_monitoring_token,
            token: self.okta_token(connection).await,
            token_name: setup.token_name.clone(),
            radiant: connection.radiant.clone(),
            radiant_token: self.kept(connection, SecretName::RadiantSearchToken).await,
            max_delay: settings.allowed_lag(),
            accepts_inspection: setup.has(Confirmable::TlsInspectionAccepted),
            keeps_secrets: true,
        };
        let owner = match (setup.has(Confirmable::OwnerIsServiceAccount), setup.has(Confirmable::OwnerIsPerson)) {
            (true, _) => OwnerConfirmation::Service,
            (false, true) => OwnerConfirmation::Person,
            (false, false) => OwnerConfirmation::None,
        };
        let since = |name| states.iter().find(|state| state.name == name).and_then(|state| state.since);
        let needs_roles = setup.finished.is_some() && connection.keep == Keep::Token;
        let history = ProbeHistory {
            guide_since: setup.finished.is_none().then_some(connection.created),
            owner,
            token_since: since(asked_with(connection)),
            roles: if needs_roles { roles_before(reminders, since(SecretName::OktaToken)) } else { None },
            delivered_types: monitor_state.carried,
            recent_log_requests: monitor::asked_lately(&usage, Bucket::Logs, self.0.clock.now()),
        };
        let handles = ProbeHandles::new(self.0.secrets.keychain(), &self.0.web, &self.0.clock);
        Ok(ProbeInput { target, history, handles })
    }
}

/// The roles that were read first, or confirmed last, with the very token that is kept.
fn roles_before(reminders: ReminderState, kept: Option<DateTime<Utc>>) -> Option<Vec<String>> {
    reminders.owner.filter(|first| Some(first.of) == kept && !first.roles.is_empty()).map(|first| first.roles)
}
