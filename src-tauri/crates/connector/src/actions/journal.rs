//! The audit of a run: its rows are written before and after each target, and its head is sealed in the keychain.

use chrono::{DateTime, Utc};
use model::action_audit::{AuditVerification, ChainHead, ChainState};
use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use store::AuditRow;

use super::Actions;

impl Actions {
    /// Adds a row to the audit and returns its number.
    pub(super) async fn append(&self, id: &ConnectionId, row: AuditRow) -> Result<u32, Problem> {
        let id = id.clone();
        self.records.write(move |tx| Ok(tx.append_audit(&id, &row)?.number)).await
    }

    /// Checks the chain against the head in the keychain.
    pub(super) async fn verify(&self, id: &ConnectionId) -> Result<AuditVerification, Problem> {
        let head = self.records.secrets.audit_head(id).await;
        let is_read = head.is_ok();
        let text = head.ok().flatten();
        let sealed = text.as_deref().map(|text| {
            // A head that cannot be parsed was changed: it fits to no row.
            ChainHead::parse(text).unwrap_or(ChainHead { number: u32::MAX, hash: String::new() })
        });
        let (connection, of_sealed) = (id.clone(), sealed.clone());
        let chain = self.records.read(move |tx| tx.audit_chain(&connection, of_sealed.as_ref())).await?;
        let state = match ChainState::of(chain.rows, chain.changed_row.is_none(), sealed.as_ref(), chain.sealed_fits) {
            ChainState::Empty | ChainState::NoSeal if !is_read => ChainState::SealUnread,
            state => state,
        };
        let sealed = sealed.filter(|_| state != ChainState::Changed).map_or(0, |sealed| sealed.number.min(chain.rows));
        Ok(AuditVerification {
            connection: id.clone(),
            at: self.records.clock.now(),
            state,
            rows: chain.rows,
            sealed,
            changed_row: chain.changed_row,
            open: chain.open,
        })
    }

    /// Writes the newest row's number and hash to the keychain.
    ///
    /// # Errors
    /// [`Code::AuditNotSealed`] with the keychain's problem as its detail.
    pub(super) async fn seal(&self, id: &ConnectionId) -> Result<(), Problem> {
        let connection = id.clone();
        let head = self.records.read(move |tx| tx.audit_head(&connection)).await?;
        let head = head.unwrap_or(ChainHead { number: 0, hash: String::new() });
        self.records.secrets.seal_audit(id, &head.to_text()).await.map_err(|error| {
            let problem: Problem = error.into();
            Problem::new(Code::AuditNotSealed).detail(problem.code.as_str())
        })
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.records.clock.now()
    }
}
