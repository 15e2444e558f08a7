//! The policy of an organization: values that a JSON file, written by an administrator, fixes for all its computers.
//!
//! Guarantees: an untrusted policy has one effect only: everything that a policy can forbid is forbidden. A policy never allows
//! more than the app does without it. `policy_parser` parses its text. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::monitor_settings::MonitorSettings;
use crate::problem::Problem;

/// The fixed values; `None` leaves the value to the user.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct Policy {
    /// Seconds between heartbeats.
    pub heartbeat_s: Option<u32>,
    /// Seconds between delivery probes.
    pub freshness_s: Option<u32>,
    /// Seconds between full runs of all checks.
    pub full_s: Option<u32>,
    /// Allowed delivery delay, in seconds.
    pub allowed_lag_s: Option<u32>,
    /// Maximum share of each of Okta's rate limits for monitoring, in percent.
    pub rate_share: Option<u32>,
    /// Whether notifications are shown. The user still controls pauses and maintenance.
    pub notices: Option<bool>,
    /// Whether re-authentication is required before a token is copied, if the system supports it.
    pub ask_before_copying: Option<bool>,
    /// Whether the app starts at login.
    pub launch_at_login: Option<bool>,
    /// `false`: the app runs no response action. A policy can only forbid them.
    pub response_actions: Option<bool>,
    /// `false`: the app forwards no System Log events. A policy can only forbid it.
    pub relay: Option<bool>,
    /// `false`: the app sends no team alerts. A policy can only forbid them.
    pub alerts: Option<bool>,
    /// `false`: team alerts contain no names. A policy can only forbid them.
    pub alert_names: Option<bool>,
    /// The only host that team alerts are sent to.
    pub alert_host: Option<String>,
    /// The address of the signed file about newer versions.
    pub update_url: Option<String>,
    /// The public key of that file, in minisign's format.
    pub update_key: Option<String>,
    /// Contact for questions, as text of the organization.
    pub contact: Option<String>,
}

/// The state of the policy file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PolicyState {
    /// There is no file.
    #[default]
    Absent,
    /// The file is trusted and applies.
    Believed,
    /// The file exists, but is not trusted.
    NotBelieved,
}

/// A deviation between a policy's text and its effect, or a reason why the policy is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PolicyFindingKind {
    /// This version does not know the keys.
    UnknownKeys,
    /// A number was clamped to its bounds.
    OutOfBounds,
    /// The value is `true`, but a policy can only set `false`.
    FixesNothing,
    /// The contact was shortened, or characters that are not shown were removed.
    ContactChanged,
    /// A key occurs more than once; the last value applies.
    WrittenTwice,
    /// Which accounts can change the file was not checked.
    WriterNotChecked,
    /// The format is missing or unknown. Error.
    WantsFormat,
    /// The value is not an integer. Error.
    WantsNumber,
    /// The value is neither `true` nor `false`. Error.
    WantsFlag,
    /// The value is not a string. Error.
    WantsText,
}

impl PolicyFindingKind {
    /// Returns whether it is an error, so that the policy is not trusted.
    #[must_use]
    pub fn is_fault(self) -> bool {
        matches!(self, Self::WantsFormat | Self::WantsNumber | Self::WantsFlag | Self::WantsText)
    }
}

/// A finding about a policy; its text is `policy.remark.<what>` in the message catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PolicyFinding {
    /// Its kind.
    pub what: PolicyFindingKind,
    /// Values for the placeholders of its text.
    pub args: BTreeMap<String, String>,
    /// The line of the file to which it refers, if any.
    pub line: Option<u32>,
}

/// Why a policy is not trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UntrustedReason {
    /// The problem.
    pub problem: Problem,
    /// All findings, including the errors.
    pub remarks: Vec<PolicyFinding>,
}

impl From<Problem> for UntrustedReason {
    fn from(problem: Problem) -> Self {
        Self { problem, remarks: Vec::new() }
    }
}

