//! The formats of the set-up report.

use serde::{Deserialize, Serialize};
use specta::Type;

/// The format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    /// For people.
    Markdown,
    /// For programs.
    Json,
}
