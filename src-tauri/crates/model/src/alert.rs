//! Team alerts: messages that leave the app for a team's webhook, their settings and their state. Pure.
//!
//! An alert comes from the same decision as a desktop notification. It contains no secret, and a name only by choice.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::code::Code;
use crate::condition_registry::Severity;
use crate::notification_event::NotifiedState;
use crate::policy::Policy;
use crate::preferences::Language;
use crate::problem::Problem;

/// The kind of a channel; there is one channel of each.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Type,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AlertKind {
    /// JSON over https, signed if a signing key is stored.
    Webhook,
    /// An incoming webhook in Slack's format, which Mattermost and others accept too.
    Slack,
}

impl AlertKind {
    /// Returns the name as it is stored, for example `webhook`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns the secret that holds the address.
    #[must_use]
    pub fn address(self) -> AlertSecret {
        match self {
            Self::Webhook => AlertSecret::WebhookUrl,
            Self::Slack => AlertSecret::SlackUrl,
        }
    }
}

/// A secret of the team alerts. The address is one, because whoever knows it can post to the channel.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AlertSecret {
    /// The address of the webhook.
    WebhookUrl,
    /// The key that the webhook's requests are signed with.
    WebhookKey,
    /// The address of the Slack-compatible webhook.
    SlackUrl,
}

impl AlertSecret {
    /// Returns the name as it is stored, for example `webhook_url`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns the channel that it belongs to.
    #[must_use]
    pub fn kind(self) -> AlertKind {
        match self {
            Self::WebhookUrl | Self::WebhookKey => AlertKind::Webhook,
            Self::SlackUrl => AlertKind::Slack,
        }
    }
}

/// The settings of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct AlertChannel {
    /// Whether alerts are sent.
    pub enabled: bool,
    /// The lowest severity that is sent.
    pub minimum: Severity,
    /// Whether alerts contain names: of the connection, of the org's host, and of accounts in the text of a problem.
    pub with_names: bool,
}

impl Default for AlertChannel {
    fn default() -> Self {
        Self { enabled: false, minimum: Severity::InDoubt, with_names: false }
    }
}

impl AlertChannel {
    /// Returns the channel as the policy restricts it.
    #[must_use]
    pub fn under(self, policy: &Policy) -> Self {
        Self {
            enabled: self.enabled && policy.alerts != Some(false),
            with_names: self.with_names && policy.alert_names != Some(false),
            ..self
        }
    }

    /// Returns whether the channel gets an alert of this severity.
    #[must_use]
    pub fn wants(&self, severity: Severity) -> bool {
        self.enabled && severity >= self.minimum
    }
}

/// The settings of team alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct AlertSettings {
    /// The language of alerts; `System` is English, because a team has no system.
    pub language: Language,
    /// The webhook.
    pub webhook: AlertChannel,
    /// The Slack-compatible webhook.
    pub slack: AlertChannel,
}

/// A patch of the settings of team alerts. Absent values stay unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default, deny_unknown_fields)]
pub struct AlertSettingsPatch {
    /// The language.
    pub language: Option<Language>,
    /// The webhook.
    pub webhook: AlertChannelPatch,
    /// The Slack-compatible webhook.
    pub slack: AlertChannelPatch,
}

/// A patch of a channel. Absent values stay unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default, deny_unknown_fields)]
pub struct AlertChannelPatch {
    /// Whether alerts are sent.
    pub enabled: Option<bool>,
    /// The lowest severity that is sent.
    pub minimum: Option<Severity>,
    /// Whether alerts contain names.
    pub with_names: Option<bool>,
}

impl AlertSettings {
    /// Returns a channel.
    #[must_use]
    pub fn channel(&self, kind: AlertKind) -> AlertChannel {
        match kind {
            AlertKind::Webhook => self.webhook,
            AlertKind::Slack => self.slack,
        }
    }

    /// Returns the settings with another channel.
    #[must_use]
    pub fn with(self, kind: AlertKind, channel: AlertChannel) -> Self {
        match kind {
            AlertKind::Webhook => Self { webhook: channel, ..self },
            AlertKind::Slack => Self { slack: channel, ..self },
        }
    }

    /// Returns whether any channel is on.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.webhook.enabled || self.slack.enabled
    }

    /// Returns the settings as the policy restricts them.
    #[must_use]
    pub fn under(self, policy: &Policy) -> Self {
        Self { webhook: self.webhook.under(policy), slack: self.slack.under(policy), ..self }
    }
}

impl AlertSettingsPatch {
    /// Returns `stored` with the changes.
    #[must_use]
    pub fn apply_to(self, stored: AlertSettings) -> AlertSettings {
        AlertSettings {
            language: self.language.unwrap_or(stored.language),
            webhook: self.webhook.apply_to(stored.webhook),
            slack: self.slack.apply_to(stored.slack),
        }
    }
}

impl AlertChannelPatch {
    fn apply_to(self, stored: AlertChannel) -> AlertChannel {
        AlertChannel {
            enabled: self.enabled.unwrap_or(stored.enabled),
            // A quiet problem changes no status and causes no alert.
            minimum: self.minimum.unwrap_or(stored.minimum).max(Severity::Attention),
            with_names: self.with_names.unwrap_or(stored.with_names),
        }
    }
}

