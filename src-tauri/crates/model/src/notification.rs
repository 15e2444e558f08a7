//! Notifications: what is worth one, and what was notified before.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::check::CheckId;
use crate::code::Code;
use crate::condition_registry::Severity;
use crate::problem::Problem;
use crate::reminder::Reminder;

/// What was told of a connection by notices.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct NotifiedState {
    /// The severity that was told or seen last; `None` when all was well.
    pub severity: Option<Severity>,
    /// What it was.
    pub problem: Option<Problem>,
    /// Whether a notice was shown for it (and not only the window in front).
    pub aloud: bool,
    /// When the newest recovery was.
    pub recovered: Option<DateTime<Utc>>,
    /// All that was told or seen since it was well last: what comes and goes among it is not told again.
    pub since_well: BTreeSet<Code>,
}

/// Something worth a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NotificationEvent {
    /// It became worse.
    Worse {
        /// What is wrong.
        problem: Problem,
        /// The row to land on.
        row: CheckId,
        /// How grave it is.
        severity: Severity,
    },
    /// It is well again.
    Recovered {
        /// What had been told.
        problem: Problem,
    },
    /// Something becomes a risk later.
    Remind {
        /// The reminders that became due, the nearest risk first.
        reminders: Vec<Reminder>,
    },
}
