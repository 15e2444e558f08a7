//! What a rehearsal proved for the stored token, so that the capability table can say so.

use model::capability::Capability;
use model::problem::Problem;

use super::run_access::RunAccess;
use super::runner::Runner;
use crate::proven_capabilities::ProvenCapabilities;

impl Runner {
    /// Stores what was proven, if the run worked with the stored token. A token that was pasted for actions proves nothing about
    /// the stored one.
    pub(super) async fn remember_proof(&self, run_access: &RunAccess, proven: &[Capability]) -> Result<(), Problem> {
        let id = run_access.connection.id.clone();
        if self.tokens.pasted.peek(&id, Some(&run_access.origin), self.journal.now()).is_some() {
            return Ok(());
        }
        let states = self.journal.records.secrets.states(&id).await?;
        let name = run_access.connection.keep.asked_token();
        let Some(since) = states.iter().find(|state| state.name == name).and_then(|state| state.since) else {
            return Ok(());
        };
        let found = ProvenCapabilities { token_since: since, at: self.journal.now(), proven: proven.to_vec() };
        self.journal.records.write(move |tx| found.store(tx, &id)).await
    }
}
