//! Events that cause a notification, and the state of earlier notifications.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::check::CheckId;
use crate::code::Code;
use crate::condition_registry::Severity;
use crate::problem::Problem;
use crate::reminder::Reminder;

/// The state of notifications for one connection.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct NotifiedState {
    /// The severity that was notified, or shown in the window, last; `None` if the status was ok.
    pub severity: Option<Severity>,
    /// The problem of that severity.
    pub problem: Option<Problem>,
    /// Whether a notification was shown for it, and not only the window.
    #[serde(alias = "aloud")]
    pub shown: bool,
    /// When the newest recovery was notified.
    pub recovered: Option<DateTime<Utc>>,
    /// The codes that were notified, or shown in the window, since the status was ok last. They are not notified again.
    #[serde(alias = "since_well")]
    pub codes_since_ok: BTreeSet<Code>,
}

/// What became of a test notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum TestNotificationResult {
    /// The desktop accepted it. Whether a person saw it is not known.
    Shown,
    /// The desktop has no notification service, or that refused it.
    Refused,
    /// Nothing answered in time, or the system does not say.
    Unknown,
}

/// An event that causes a notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NotificationEvent {
    /// The status became worse.
    Worse {
        /// The problem.
        problem: Problem,
        /// The check row to open.
        row: CheckId,
        /// Its severity.
        severity: Severity,
    },
    /// The status is ok again.
    Recovered {
        /// The problem that had been notified.
        problem: Problem,
    },
    /// Reminders became due.
    Remind {
        /// The reminders, most urgent first.
        reminders: Vec<Reminder>,
    },
}
