//! The seal of an audit: the head of its chain in the keychain, against which the chain is checked.

use model::action_audit::{AuditVerification, ChainHead, ChainState};
use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use store::NewAcknowledgement;

use super::journal::Journal;

impl Journal {
    /// Checks the chain against the head in the keychain.
    pub(super) async fn verify(&self, id: &ConnectionId) -> Result<AuditVerification, Problem> {
        let head = self.sealed_head(id).await;
        let is_read = head.is_ok();
        let sealed = head.ok().flatten();
        let (connection, of_sealed) = (id.clone(), sealed.clone());
        let chain = self.records.read(move |tx| tx.audit().chain(&connection, of_sealed.as_ref())).await?;
        let mut state = chain.state(sealed.as_ref());
        if !is_read && matches!(state, ChainState::Empty | ChainState::NoSeal) {
            state = ChainState::SealUnread;
        }
        let sealed = sealed.filter(|_| state != ChainState::Changed).map_or(0, |sealed| sealed.number.min(chain.rows));
        Ok(AuditVerification {
            connection: id.clone(),
            at: self.now(),
            state,
            rows: chain.rows,
            sealed,
            changed_row: chain.changed_row,
            open: chain.open,
            acknowledged: chain.acknowledged,
        })
    }

    /// Writes the newest row's number and hash to the keychain, and returns whether it did. The head of an audit that was changed
    /// stays as it is, so that the change is reported until it is acknowledged.
    ///
    /// # Errors
    /// [`Code::AuditNotSealed`] with the keychain's problem as its detail.
    pub(super) async fn seal(&self, id: &ConnectionId) -> Result<bool, Problem> {
        if self.verify(id).await?.state == ChainState::Changed {
            return Ok(false);
        }
        let connection = id.clone();
        let head = self.records.read(move |tx| tx.audit().head(&connection)).await?;
        self.write_seal(id, &head.unwrap_or(ChainHead { number: 0, hash: String::new() })).await?;
        Ok(true)
    }

    /// Adds the acknowledgement of a changed audit and seals it, so that the rows from it on are checked again.
    ///
    /// # Errors
    /// [`Code::ActionReasonMissing`]; [`Code::AuditUnchanged`]; [`Code::AuditNotSealed`], after which the audit is still changed.
    pub(super) async fn acknowledge(&self, id: &ConnectionId, reason: &str) -> Result<AuditVerification, Problem> {
        if reason.trim().is_empty() {
            return Err(Problem::new(Code::ActionReasonMissing));
        }
        // Without the keychain the acknowledgement could not be sealed.
        let sealed = self.sealed_head(id).await?;
        let (operator, reason) = (self.operator.clone(), reason.trim().to_owned());
        let new = NewAcknowledgement { connection: id.clone(), sealed, at: self.now(), operator, reason };
        let head = self.records.write(move |tx| Ok(new.append(tx)?)).await?;
        let head = head.ok_or_else(|| Problem::new(Code::AuditUnchanged))?;
        self.write_seal(id, &head).await?;
        self.verify(id).await
    }

    /// Returns the head in the keychain.
    async fn sealed_head(&self, id: &ConnectionId) -> Result<Option<ChainHead>, Problem> {
        let text = self.records.secrets.audit_head(id).await.map_err(|error| not_sealed(&error.into()))?;
        // A head that cannot be parsed was changed: it fits to no row.
        let parse = |text: &str| ChainHead::parse(text).unwrap_or(ChainHead { number: u32::MAX, hash: String::new() });
        Ok(text.as_deref().map(parse))
    }

    async fn write_seal(&self, id: &ConnectionId, head: &ChainHead) -> Result<(), Problem> {
        let written = self.records.secrets.seal_audit(id, &head.to_text()).await;
        written.map_err(|error| not_sealed(&error.into()))
    }
}

fn not_sealed(keychain: &Problem) -> Problem {
    Problem::new(Code::AuditNotSealed).detail(keychain.code.as_str())
}
