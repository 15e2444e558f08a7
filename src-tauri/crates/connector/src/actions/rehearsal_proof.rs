//! What a rehearsal proved for the stored token, so that the capability table can say so.

use model::capability::Capability;
use model::problem::Problem;

use super::run_client::RunClient;
use super::runner::Runner;
use crate::rehearsed_capabilities::RehearsedCapabilities;

impl Runner {
    /// Stores what was proven, if the run worked with the stored token. A token that was pasted for actions proves nothing about
    /// the stored one.
    pub(super) async fn remember_proof(&self, run_client: &RunClient, proven: &[Capability]) -> Result<(), Problem> {
        let id = run_client.connection.id.clone();
        if self.tokens.pasted.peek(&id, Some(&run_client.origin), self.journal.now()).is_some() {
            return Ok(());
        }
        let states = self.journal.records.secrets.states(&id).await?;
        let name = run_client.connection.keep.asked_token();
        let Some(since) = states.iter().find(|state| state.name == name).and_then(|state| state.since) else {
            return Ok(());
        };
        let found = RehearsedCapabilities { token_since: since, at: self.journal.now(), proven: proven.to_vec() };
        self.journal.records.write(move |tx| found.store(tx, &id)).await
    }
}
