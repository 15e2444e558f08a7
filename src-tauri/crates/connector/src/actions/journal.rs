//! The audit of a run: its rows are written before and after each target, and its head is sealed in the keychain.

use chrono::{DateTime, Utc};
use model::action::{ActionKind, ActionPart, TargetState};
use model::action_audit::{AuditClosing, AuditEntry, AuditOpening};
use model::action_run::{ActionOutcome, PartResult, TargetResult};
use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use store::AuditRow;

use super::run_context::{Approved, RunContext, blank};
use crate::connection_repository::ConnectionRepository;

/// Reads and writes the audit.
#[derive(Clone)]
pub(super) struct Journal {
    pub(super) records: ConnectionRepository,
    pub(super) operator: String,
}

impl Journal {
    /// Adds a row to the audit and returns its number.
    pub(super) async fn append(&self, id: &ConnectionId, row: AuditRow) -> Result<u32, Problem> {
        let id = id.clone();
        self.records.write(move |tx| Ok(tx.append_audit(&id, &row)?.number)).await
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.records.clock.now()
    }

    /// Returns an entry of the audit.
    pub(super) async fn entry(&self, id: &ConnectionId, number: u32) -> Result<AuditEntry, Problem> {
        let id = id.clone();
        let entry = self.records.read(move |tx| tx.audit().entry(&id, number)).await?;
        entry.ok_or_else(|| Problem::new(Code::AuditEntryUnknown).arg("entry", number.to_string()))
    }

    /// Returns the newest entry that `undo` would undo for a target.
    pub(super) async fn in_effect(
        &self,
        id: &model::connection::ConnectionId,
        undo: ActionKind,
        key: &str,
    ) -> Result<Option<AuditEntry>, Problem> {
        let id = id.clone();
        let entries = self.records.read(move |tx| tx.audit().in_effect(&id)).await?;
        let is_wanted =
            |entry: &AuditEntry| entry.opening.kind.undo() == Some(undo) && entry.opening.target.key() == key;
        Ok(entries.into_iter().rev().find(is_wanted))
    }

    /// Returns the row that opens the entry of a target.
    pub(super) fn opening(
        &self,
        context: &RunContext<'_>,
        target: &Approved<'_>,
        parts: &[ActionPart],
        before: TargetState,
    ) -> AuditRow {
        let RunContext { run_client, approval, .. } = context;
        let is_shown = |text: &&String| !text.trim().is_empty();
        AuditRow::Opened(Box::new(AuditOpening {
            run: context.run.clone(),
            at: self.now(),
            org: run_client.origin.url(),
            connection_name: run_client.connection.name.clone(),
            operator: self.operator.clone(),
            token_owner_id: run_client.owner.id.clone(),
            token_owner: run_client.owner.login.clone(),
            kind: context.preview.kind,
            target: target.target.clone(),
            reason: approval.reason.trim().to_owned(),
            ticket: approval.ticket.as_ref().filter(is_shown).map(|ticket| ticket.trim().to_owned()),
            ends_at: approval.ends_at.filter(|_| context.preview.kind.may_end()),
            undo_of: target.preview.undo_of,
            parts: parts.to_vec(),
            before,
            chain: context.chain,
        }))
    }

    /// Closes the entry of a target and returns its result. What was done is reported even if it cannot be recorded.
    pub(super) async fn close(
        &self,
        context: &RunContext<'_>,
        target: &Approved<'_>,
        entry: u32,
        parts: Vec<PartResult>,
        before: TargetState,
        after: TargetState,
    ) -> TargetResult {
        let outcomes: Vec<_> = parts.iter().map(|part| part.outcome).collect();
        let outcome = ActionOutcome::of_parts(&outcomes);
        let closing =
            AuditClosing { at: self.now(), outcome, parts: parts.clone(), after: after.clone(), is_recovered: false };
        let row = AuditRow::Closed { entry, closing: Box::new(closing) };
        if let Err(problem) = self.append(&context.run_client.connection.id, row).await {
            tracing::warn!(code = %problem.code, "the outcome of an action was not recorded");
            context.unclosed.set(problem).ok();
        }
        TargetResult { entry: Some(entry), outcome, parts, before, after, ..blank(target) }
    }
}