/// What an alert is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AlertEvent {
    /// The status of a connection became worse.
    Worse {
        /// The problem.
        problem: Problem,
        /// Its severity.
        severity: Severity,
    },
    /// The status of a connection is ok again.
    Recovered {
        /// The problem that had been sent.
        problem: Problem,
        /// The worst severity since the status was ok.
        severity: Severity,
    },
    /// A person tests the channel.
    Test,
}

impl AlertEvent {
    /// Returns the severity that decides which channels get it; `None` for a test.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        match self {
            Self::Worse { severity, .. } | Self::Recovered { severity, .. } => Some(*severity),
            Self::Test => None,
        }
    }

    /// Returns the problem; `None` for a test.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Worse { problem, .. } | Self::Recovered { problem, .. } => Some(problem),
            Self::Test => None,
        }
    }

    /// Returns the code; `None` for a test.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        self.problem().map(|problem| problem.code)
    }
}

/// The state of alerts for one connection.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AlertedState {
    /// What was sent, by the same rules as desktop notifications.
    pub notified: NotifiedState,
    /// The worst severity that was sent since the status was ok last.
    pub worst: Option<Severity>,
    /// What was sent of the relay while the connection was not checked.
    pub relay: AlertedRelay,
}

/// The state of alerts for the relay of a connection that is not checked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AlertedRelay {
    /// What was sent.
    pub notified: NotifiedState,
    /// The worst severity that was sent since the relay had no problem.
    pub worst: Option<Severity>,
}

/// Team alerts as window and command line show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AlertsView {
    /// The language of alerts.
    pub language: Language,
    /// Whether the policy forbids alerts.
    pub forbidden: bool,
    /// Whether the policy forbids names in alerts.
    pub names_forbidden: bool,
    /// The only host that the policy allows.
    pub allowed_host: Option<String>,
    /// The channels.
    pub channels: Vec<AlertChannelView>,
}

/// A channel as window and command line show it. It contains no secret: of the address only the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AlertChannelView {
    /// Its kind.
    pub kind: AlertKind,
    /// Its settings in force.
    pub settings: AlertChannel,
    /// The host of its address, if an address is stored or named for this run.
    pub host: Option<String>,
    /// Whether its requests are signed.
    pub signed: bool,
    /// Whether address and key come from files that were named for this run.
    pub this_run_only: bool,
    /// Number of alerts that wait to be sent.
    pub waiting: u32,
    /// When an alert was delivered last.
    pub delivered: Option<DateTime<Utc>>,
    /// The newest failure, if no alert was delivered since.
    pub failure: Option<AlertFailure>,
}

/// A failed attempt to send an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AlertFailure {
    /// When it failed.
    pub at: DateTime<Utc>,
    /// Why.
    pub problem: Problem,
    /// Whether the app gave up on this alert.
    pub given_up: bool,
}

/// The result of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum AlertTestResult {
    /// The receiver accepted it.
    Accepted {
        /// The HTTP status.
        status: u16,
    },
    /// The receiver refused it.
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// There was no answer, or nothing was sent.
    Unreachable {
        /// Why.
        problem: Problem,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_changes_only_the_given_values_and_a_quiet_problem_is_never_sent() {
        let stored =
            AlertSettings { slack: AlertChannel { enabled: true, ..AlertChannel::default() }, ..Default::default() };
        assert_eq!(AlertSettingsPatch::default().apply_to(stored), stored);
        let patch = AlertSettingsPatch {
            webhook: AlertChannelPatch { minimum: Some(Severity::Quiet), ..Default::default() },
            ..Default::default()
        };
        let changed = patch.apply_to(stored);
        assert_eq!((changed.webhook.minimum, changed.slack), (Severity::Attention, stored.slack));
    }

    #[test]
    fn a_channel_gets_its_severity_and_what_is_worse_while_it_is_on() {
        let channel = AlertChannel { enabled: true, ..AlertChannel::default() };
        let all = [Severity::Attention, Severity::InDoubt, Severity::Stopped];
        assert_eq!(all.map(|severity| channel.wants(severity)), [false, true, true]);
        let off = AlertChannel { enabled: false, ..channel };
        assert_eq!(all.map(|severity| off.wants(severity)), [false; 3]);
    }

    #[test]
    fn a_policy_forbids_alerts_or_the_names_in_them() {
        let channel = AlertChannel { enabled: true, with_names: true, ..AlertChannel::default() };
        let settings = AlertSettings { webhook: channel, slack: channel, ..Default::default() };
        assert_eq!(settings.under(&Policy::default()), settings);
        let no_names = settings.under(&Policy { alert_names: Some(false), ..Policy::default() });
        assert!(no_names.webhook.enabled && !no_names.webhook.with_names && !no_names.slack.with_names);
        assert!(!settings.under(&Policy { alerts: Some(false), ..Policy::default() }).is_on());
        assert!(!settings.under(&Policy::fail_safe()).is_on());
    }
}
