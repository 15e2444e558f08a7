//! What an organisation fixes for all its computers: a JSON file that an administrator puts in its place.
//!
//! Promises: a policy that is not believed changes one thing only: what a policy can forbid is forbidden. Never: a policy that
//! gives more than the app has by itself. How its text is read stands in `policy_reading`. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::monitor_settings::MonitorSettings;
use crate::problem::Problem;

/// What is fixed; what is `None` is the user's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct Policy {
    /// Seconds between heartbeats.
    pub heartbeat_s: Option<u32>,
    /// Seconds between looks at the newest events on both sides.
    pub freshness_s: Option<u32>,
    /// Seconds between full runs of all checks.
    pub full_s: Option<u32>,
    /// How late an event may be in Radiant, in seconds.
    pub allowed_lag_s: Option<u32>,
    /// The most that looks may take of each of Okta's rate limits, in percent.
    pub rate_share: Option<u32>,
    /// Whether notices are shown. Pauses and planned work stay the user's.
    pub notices: Option<bool>,
    /// Whether the system asks who sits there before a token is copied, where it can.
    pub ask_before_copying: Option<bool>,
    /// Whether the app starts with the computer.
    pub launch_at_login: Option<bool>,
    /// `false`: the app carries out no response action. A policy can only forbid them.
    pub response_actions: Option<bool>,
    /// `false`: the app relays no System Log. A policy can only forbid it.
    pub relay: Option<bool>,
    /// Whom to ask, in the organisation's words.
    pub contact: Option<String>,
}

/// How it stands with the policy file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PolicyState {
    /// There is none.
    #[default]
    Absent,
    /// It holds.
    Believed,
    /// It is there, and not believed.
    NotBelieved,
}

/// What a policy says that does not hold as it is written, or for which it is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PolicyFindingKind {
    /// This version knows no such keys.
    UnknownKeys,
    /// A figure was brought into bounds.
    OutOfBounds,
    /// `true` where a policy can only say `false`.
    FixesNothing,
    /// The contact was too long or held signs that are not shown.
    ContactChanged,
    /// A key stands there more than once; the last one holds.
    WrittenTwice,
    /// Who may change the file was not looked at.
    WriterNotChecked,
    /// No format that is known is named. It is not believed.
    WantsFormat,
    /// It is no whole number. It is not believed.
    WantsNumber,
    /// It is neither `true` nor `false`. It is not believed.
    WantsFlag,
    /// It is no text. It is not believed.
    WantsText,
}

impl PolicyFindingKind {
    /// Tells whether a policy of which this is to be said is not believed.
    #[must_use]
    pub fn is_fault(self) -> bool {
        matches!(self, Self::WantsFormat | Self::WantsNumber | Self::WantsFlag | Self::WantsText)
    }
}

/// A remark about a policy; its sentence is `policy.remark.<what>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PolicyFinding {
    /// What it is.
    pub what: PolicyFindingKind,
    /// Values for the placeholders of its sentence.
    pub args: BTreeMap<String, String>,
    /// The line of the file it is about, where it is about one.
    pub line: Option<u32>,
}

/// Why a text is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UntrustedReason {
    /// The problem.
    pub problem: Problem,
    /// All that is to be said of the text, what made it unbelievable among it.
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
    /// Where it is looked for; `None` where none is, as in practice.
    pub place: Option<String>,
    /// How it stands.
    pub standing: PolicyState,
    /// What holds.
    pub fixed: Policy,
    /// What does not hold as it is written.
    pub remarks: Vec<PolicyFinding>,
    /// Why it is not believed.
    pub problem: Option<Problem>,
}

impl Policy {
    /// What holds when a file is there and not believed.
    #[must_use]
    pub fn fail_safe() -> Self {
        Self { response_actions: Some(false), relay: Some(false), ..Self::default() }
    }

    /// Leaves out what would switch a protection off: it is not taken from a file that anybody may have written.
    #[must_use]
    pub fn without_relaxations(self) -> Self {
        Self {
            ask_before_copying: self.ask_before_copying.filter(|asks| *asks),
            notices: self.notices.filter(|shown| *shown),
            ..self
        }
    }

    /// Lays what is fixed over settings.
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

    /// Returns what to keep of settings that are wanted: what is fixed stays as it was, for the day the policy goes.
    #[must_use]
    pub fn settings_to_store(&self, wanted: MonitorSettings, own: &MonitorSettings) -> MonitorSettings {
        MonitorSettings {
            heartbeat_s: self.heartbeat_s.map_or(wanted.heartbeat_s, |_| own.heartbeat_s),
            freshness_s: self.freshness_s.map_or(wanted.freshness_s, |_| own.freshness_s),
            full_s: self.full_s.map_or(wanted.full_s, |_| own.full_s),
            allowed_lag_s: self.allowed_lag_s.map_or(wanted.allowed_lag_s, |_| own.allowed_lag_s),
            rate_share: self.rate_share.map_or(wanted.rate_share, |_| own.rate_share),
            notices: self.notices.map_or(wanted.notices, |_| own.notices),
            ..wanted
        }
    }
}

impl PolicyFinding {
    /// A remark with nothing but its kind.
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
    /// A place without a file.
    #[must_use]
    pub fn absent(place: String) -> Self {
        Self { place: Some(place), ..Self::default() }
    }

    /// What a text at a place says.
    #[must_use]
    pub fn of(place: String, read: Result<(Policy, Vec<PolicyFinding>), UntrustedReason>) -> Self {
        let place = Some(place);
        match read {
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
