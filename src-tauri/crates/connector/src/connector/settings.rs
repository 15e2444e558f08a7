//! Settings that belong to the data rather than to a window. What they mean is known above.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Connector;
use model::monitor_settings::{MIN_INTERVAL_S, MonitorSettings, MonitorSettingsPatch};
use model::policy::Policy;
use model::problem::Problem;
use store::{StoreError, WriteTx};

/// Shortest time between looks at the practice organization, in seconds.
const PRACTICE_FLOOR_S: u32 = 5;
/// The key of the monitoring settings.
pub(super) const SETTINGS: &str = "monitor";

impl Connector {
    /// Returns a setting, if it was put.
    ///
    /// # Errors
    /// The store's problem, a value of another kind included.
    pub async fn setting<T: DeserializeOwned + Send + 'static>(&self, key: &'static str) -> Result<Option<T>, Problem> {
        self.read(move |tx| tx.setting(key)).await
    }

    /// Puts a setting.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn put_setting<T: Serialize + Send + 'static>(&self, key: &'static str, value: T) -> Result<(), Problem> {
        self.write(move |tx| Ok(tx.put_setting(key, &value)?)).await
    }

    /// Returns how connections are watched: as the organisation's policy fixes it, else as it was chosen here.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn monitor_settings(&self) -> Result<MonitorSettings, Problem> {
        self.settings_under(&self.fixed().await?).await
    }

    /// Returns how connections are watched under a policy that was read before: the file is read once for each pass.
    pub(super) async fn settings_under(&self, fixed: &Policy) -> Result<MonitorSettings, Problem> {
        Ok(fixed.apply_to(self.own_monitor_settings().await?))
    }

    /// Changes how connections are watched and returns it; whatever is not said stays as it is kept at that moment.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn change_monitor_settings(&self, change: MonitorSettingsPatch) -> Result<MonitorSettings, Problem> {
        self.keep_settings(move |kept| change.apply_to(kept)).await
    }

    /// Pauses notices until then, or lets them be shown again.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn pause_notices(&self, until: Option<DateTime<Utc>>) -> Result<MonitorSettings, Problem> {
        self.keep_settings(move |kept| MonitorSettings { quiet_until: until, ..kept }).await
    }

    /// Puts settings in the place of all that is kept.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn set_monitor_settings(&self, settings: MonitorSettings) -> Result<MonitorSettings, Problem> {
        self.keep_settings(move |_| settings).await
    }

    /// Keeps what becomes of the settings.
    async fn keep_settings(
        &self,
        change: impl FnOnce(MonitorSettings) -> MonitorSettings + Send + 'static,
    ) -> Result<MonitorSettings, Problem> {
        let rules = self.settings_rules().await?;
        self.write(move |tx| Ok(rules.change(tx, change)?)).await
    }

    pub(super) async fn settings_rules(&self) -> Result<SettingsRules, Problem> {
        let floor = if self.practice().is_some() { PRACTICE_FLOOR_S } else { MIN_INTERVAL_S };
        let (fixed, blank, now) = (self.fixed().await?, self.blank_monitor_settings(), self.0.clock.now());
        Ok(SettingsRules { floor, fixed, blank, now })
    }

    /// Returns what was chosen here, whatever a policy fixes.
    pub(super) async fn own_monitor_settings(&self) -> Result<MonitorSettings, Problem> {
        tracing::trace!("settings are read");
        let kept = self.read(|tx| tx.setting::<MonitorSettings>(SETTINGS)).await?;
        Ok(kept.unwrap_or_else(|| self.blank_monitor_settings()))
    }

    fn blank_monitor_settings(&self) -> MonitorSettings {
        if self.practice().is_some() { MonitorSettings::practice() } else { MonitorSettings::default() }
    }
}

/// What settings are kept under: the policy, and the bounds of their figures.
pub(super) struct SettingsRules {
    floor: u32,
    fixed: Policy,
    blank: MonitorSettings,
    now: DateTime<Utc>,
}

impl SettingsRules {
    /// Changes the settings that are kept and returns those in force: figures out of bounds are brought into them, what the
    /// policy fixes stays fixed.
    pub(super) fn change(
        self,
        tx: &mut WriteTx<'_>,
        change: impl FnOnce(MonitorSettings) -> MonitorSettings,
    ) -> Result<MonitorSettings, StoreError> {
        let Self { floor, fixed, blank, now } = self;
        let kept = tx.update_setting(SETTINGS, |kept: Option<MonitorSettings>| {
            let own = kept.unwrap_or(blank);
            fixed.settings_to_store(change(own.clone()).bounded(floor), &own).with_dates(&own, now)
        })?;
        Ok(fixed.apply_to(kept))
    }
}
