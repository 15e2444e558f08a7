//! The settings and what fixes them: monitoring settings, other stored values, data retention, and the organization's policy.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::connection_repository::{ConnectionRepository, HISTORY_DAYS};
use crate::log_files;
use crate::policy::CurrentPolicy;
use model::code::Code;
use model::data_retention::{DataRetention, history_days, history_length};
use model::monitor_settings::{MonitorSettings, MonitorSettingsPatch};
use model::policy::PolicyView;
use model::problem::Problem;
use store::REPORTS_KEPT;

/// The key of the re-authentication setting.
const ASK_BEFORE_COPYING: &str = "ask_before_copying";

/// The settings of a data folder.
pub struct Settings {
    pub(crate) records: ConnectionRepository,
    pub(crate) policy: CurrentPolicy,
    pub(crate) data_dir: PathBuf,
}

impl Settings {
    /// Returns a stored value, if there is one.
    ///
    /// # Errors
    /// The store's problem; also a value of another type.
    pub async fn value<T: DeserializeOwned + Send + 'static>(&self, key: &'static str) -> Result<Option<T>, Problem> {
        self.records.read(move |tx| tx.setting(key)).await
    }

    /// Stores a value.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn put_value<T: Serialize + Send + 'static>(&self, key: &'static str, value: T) -> Result<(), Problem> {
        self.records.write(move |tx| Ok(tx.put_setting(key, &value)?)).await
    }

    /// Returns the monitoring settings in force: as the policy fixes them, else as they were chosen here.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn monitor(&self) -> Result<MonitorSettings, Problem> {
        self.records.settings.get().await
    }

    /// Changes some of the monitoring settings and returns those in force.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn patch_monitor(&self, patch: MonitorSettingsPatch) -> Result<MonitorSettings, Problem> {
        self.update_monitor(move |stored| patch.apply_to(stored)).await
    }

    /// Replaces the monitoring settings and returns those in force.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn set_monitor(&self, settings: MonitorSettings) -> Result<MonitorSettings, Problem> {
        self.update_monitor(|_| settings).await
    }

    /// Pauses notifications until a time, or resumes them.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn pause_notifications(&self, until: Option<DateTime<Utc>>) -> Result<MonitorSettings, Problem> {
        self.update_monitor(move |stored| MonitorSettings { quiet_until: until, ..stored }).await
    }

    /// Reads the organization's policy from its file.
    ///
    /// # Errors
    /// [`Code::Internal`].
    pub async fn policy(&self) -> Result<PolicyView, Problem> {
        self.policy.view().await
    }

    /// Tells whether a person must re-authenticate before a token is copied: yes, unless it was turned off.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn asks_before_copying(&self) -> Result<bool, Problem> {
        match self.policy.fixed().await?.ask_before_copying {
            Some(fixed) => Ok(fixed),
            None => Ok(self.value(ASK_BEFORE_COPYING).await?.unwrap_or(true)),
        }
    }

    /// Stores whether a person must re-authenticate, unless the policy fixes it. Returns the setting in force.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn set_asks_before_copying(&self, asks: bool) -> Result<bool, Problem> {
        if self.policy.fixed().await?.ask_before_copying.is_none() {
            self.put_value(ASK_BEFORE_COPYING, asks).await?;
        }
        self.asks_before_copying().await
    }

    /// Tells whether the app starts at login: as the policy fixes it, else as `wanted`.
    ///
    /// # Errors
    /// [`Code::Internal`].
    pub async fn launches_at_login(&self, wanted: bool) -> Result<bool, Problem> {
        Ok(self.policy.fixed().await?.launch_at_login.unwrap_or(wanted))
    }

    /// Returns what is kept on this computer, where and for how long.
    ///
    /// # Errors
    /// The store's problem, or when its folder cannot be listed.
    pub async fn data_retention(&self, log_dir: Option<&Path>) -> Result<DataRetention, Problem> {
        let read = self.records.read(|tx| Ok((tx.setting::<u32>(HISTORY_DAYS)?, tx.oldest_hour()?)));
        let (days, since) = read.await?;
        let unlisted = |error: std::io::Error| Problem::new(Code::Internal).detail(error.to_string());
        let sizes = store::sizes(&self.data_dir).map_err(unlisted)?;
        let (log_files, log) = log_dir.map(log_files::log_size).unwrap_or_default();
        Ok(DataRetention {
            data_dir: self.data_dir.display().to_string(),
            database_kb: kilobytes(sizes.database),
            set_aside: sizes.set_aside,
            set_aside_kb: kilobytes(sizes.set_aside_bytes),
            log_dir: log_dir.map(|dir| dir.display().to_string()),
            log_files,
            log_kb: kilobytes(log),
            log_days: u32::try_from(log_files::MAX_LOG_FILES).unwrap_or(u32::MAX),
            history_days: history_days(days),
            history_since: since,
            reports: REPORTS_KEPT,
        })
    }

    /// Sets the number of days for which history is kept, within its bounds, and drops what is older. Returns the days.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn set_history_days(&self, days: u32) -> Result<u32, Problem> {
        let days = history_days(Some(days));
        let before = self.records.clock.now() - history_length(days);
        self.records
            .write(move |tx| {
                tx.put_setting(HISTORY_DAYS, &days)?;
                Ok(tx.drop_history(before)?)
            })
            .await?;
        Ok(days)
    }

    async fn update_monitor(
        &self,
        change: impl FnOnce(MonitorSettings) -> MonitorSettings + Send + 'static,
    ) -> Result<MonitorSettings, Problem> {
        let rules = self.records.settings.rules().await?;
        self.records.write(move |tx| Ok(rules.change(tx, change)?)).await
    }
}

fn kilobytes(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(1000)).unwrap_or(u32::MAX)
}
