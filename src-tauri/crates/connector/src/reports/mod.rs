//! The set-up report, the CSV files and the diagnostics bundle. All of them are written from what is stored.
//!
//! The set-up report lists what was verified and what was confirmed apart from each other, what the token may do, and what to
//! do when its owner leaves. It names the personal data in it, and its title says so when it is about a practice organization.
//! No document contains a secret. Text from outside cannot form Markdown, and whatever looks like a token is removed, because
//! a secret may have been pasted into the wrong field.

mod diagnostics;
mod format;
mod history_csv;
mod setup_report_facts;
mod setup_report_json;
mod setup_report_markdown;

pub use diagnostics::{Bundle, diagnostics};
pub use setup_report_json::json;
pub use setup_report_markdown::markdown;

use std::collections::BTreeMap;

use crate::connection_repository::ConnectionRepository;
use crate::policy::CurrentPolicy;
use crate::relay::relay_view;
use messages::Messages;
use model::code::Code;
use model::connection::ConnectionId;
use model::diagnostics_options::{RedactionOptions, RuntimeInfo};
use model::history::Span;
use model::problem::Problem;
use model::relay::RelayView;
use model::report_format::ReportFormat;
use model::secret_name::SecretName;

/// The documents that can be saved.
pub struct Reports {
    pub(crate) records: ConnectionRepository,
    pub(crate) policy: CurrentPolicy,
    pub(crate) operator: String,
}

impl Reports {
    /// Writes the set-up report of a connection.
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
        let view = self.records.view(id).await?;
        let now = self.records.clock.now();
        match form {
            ReportFormat::Markdown => Ok(markdown(&view, messages, version, now)),
            ReportFormat::Json => json(&view, messages, version, now).map_err(|_| Problem::new(Code::Internal)),
        }
    }

    /// Writes the hours of a connection as CSV, one line each.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn history_csv(&self, id: &ConnectionId, span: Span) -> Result<String, Problem> {
        Ok(history_csv::hours_csv(&self.records.history(id, span).await?))
    }

    /// Writes every change of a connection's status as CSV, one line each.
    ///
    /// # Errors
    /// [`Code::ConnectionUnknown`], or the store's problem.
    pub async fn changes_csv(&self, id: &ConnectionId, span: Span, messages: &Messages) -> Result<String, Problem> {
        let (id, from) = (id.clone(), self.records.clock.now() - span.length());
        let read =
            move |tx: &store::ReadTx<'_>| Ok((tx.connection(&id)?.name, tx.status_changes(&id, from, u32::MAX)?));
        let (name, changes) = self.records.read(read).await?;
        Ok(history_csv::changes_csv(&name, &changes, messages))
    }

    /// Writes everything that a helper needs to know as one JSON object: settings, policy, each connection's status, newest
    /// report and last seven days, and the end of the log. Okta, Radiant and the keychain are not asked.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn diagnostics(&self, running: &RuntimeInfo, redact: RedactionOptions) -> Result<String, Problem> {
        let (settings, policy) = (self.records.settings.get().await?, self.policy.view().await?);
        let mut connections = Vec::new();
        for view in self.records.all().await? {
            let history = self.records.history(&view.connection.id, Span::Week).await?;
            connections.push((view, history));
        }
        let views = connections.iter().map(|(view, _)| view);
        let tokens = views.map(|view| (view.connection.id.clone(), view.has_secret(SecretName::EventsWebhookToken)));
        let relays = self.relays(tokens.collect()).await?;
        let (operator, settings, policy) = (self.operator.as_str(), &settings, &policy);
        let bundle = Bundle { running, operator, settings, policy, connections: &connections, relays: &relays };
        let now = self.records.clock.now();
        let text = diagnostics(&bundle, redact, now).map_err(|_| Problem::new(Code::Internal))?;
        Ok(text + "\n")
    }

    /// Returns the relays that were set up, of connections of which it is known whether their webhook's token is kept.
    async fn relays(&self, tokens: Vec<(ConnectionId, bool)>) -> Result<BTreeMap<ConnectionId, RelayView>, Problem> {
        let now = self.records.clock.now();
        let read = move |tx: &store::ReadTx<'_>| {
            let mut relays = BTreeMap::new();
            for (id, has_token) in tokens {
                if tx.relay(&id)?.is_some() {
                    let view = relay_view(tx, &id, has_token, now)?;
                    relays.insert(id, view);
                }
            }
            Ok(relays)
        };
        self.records.read(read).await
    }
}
