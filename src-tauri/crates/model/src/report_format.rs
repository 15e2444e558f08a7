//! The set-up report's forms.

use serde::{Deserialize, Serialize};
use specta::Type;

/// In which form a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    /// For people.
    Markdown,
    /// For programs.
    Json,
}
