//! The channels of team alerts in force: those of the settings, and those that were named for one run only.
//!
//! A process announces its channels of this run, because another process that watches a connection decides the alerts about it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use strum::VariantArray as _;
use uuid::Uuid;

use model::alert::{AlertChannel, AlertEvent, AlertKind, AlertSettings};
use model::connection::ConnectionId;
use model::policy::Policy;
use store::{OutboxChannel, QueuedAlert, ReadTx, StoreError, WriteTx};

/// The key of the stored settings.
pub(crate) const ALERT_SETTINGS: &str = "alerts";
/// The key of the channels that processes announced.
const ANNOUNCED_CHANNELS: &str = "alert_channels_of_runs";
/// How long an announced channel gets alerts, and how soon it is announced again. A server that restarts gets those of meanwhile.
const ANNOUNCED: TimeDelta = TimeDelta::days(1);
const RENEWED: TimeDelta = TimeDelta::hours(1);

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

/// The settings of a channel that a process was given for its run, without its secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Announcement {
    at: DateTime<Utc>,
    channel: AlertChannel,
}

impl Announcement {
    fn is_younger_than(&self, age: TimeDelta, now: DateTime<Utc>) -> bool {
        self.at <= now && now - self.at < age
    }
}

type Announcements = BTreeMap<AlertKind, Announcement>;

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

    /// Tells whether any channel was named for this run.
    pub(crate) fn has_any(&self) -> bool {
        !self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Returns the channel of the outbox that this process sends to for a kind.
    pub(crate) fn outbox_channel(&self, kind: AlertKind) -> OutboxChannel {
        if self.for_this_run(kind).is_some() { OutboxChannel::OfRun(kind) } else { OutboxChannel::Stored(kind) }
    }

    /// Announces the channels of this run to the processes that decide alerts.
    pub(crate) fn announce(&self, tx: &mut WriteTx<'_>, now: DateTime<Utc>) -> Result<(), StoreError> {
        let announced = tx.setting(ANNOUNCED_CHANNELS)?.unwrap_or_default();
        let own = self.unannounced(&announced, now);
        if own.is_empty() {
            return Ok(());
        }
        tx.put_setting(ANNOUNCED_CHANNELS, &announced.into_iter().chain(own).collect::<Announcements>())
    }

    /// Tells whether a channel of this run is to be announced, for the first time or again.
    pub(crate) fn is_unannounced(&self, tx: &ReadTx<'_>, now: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(!self.unannounced(&tx.setting(ANNOUNCED_CHANNELS)?.unwrap_or_default(), now).is_empty())
    }

    fn unannounced(&self, announced: &Announcements, now: DateTime<Utc>) -> Announcements {
        let own = AlertKind::VARIANTS.iter().filter_map(|kind| Some((*kind, self.for_this_run(*kind)?.channel)));
        let is_known = |kind: &AlertKind, channel: AlertChannel| {
            announced.get(kind).is_some_and(|one| one.channel == channel && one.is_younger_than(RENEWED, now))
        };
        let own = own.filter(|(kind, channel)| !is_known(kind, *channel));
        own.map(|(kind, channel)| (kind, Announcement { at: now, channel })).collect()
    }

    /// Tells whether a process has a channel of this kind for its run, or had it within the last day.
    pub(crate) fn is_announced(tx: &ReadTx<'_>, kind: AlertKind, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let announced: Announcements = tx.setting(ANNOUNCED_CHANNELS)?.unwrap_or_default();
        Ok(announced.get(&kind).is_some_and(|one| one.is_younger_than(ANNOUNCED, now)))
    }

    /// Returns the channels that are on and get the alerts that this process decides: its own of this run in place of the
    /// stored ones, and those of the runs of other processes.
    pub(crate) fn targets(
        &self,
        tx: &ReadTx<'_>,
        policy: &Policy,
        now: DateTime<Utc>,
    ) -> Result<AlertTargets, StoreError> {
        let stored: AlertSettings = tx.setting(ALERT_SETTINGS)?.unwrap_or_default();
        let announced: Announcements = tx.setting(ANNOUNCED_CHANNELS)?.unwrap_or_default();
        let mut targets = AlertTargets::new();
        for kind in AlertKind::VARIANTS.iter().copied() {
            match self.for_this_run(kind) {
                Some(own) => targets.push((OutboxChannel::OfRun(kind), own.channel)),
                None => {
                    targets.push((OutboxChannel::Stored(kind), stored.channel(kind)));
                    let of_run = announced.get(&kind).filter(|one| one.is_younger_than(ANNOUNCED, now));
                    targets.extend(of_run.map(|one| (OutboxChannel::OfRun(kind), one.channel)));
                }
            }
        }
        let restricted = targets.into_iter().map(|(channel, settings)| (channel, settings.under(policy)));
        Ok(restricted.filter(|(_, settings)| settings.enabled).collect())
    }

    /// Returns the settings in force in this process, without the policy.
    pub(crate) fn settings(&self, tx: &ReadTx<'_>) -> Result<AlertSettings, StoreError> {
        let stored: AlertSettings = tx.setting(ALERT_SETTINGS)?.unwrap_or_default();
        let run = AlertKind::VARIANTS.iter().filter_map(|kind| Some((*kind, self.for_this_run(*kind)?)));
        Ok(run.fold(stored, |settings, (kind, run)| settings.with(kind, run.channel)))
    }
}

/// The channels that get an alert.
pub(crate) type AlertTargets = Vec<(OutboxChannel, AlertChannel)>;

/// Adds an alert to the outbox, once for each channel that gets its severity. With a `key`, it is added once for that key,
/// whichever process finds it first.
pub(crate) fn queue_alert(
    tx: &mut WriteTx<'_>,
    targets: &AlertTargets,
    connection: &ConnectionId,
    (event, key): (&AlertEvent, Option<&str>),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let wants = |settings: &AlertChannel| event.severity().is_some_and(|severity| settings.wants(severity));
    for channel in targets.iter().filter(|(_, settings)| wants(settings)).map(|(channel, _)| *channel) {
        let id = key.map_or_else(|| Uuid::new_v4().to_string(), |key| format!("{key}-{}", channel.as_str()));
        let (connection, event) = (connection.clone(), event.clone());
        tx.alerts_mut().add(&QueuedAlert { id, channel, connection, created: now, event, attempts: 0 })?;
    }
    Ok(())
}
