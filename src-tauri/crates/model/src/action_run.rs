//! Runs of response actions: progress and the result for each target.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::action::{ActionKind, ActionPart, ActionTarget, TargetState};
use crate::action_preview_reasons::{ActionRefusal, ActionWarning, Noted};
use crate::capability::Capability;
use crate::connection::ConnectionId;
use crate::problem::Problem;

/// The outcome of an action, or of one of its parts.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Type,
    strum::IntoStaticStr,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ActionOutcome {
    /// Done and read back.
    Done,
    /// Not done: Okta refused it, or it did not reach Okta.
    Failed,
    /// Some parts are done and others are not, or are unknown.
    Partly,
    /// Whether it is done could not be read back.
    Unknown,
    /// The state was reached before, so nothing was changed.
    NothingToDo,
}

impl ActionOutcome {
    /// Returns the text used in JSON, in the audit and in message keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns the outcome of an action from those of its parts.
    #[must_use]
    pub fn of_parts(parts: &[Self]) -> Self {
        let all = |outcome: Self| parts.iter().all(|one| *one == outcome);
        let is_reached = |one: &Self| matches!(one, Self::Done | Self::NothingToDo);
        if parts.is_empty() || all(Self::NothingToDo) {
            Self::NothingToDo
        } else if parts.iter().all(is_reached) {
            Self::Done
        } else if parts.iter().any(is_reached) || parts.contains(&Self::Partly) {
            Self::Partly
        } else if parts.contains(&Self::Unknown) {
            Self::Unknown
        } else {
            Self::Failed
        }
    }

    /// Returns the outcome of a run from those of the targets that were begun; a run that did not begin every target is at best
    /// partly done.
    #[must_use]
    pub fn of_run(targets: &[Self], is_cut: bool) -> Self {
        match Self::of_parts(targets) {
            Self::Done | Self::NothingToDo if is_cut && targets.is_empty() => Self::Failed,
            Self::Done | Self::NothingToDo if is_cut => Self::Partly,
            outcome @ (Self::Done | Self::NothingToDo | Self::Failed | Self::Partly | Self::Unknown) => outcome,
        }
    }
}

/// The result of one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PartResult {
    /// The part.
    pub part: ActionPart,
    /// Its outcome.
    pub outcome: ActionOutcome,
    /// Why it is not done.
    pub problem: Option<Problem>,
    /// Okta's id of the request that changed something.
    pub request_id: Option<String>,
}

/// The System Log event of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ActionEvent {
    /// Okta's `uuid`.
    pub uuid: String,
    /// Okta's `eventType`.
    pub event_type: String,
    /// Okta's `published`.
    pub at: DateTime<Utc>,
}

/// The result for one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TargetResult {
    /// The target.
    pub target: ActionTarget,
    /// The number of its entry in the audit; `None` if it was not begun.
    pub entry: Option<u32>,
    /// The outcome.
    pub outcome: ActionOutcome,
    /// Why nothing was done, if the guards refused it when the run came to it.
    pub refusals: Vec<Noted<ActionRefusal>>,
    /// The results of its parts.
    pub parts: Vec<PartResult>,
    /// The state before.
    pub before: TargetState,
    /// The state that was read back.
    pub after: TargetState,
    /// The System Log events that belong to it, as far as they were found.
    pub events: Vec<ActionEvent>,
    /// What a person should know.
    pub warnings: Vec<Noted<ActionWarning>>,
}

/// A finished run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ActionRun {
    /// Its random id.
    pub id: String,
    /// The connection.
    pub connection: ConnectionId,
    /// The action.
    pub kind: ActionKind,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub finished: DateTime<Utc>,
    /// The targets that were begun, in order.
    pub targets: Vec<TargetResult>,
    /// The targets that were not begun because the run was stopped.
    pub not_begun: Vec<ActionTarget>,
    /// Why the run ended early, if not by a stop.
    pub problem: Option<Problem>,
    /// The worst outcome, which the exit code follows.
    pub outcome: ActionOutcome,
    /// Whether the end of the audit was sealed in the keychain.
    pub is_sealed: bool,
}

/// The progress of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ActionProgress {
    /// A target was begun.
    Began {
        /// Its index among the targets that are not refused.
        index: u32,
        /// The number of these.
        total: u32,
        /// The target.
        target: ActionTarget,
    },
    /// A part was sent and read back.
    Part {
        /// The index of the target.
        index: u32,
        /// The result.
        result: PartResult,
    },
    /// A target is finished.
    Finished {
        /// The index of the target.
        index: u32,
        /// The number of targets.
        total: u32,
        /// The result.
        result: TargetResult,
    },
    /// The run waits until Okta's rate limit allows the next request.
    Waiting {
        /// Until when.
        until: DateTime<Utc>,
    },
}

/// A request to rehearse the actions on a user and an address that exist for this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RehearsalRequest {
    /// The connection.
    pub connection: ConnectionId,
    /// The user as typed.
    pub user: Option<String>,
    /// The address as typed.
    pub address: Option<String>,
    /// Whether the actions that cannot be undone are rehearsed too.
    pub with_irreversible: bool,
    /// The login of the user, typed again: it confirms that the account may be locked.
    pub typed_user: Option<String>,
}

/// One step of a rehearsal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RehearsalStep {
    /// The action.
    pub kind: ActionKind,
    /// Its outcome; `None` if it was not run.
    pub outcome: Option<ActionOutcome>,
    /// The result, if it was run.
    pub result: Option<TargetResult>,
    /// Why it was not run.
    pub problem: Option<Problem>,
}

/// The report of a rehearsal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RehearsalReport {
    /// The connection.
    pub connection: ConnectionId,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub finished: DateTime<Utc>,
    /// The steps, in order.
    pub steps: Vec<RehearsalStep>,
    /// The capabilities that it proved for this token; none in practice.
    pub proven: Vec<Capability>,
    /// Whether it was practice, which proves nothing about a real org.
    pub is_practice: bool,
}
