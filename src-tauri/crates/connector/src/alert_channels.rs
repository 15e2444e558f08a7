//! The channels of team alerts in force: those of the settings, and those that were named for this run only.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use strum::VariantArray as _;
use uuid::Uuid;

use model::alert::{AlertChannel, AlertEvent, AlertKind, AlertSettings};
use model::connection::ConnectionId;
use store::{QueuedAlert, ReadTx, StoreError, WriteTx};

/// The key of the stored settings.
pub(crate) const ALERT_SETTINGS: &str = "alerts";

/// A channel for this run only, whose secrets are never stored: a server reads them from files.
#[derive(Debug, Clone)]
pub struct RunAlertChannel {
    /// Its settings.
    pub channel: AlertChannel,
    /// Its address.
    pub address: SecretString,
    /// The key that its requests are signed with.
    pub key: Option<SecretString>,
}

/// The channels that were named for this run. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct AlertChannels(Arc<Mutex<BTreeMap<AlertKind, RunAlertChannel>>>);

impl AlertChannels {
    /// Uses a channel for this run, in place of the stored one.
    pub(crate) fn use_for_this_run(&self, kind: AlertKind, channel: RunAlertChannel) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(kind, channel);
    }

    /// Returns the channel that was named for this run.
    pub(crate) fn for_this_run(&self, kind: AlertKind) -> Option<RunAlertChannel> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&kind).cloned()
    }

    /// Returns the settings in force, without the policy.
    pub(crate) fn settings(&self, tx: &ReadTx<'_>) -> Result<AlertSettings, StoreError> {
        let stored: AlertSettings = tx.setting(ALERT_SETTINGS)?.unwrap_or_default();
        let run = AlertKind::VARIANTS.iter().filter_map(|kind| Some((*kind, self.for_this_run(*kind)?)));
        Ok(run.fold(stored, |settings, (kind, run)| settings.with(kind, run.channel)))
    }
}

/// Adds an alert to the outbox, once for each channel that gets its severity. With a `key`, it is added once for that key,
/// whichever process finds it first.
pub(crate) fn queue_alert(
    tx: &mut WriteTx<'_>,
    settings: &AlertSettings,
    connection: &ConnectionId,
    (event, key): (&AlertEvent, Option<&str>),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let wants = |kind: AlertKind| event.severity().is_some_and(|severity| settings.channel(kind).wants(severity));
    for kind in AlertKind::VARIANTS.iter().copied().filter(|kind| wants(*kind)) {
        let id = key.map_or_else(|| Uuid::new_v4().to_string(), |key| format!("{key}-{}", kind.as_str()));
        let (connection, event) = (connection.clone(), event.clone());
        tx.alerts_mut().add(&QueuedAlert { id, kind, connection, created: now, event, attempts: 0 })?;
    }
    Ok(())
}
