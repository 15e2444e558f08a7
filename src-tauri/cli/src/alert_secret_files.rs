//! Team alerts of one run, whose address and signing key are read from files, and the failures of team alerts as text and JSON.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use connector::RunAlertChannel;
use messages::{Messages, keys};
use model::alert::{AlertChannel, AlertChannelView, AlertKind};
use model::condition_registry::Severity;
use serde_json::{Value, json};

use crate::args::{AlertFiles, SeverityArg};
use crate::connection_status::{format_time, single_line};
use crate::secret_files;
use crate::session::Session;

/// Uses the channels of these files for this run. Nothing of the files is stored.
///
/// # Errors
/// Why a file is not read, and why its content cannot be used.
pub(crate) async fn provide(files: &AlertFiles, session: &Session) -> anyhow::Result<()> {
    let minimum = match files.alert_minimum {
        SeverityArg::Attention => Severity::Attention,
        SeverityArg::InDoubt => Severity::InDoubt,
        SeverityArg::Stopped => Severity::Stopped,
    };
    let channel = AlertChannel { enabled: true, minimum, with_names: files.alert_names };
    let read = |file: &PathBuf| Ok::<_, anyhow::Error>(secret_files::read(file, &session.messages)?.secret);
    let key = files.alert_key_file.as_ref().map(read).transpose()?;
    for (kind, file, key) in
        [(AlertKind::Webhook, &files.alert_webhook_file, key), (AlertKind::Slack, &files.alert_slack_file, None)]
    {
        if let Some(file) = file {
            let run = RunAlertChannel { channel, address: read(file)?, key };
            session.connector.alerts().use_for_this_run(kind, run).await?;
        }
    }
    Ok(())
}

/// Returns the channels that are on and fail.
///
/// # Errors
/// The store's problem.
pub(crate) async fn failing(session: &Session) -> anyhow::Result<Vec<AlertChannelView>> {
    let view = session.connector.alerts().view().await?;
    Ok(view.channels.into_iter().filter(|one| one.settings.enabled && one.failure.is_some()).collect())
}

/// Returns the failure of a channel in one line; an empty one if it has none.
pub(crate) fn line(channel: &AlertChannelView, messages: &Messages) -> String {
    let Some(failure) = &channel.failure else { return String::new() };
    let title = messages.code(failure.problem.code, &failure.problem.args).title;
    let host = channel.host.as_deref().unwrap_or_default();
    let text = messages.text(keys::CLI_ALERTS_FAILED, &[("host", host), ("problem", &title)]);
    single_line(&format!("{text} [{}]", failure.problem.code))
}

/// Returns the failure of a channel as JSON.
pub(crate) fn json(channel: &AlertChannelView, messages: &Messages) -> Value {
    let failure = channel.failure.as_ref().map(|failure| {
        let text = messages.code(failure.problem.code, &failure.problem.args);
        json!({
            "code": failure.problem.code, "title": text.title, "remedy": text.remedy,
            "at": format_time(failure.at), "given_up": failure.given_up,
        })
    });
    json!({"channel": channel.kind, "host": channel.host, "waiting": channel.waiting, "failure": failure})
}

/// The failures that were printed, so that each is printed once.
#[derive(Debug, Default)]
pub(crate) struct PrintedFailures(Option<DateTime<Utc>>);

impl PrintedFailures {
    /// Returns the lines of the failures since the last call.
    pub(crate) async fn new_lines(&mut self, session: &Session) -> Vec<String> {
        let failing = failing(session).await.unwrap_or_default();
        let at = |channel: &AlertChannelView| channel.failure.as_ref().map(|failure| failure.at);
        let lines = failing.iter().filter(|channel| at(channel) > self.0);
        let lines = lines.map(|channel| line(channel, &session.messages)).collect();
        self.0 = failing.iter().filter_map(at).max().max(self.0);
        lines
    }
}