/// The policy as window and command line show it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct PolicyView {
    /// The path of the file; `None` in practice mode, which has no policy.
    pub place: Option<String>,
    /// The state of the file.
    pub standing: PolicyState,
    /// The values that apply.
    pub fixed: Policy,
    /// The findings.
    pub remarks: Vec<PolicyFinding>,
    /// Why the file is not trusted.
    pub problem: Option<Problem>,
}

impl Policy {
    /// Returns the policy that applies if the file is not trusted.
    #[must_use]
    pub fn fail_safe() -> Self {
        Self {
            response_actions: Some(false),
            relay: Some(false),
            alerts: Some(false),
            alert_names: Some(false),
            ..Self::default()
        }
    }

    /// Removes values that would turn a protection off. They are not accepted from a file that any account may have written.
    #[must_use]
    pub fn without_relaxations(self) -> Self {
        Self {
            ask_before_copying: self.ask_before_copying.filter(|required| *required),
            notices: self.notices.filter(|shown| *shown),
            // The key decides which file is genuine, and the file's link is shown.
            update_url: None,
            update_key: None,
            ..self
        }
    }

    /// Returns the settings with the fixed values.
    #[must_use]
    pub fn apply_to(&self, settings: MonitorSettings) -> MonitorSettings {
        MonitorSettings {
            heartbeat_s: self.heartbeat_s.unwrap_or(settings.heartbeat_s),
            freshness_s: self.freshness_s.unwrap_or(settings.freshness_s),
            full_s: self.full_s.unwrap_or(settings.full_s),
            allowed_lag_s: self.allowed_lag_s.unwrap_or(settings.allowed_lag_s),
            rate_share: self.rate_share.unwrap_or(settings.rate_share),
            notices: self.notices.unwrap_or(settings.notices),
            ..settings
        }
    }

    /// Returns the settings to store: where a value is fixed, the stored one is kept, so that it applies again without the policy.
    #[must_use]
    pub fn settings_to_store(&self, requested: MonitorSettings, stored: &MonitorSettings) -> MonitorSettings {
        MonitorSettings {
            heartbeat_s: self.heartbeat_s.map_or(requested.heartbeat_s, |_| stored.heartbeat_s),
            freshness_s: self.freshness_s.map_or(requested.freshness_s, |_| stored.freshness_s),
            full_s: self.full_s.map_or(requested.full_s, |_| stored.full_s),
            allowed_lag_s: self.allowed_lag_s.map_or(requested.allowed_lag_s, |_| stored.allowed_lag_s),
            rate_share: self.rate_share.map_or(requested.rate_share, |_| stored.rate_share),
            notices: self.notices.map_or(requested.notices, |_| stored.notices),
            ..requested
        }
    }
}

impl PolicyFinding {
    /// Creates a finding with a kind only.
    #[must_use]
    pub fn new(what: PolicyFindingKind) -> Self {
        Self { what, args: BTreeMap::new(), line: None }
    }

    pub(super) fn arg(mut self, key: &str, value: impl Into<String>) -> Self {
        self.args.insert(key.to_owned(), value.into());
        self
    }

    pub(super) fn at(self, line: Option<u32>) -> Self {
        Self { line, ..self }
    }
}

impl PolicyView {
    /// Creates the view of a path without a file.
    #[must_use]
    pub fn absent(place: String) -> Self {
        Self { place: Some(place), ..Self::default() }
    }

    /// Creates the view of a parsed policy.
    #[must_use]
    pub fn from_result(place: String, parsed: Result<(Policy, Vec<PolicyFinding>), UntrustedReason>) -> Self {
        let place = Some(place);
        match parsed {
            Ok((fixed, remarks)) => Self { place, standing: PolicyState::Believed, fixed, remarks, problem: None },
            Err(UntrustedReason { problem, remarks }) => Self {
                place,
                standing: PolicyState::NotBelieved,
                fixed: Policy::fail_safe(),
                remarks,
                problem: Some(problem),
            },
        }
    }
}
