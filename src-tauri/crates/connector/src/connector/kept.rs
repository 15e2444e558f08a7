//! What is kept on this computer and for how long; history can be kept for fewer days.

use std::path::Path;

use chrono::TimeDelta;

use super::Connector;
use crate::place;
use model::code::Code;
use model::data_retention::{DataRetention, history_days, history_length};
use model::problem::Problem;
use store::{self, REPORTS_KEPT};

const HISTORY: &str = "history_days";

impl Connector {
    /// Says what is kept, where and for how long.
    ///
    /// # Errors
    /// The store's problem, or when its folder cannot be listed.
    pub async fn data_kept(&self, log_dir: Option<&Path>) -> Result<DataRetention, Problem> {
        let (days, since) = self.read(|tx| Ok((tx.setting::<u32>(HISTORY)?, tx.oldest_hour()?))).await?;
        let listed = |error: std::io::Error| Problem::new(Code::Internal).detail(error.to_string());
        let sizes = store::sizes(&self.0.data_dir).map_err(listed)?;
        let (log_files, log) = log_dir.map(place::log_size).unwrap_or_default();
        Ok(DataRetention {
            data_dir: self.0.data_dir.display().to_string(),
            database_kb: kilobytes(sizes.database),
            set_aside: sizes.set_aside,
            set_aside_kb: kilobytes(sizes.set_aside_bytes),
            log_dir: log_dir.map(|dir| dir.display().to_string()),
            log_files,
            log_kb: kilobytes(log),
            log_days: u32::try_from(place::LOG_FILES).unwrap_or(u32::MAX),
            history_days: history_days(days),
            history_since: since,
            reports: REPORTS_KEPT,
        })
    }

    /// Keeps history for so many days, brought into bounds, and drops what is older at once. Returns the days.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn keep_history(&self, days: u32) -> Result<u32, Problem> {
        let days = history_days(Some(days));
        let before = self.0.clock.now() - history_length(days);
        self.write(move |tx| {
            tx.put_setting(HISTORY, &days)?;
            Ok(tx.drop_history(before)?)
        })
        .await?;
        Ok(days)
    }

    /// Returns how long history is kept.
    pub(super) async fn history_kept(&self) -> Result<TimeDelta, Problem> {
        let days = self.read(|tx| tx.setting::<u32>(HISTORY)).await?;
        Ok(history_length(history_days(days)))
    }
}

fn kilobytes(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(1000)).unwrap_or(u32::MAX)
}
