//! What the app keeps on this computer, and for how long.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

/// Days history is kept, unless fewer were chosen.
pub const HISTORY_DAYS: u32 = 90;
/// Fewest days that can be chosen: the app's own plot of a week stays whole.
pub const MIN_HISTORY_DAYS: u32 = 7;

/// Brings a wish for how many days history is kept into bounds; without one, the most.
#[must_use]
pub fn history_days(wanted: Option<u32>) -> u32 {
    wanted.unwrap_or(HISTORY_DAYS).clamp(MIN_HISTORY_DAYS, HISTORY_DAYS)
}

/// Returns how long so many days are.
#[must_use]
pub fn history_length(days: u32) -> TimeDelta {
    TimeDelta::days(i64::from(days))
}

/// What is kept, where, and for how long. Sizes are kilobytes (1000 bytes), rounded up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DataRetention {
    /// Folder of the database.
    pub data_dir: String,
    /// The database with its companions.
    pub database_kb: u32,
    /// Databases that were set aside. Nothing removes them by itself.
    pub set_aside: u32,
    /// Their size.
    pub set_aside_kb: u32,
    /// Folder of the log, where there is one.
    pub log_dir: Option<String>,
    /// Log files that are there.
    pub log_files: u32,
    /// Their size.
    pub log_kb: u32,
    /// Log files kept at most, one a day.
    pub log_days: u32,
    /// Days history is kept.
    pub history_days: u32,
    /// Beginning of the oldest hour of history.
    pub history_since: Option<DateTime<Utc>>,
    /// Check reports kept for each connection at most.
    pub reports: u32,
}

/// A folder of the app, by name: the window never says a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum DataLocation {
    /// Of the database.
    Data,
    /// Of the log.
    Log,
}

impl DataRetention {
    /// Returns the path of one of its folders; empty where there is none.
    #[must_use]
    pub fn path(self, place: DataLocation) -> String {
        match place {
            DataLocation::Data => self.data_dir,
            DataLocation::Log => self.log_dir.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_wish_leads_out_of_the_bounds() {
        let days = [None, Some(0), Some(6), Some(7), Some(30), Some(90), Some(91), Some(u32::MAX)].map(history_days);
        assert_eq!(days, [90, 7, 7, 7, 30, 90, 90, 90]);
    }
}
