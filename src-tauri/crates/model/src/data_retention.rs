//! The data that the app keeps on this computer, and for how long.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

/// Days for which history is kept by default; also the maximum.
pub const HISTORY_DAYS: u32 = 90;
/// The minimum number of days, so that the chart of one week is complete.
pub const MIN_HISTORY_DAYS: u32 = 7;

/// Clamps the number of days for which history is kept; `None` is the maximum.
#[must_use]
pub fn history_days(requested: Option<u32>) -> u32 {
    requested.unwrap_or(HISTORY_DAYS).clamp(MIN_HISTORY_DAYS, HISTORY_DAYS)
}

/// Converts days to a time span.
#[must_use]
pub fn history_length(days: u32) -> TimeDelta {
    TimeDelta::days(i64::from(days))
}

/// Stored data with its location, size and retention. Sizes are kilobytes (1000 bytes), rounded up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DataRetention {
    /// The folder of the database.
    pub data_dir: String,
    /// Size of the database with its WAL files.
    pub database_kb: u32,
    /// Number of databases that were set aside. They are never deleted automatically.
    pub set_aside: u32,
    /// Size of those databases.
    pub set_aside_kb: u32,
    /// The folder of the log, if logging to files is on.
    pub log_dir: Option<String>,
    /// Number of log files.
    pub log_files: u32,
    /// Size of the log files.
    pub log_kb: u32,
    /// Days for which log files are kept, one file a day.
    pub log_days: u32,
    /// Days for which history is kept.
    pub history_days: u32,
    /// Start of the oldest hour of history.
    pub history_since: Option<DateTime<Utc>>,
    /// Maximum number of check reports for each connection.
    pub reports: u32,
}

/// A folder of the app. The window names a folder and never sends a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum DataLocation {
    /// The folder of the database.
    Data,
    /// The folder of the log.
    Log,
}

impl DataRetention {
    /// Returns the path of a folder; empty if there is none.
    #[must_use]
    pub fn path(self, location: DataLocation) -> String {
        match location {
            DataLocation::Data => self.data_dir,
            DataLocation::Log => self.log_dir.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_days_is_clamped() {
        let days = [None, Some(0), Some(6), Some(7), Some(30), Some(90), Some(91), Some(u32::MAX)].map(history_days);
        assert_eq!(days, [90, 7, 7, 7, 30, 90, 90, 90]);
    }
}
