//! The diagnostics bundle.

use super::Connector;
use crate::reports::{self, Bundle};
use model::code::Code;
use model::diagnostics::{RedactionOptions, RuntimeInfo};
use model::history::Span;
use model::problem::Problem;

impl Connector {
    /// Writes all that somebody who is to help needs to know, as one JSON object: settings, policy, each connection's status, newest
    /// report and last seven days, the log's end. Nothing is asked of Okta, Radiant or the keychain; no token is in it.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn diagnostics(&self, running: &RuntimeInfo, redact: RedactionOptions) -> Result<String, Problem> {
        let (settings, policy) = (self.monitor_settings().await?, self.policy().await?);
        let mut connections = Vec::new();
        for view in self.connections().await? {
            let history = self.history(&view.connection.id, Span::Week).await?;
            connections.push((view, history));
        }
        let (settings, policy, operator) = (&settings, &policy, self.0.operator.as_str());
        let bundle = Bundle { running, operator, settings, policy, connections: &connections };
        let now = self.0.clock.now();
        let text = reports::diagnostics(&bundle, redact, now).map_err(|_| Problem::new(Code::Internal))?;
        Ok(text + "\n")
    }
}
