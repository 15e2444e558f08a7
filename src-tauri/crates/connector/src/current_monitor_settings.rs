//! The monitoring settings in force: the values that the policy fixes, over those stored here.

use chrono::{DateTime, Utc};

use crate::policy::CurrentPolicy;
use crate::practice_addresses::Practice;
use model::monitor_settings::{MIN_INTERVAL_S, MonitorSettings};
use model::policy::Policy;
use model::problem::Problem;
use runtime::Clock;
use store::{ReadTx, Store, StoreError, WriteTx};

/// Shortest time between probes of the practice organization, in seconds.
const PRACTICE_FLOOR_S: u32 = 5;
/// The key of the stored settings.
const KEY: &str = "monitor";

/// Reads the monitoring settings.
#[derive(Clone)]
pub(crate) struct CurrentMonitorSettings {
    pub(crate) store: Store,
    pub(crate) policy: CurrentPolicy,
    pub(crate) practice: Practice,
    pub(crate) clock: Clock,
}

impl CurrentMonitorSettings {
    /// Returns the settings in force.
    pub(crate) async fn get(&self) -> Result<MonitorSettings, Problem> {
        self.under(&self.policy.fixed().await?).await
    }

    /// Returns the settings in force under a policy that was read before, so that its file is read once for each pass.
    pub(crate) async fn under(&self, fixed: &Policy) -> Result<MonitorSettings, Problem> {
        Ok(fixed.apply_to(self.own().await?))
    }

    /// Returns the stored settings, without the policy.
    pub(crate) async fn own(&self) -> Result<MonitorSettings, Problem> {
        tracing::trace!("settings are read");
        let stored = self.store.read(|tx| tx.setting::<MonitorSettings>(KEY)).await?;
        Ok(stored.unwrap_or_else(|| self.defaults()))
    }

    /// Returns what a change of the settings is subject to.
    pub(crate) async fn rules(&self) -> Result<SettingsRules, Problem> {
        let floor = if self.practice.is_joined() { PRACTICE_FLOOR_S } else { MIN_INTERVAL_S };
        let (fixed, defaults, now) = (self.policy.fixed().await?, self.defaults(), self.clock.now());
        Ok(SettingsRules { floor, fixed, defaults, now })
    }

    fn defaults(&self) -> MonitorSettings {
        if self.practice.is_joined() { MonitorSettings::practice() } else { MonitorSettings::default() }
    }
}

/// Tells whether monitoring settings were ever stored.
pub(crate) fn are_stored(tx: &ReadTx<'_>) -> Result<bool, StoreError> {
    Ok(tx.setting::<MonitorSettings>(KEY)?.is_some())
}

/// What a change of the settings is subject to: the policy, and the bounds of the values.
pub(crate) struct SettingsRules {
    floor: u32,
    fixed: Policy,
    defaults: MonitorSettings,
    now: DateTime<Utc>,
}

impl SettingsRules {
    /// Changes the stored settings and returns those in force. Values out of bounds are brought into them; a value that the
    /// policy fixes is not changed.
    pub(crate) fn change(
        self,
        tx: &mut WriteTx<'_>,
        change: impl FnOnce(MonitorSettings) -> MonitorSettings,
    ) -> Result<MonitorSettings, StoreError> {
        let Self { floor, fixed, defaults, now } = self;
        let stored = tx.update_setting(KEY, |stored: Option<MonitorSettings>| {
            let own = stored.unwrap_or(defaults);
            fixed.settings_to_store(change(own.clone()).bounded(floor), &own).with_dates(&own, now)
        })?;
        Ok(fixed.apply_to(stored))
    }
}
