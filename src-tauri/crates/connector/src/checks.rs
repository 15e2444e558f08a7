//! The checks that a person runs: all or some of them, row by row.

use tokio_util::sync::CancellationToken;

use crate::connection_clients::Access;
use crate::connection_repository::ConnectionRepository;
use crate::probe_pass::{ManualRun, ProbeRecorder};
use crate::probes;
use model::check::{CheckId, CheckProgress, CheckReport, FactKey};
use model::code::Code;
use model::connection::{Connection, ConnectionId};
use model::problem::Problem;

/// The checks of each connection.
pub struct Checks {
    pub(crate) records: ConnectionRepository,
    pub(crate) access: Access,
    pub(crate) recorder: ProbeRecorder,
}

impl Checks {
    /// Runs the checks (`None`: all) and stores the report. A check that is not run keeps its earlier row.
    ///
    /// # Errors
    /// [`Code::DomainUnset`] before the org is known; [`Code::Cancelled`] when a token or the org was changed meanwhile, so that
    /// nothing is stored; the store's problem. What a check finds is a row, not an error.
    pub async fn run(
        &self,
        id: &ConnectionId,
        only: Option<Vec<CheckId>>,
        cancel: CancellationToken,
        on_progress: impl Fn(CheckProgress) + Send + Sync + 'static,
    ) -> Result<CheckReport, Problem> {
        let settings = self.records.settings.get().await?;
        let view = self.records.view_with(id, &settings).await?;
        let mut input = self.access.probe_input(&view.connection, &view.setup, &settings).await?;
        let run = self.access.tokens.runs.begin(id, &cancel);
        // Read after the run is registered: a later change of it ends the run.
        input.target.accepted = self.access.accepted(id).await?;
        let since = self.records.clock.now();
        let tokens = input.history.tokens.clone();
        let view = self.records.view_of_tokens(view, &tokens, &settings).await?;
        let result = probes::run(&input, only.as_deref(), view.report.as_ref(), &run.cancel, &on_progress).await;
        let report = result.report.clone();
        let (is_complete, requests) = (only.is_none(), input.handles.log.entries());
        let tokens = (!run.is_replaced()).then_some(tokens);
        let run = ManualRun { since, is_complete, result, requests, tokens };
        if self.recorder.record_manual_run(&view, &settings, run).await?.is_none() {
            return Err(Problem::new(Code::Cancelled));
        }
        self.store_org_id(view.connection, &report).await?;
        Ok(report)
    }

    /// Stores Okta's ID of the org when a check found it: a practice connection begins without one.
    async fn store_org_id(&self, checked: Connection, report: &CheckReport) -> Result<(), Problem> {
        let facts = report.row(CheckId::Domain).map(|row| row.facts.as_slice()).unwrap_or_default();
        let found = facts.iter().find(|fact| fact.key == FactKey::OrgId).map(|fact| fact.value.clone());
        if checked.org_id.is_some() || found.is_none() {
            return Ok(());
        }
        let Connection { id, origin, .. } = checked;
        let store_id = move |connection: &mut Connection| {
            if connection.org_id.is_none() && connection.origin == origin {
                connection.org_id = found;
            }
        };
        self.records.write(move |tx| Ok(tx.update_connection(&id, store_id).map(drop)?)).await
    }
}
