//! The channels of team alerts in force: those of the settings, and those that were named for one run only.
//!
//! A process announces its channels of this run, because another process that watches a connection decides the alerts about it.
//! It also announces which connections it watches, because the receivers of two processes may belong to two teams: an alert about
//! a connection of the one is not sent to the other.

use std::collections::{BTreeMap, BTreeSet};
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
const ANNOUNCED_CHANNELS: &str = "alert_channels_of_processes";
/// How long an announced channel gets alerts, and how soon it is announced again. A server that restarts gets those of meanwhile.
const ANNOUNCED: TimeDelta = TimeDelta::days(1);
const RENEWED: TimeDelta = TimeDelta::hours(1);
/// How long the connections of a process are its own to send alerts about: longer than any of its alerts waits, which may be
/// added just before it is announced again.
const RESERVED: TimeDelta = TimeDelta::hours(25);

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

/// What a process announces of a channel that it was given for its run, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Announcement {
    at: DateTime<Utc>,
    channel: AlertChannel,
    /// Distinguishes its receiver from others: a process that restarts has the same one.
    receiver: String,
    /// The connections that the process watches.
    hosted: BTreeSet<ConnectionId>,
}

impl Announcement {
    fn is_younger_than(&self, age: TimeDelta, now: DateTime<Utc>) -> bool {
        self.at <= now && now - self.at < age
    }
}

/// What was announced, by kind and by process.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
struct Announcements(BTreeMap<AlertKind, BTreeMap<Uuid, Announcement>>);

impl Announcements {
    fn read(tx: &ReadTx<'_>) -> Result<Self, StoreError> {
        Ok(tx.setting(ANNOUNCED_CHANNELS)?.unwrap_or_default())
    }

    /// Returns those of a kind that are younger than `age`.
    fn younger_than(
        &self,
        age: TimeDelta,
        (kind, now): (AlertKind, DateTime<Utc>),
    ) -> impl Iterator<Item = &Announcement> {
        let of_kind = self.0.get(&kind).into_iter().flat_map(BTreeMap::values);
        of_kind.filter(move |one| one.is_younger_than(age, now))
    }
}

/// The channels that were named for this run of a process. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct AnnouncedAlertChannels {
    /// Identifies the process among those that announce their channels.
    process: Uuid,
    of_run: Arc<Mutex<BTreeMap<AlertKind, (RunAlertChannel, String)>>>,
}

impl AnnouncedAlertChannels {
    /// Creates the channels of a process, none of which is named yet.
    pub(crate) fn of_process(process: Uuid) -> Self {
        Self { process, of_run: Arc::default() }
    }

    /// Uses a channel for this run, in place of the stored one. `receiver` distinguishes its receiver from others and tells nothing
    /// of its address.
    pub(crate) fn use_for_this_run(&self, kind: AlertKind, channel: RunAlertChannel, receiver: String) {
        self.of_run.lock().unwrap_or_else(PoisonError::into_inner).insert(kind, (channel, receiver));
    }

    /// Returns the channel that was named for this run.
    pub(crate) fn for_this_run(&self, kind: AlertKind) -> Option<RunAlertChannel> {
        self.of_run(kind).map(|(channel, _)| channel)
    }

    fn of_run(&self, kind: AlertKind) -> Option<(RunAlertChannel, String)> {
        self.of_run.lock().unwrap_or_else(PoisonError::into_inner).get(&kind).cloned()
    }

    /// Tells whether any channel was named for this run.
    pub(crate) fn has_any(&self) -> bool {
        !self.of_run.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Returns the channel of the outbox that this process sends to for a kind.
    pub(crate) fn outbox_channel(&self, kind: AlertKind) -> OutboxChannel {
        if self.for_this_run(kind).is_some() { OutboxChannel::OfRun(kind) } else { OutboxChannel::Stored(kind) }
    }

    /// Announces the channels of this run, and the connections that this process watches, to the other processes.
    pub(crate) fn announce(
        &self,
        tx: &mut WriteTx<'_>,
        hosted: &BTreeSet<ConnectionId>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut announced = Announcements::read(tx)?;
        let own = self.unannounced(&announced, hosted, now);
        if own.is_empty() {
            return Ok(());
        }
        for (kind, announcement) in own {
            let of_kind = announced.0.entry(kind).or_default();
            of_kind.retain(|_, one| one.is_younger_than(RESERVED, now));
            of_kind.insert(self.process, announcement);
        }
        tx.put_setting(ANNOUNCED_CHANNELS, &announced)
    }

    /// Tells whether a channel of this run is to be announced, for the first time or again.
    pub(crate) fn is_unannounced(
        &self,
        tx: &ReadTx<'_>,
        hosted: &BTreeSet<ConnectionId>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        Ok(!self.unannounced(&Announcements::read(tx)?, hosted, now).is_empty())
    }

    fn unannounced(
        &self,
        announced: &Announcements,
        hosted: &BTreeSet<ConnectionId>,
        now: DateTime<Utc>,
    ) -> Vec<(AlertKind, Announcement)> {
        let is_known = |kind: AlertKind, own: &Announcement| {
            let before = announced.0.get(&kind).and_then(|of_kind| of_kind.get(&self.process));
            before.is_some_and(|one| {
                one.channel == own.channel && one.hosted == *hosted && one.is_younger_than(RENEWED, now)
            })
        };
        let own = AlertKind::VARIANTS.iter().filter_map(|kind| {
            let (RunAlertChannel { channel, .. }, receiver) = self.of_run(*kind)?;
            Some((*kind, Announcement { at: now, channel, receiver, hosted: hosted.clone() }))
        });
        own.filter(|(kind, own)| !is_known(*kind, own)).collect()
    }

    /// Tells whether a process has a channel of this kind for its run, or had it within the last day.
    pub(crate) fn is_announced(tx: &ReadTx<'_>, kind: AlertKind, now: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(Announcements::read(tx)?.younger_than(ANNOUNCED, (kind, now)).next().is_some())
    }

    /// Returns the connections whose alerts this process sends: those that it watches and, to a channel of its run, those that
    /// no process with another receiver watches.
    pub(crate) fn sent_connections(
        &self,
        tx: &ReadTx<'_>,
        kind: AlertKind,
        hosted: &BTreeSet<ConnectionId>,
        now: DateTime<Utc>,
    ) -> Result<BTreeSet<ConnectionId>, StoreError> {
        let Some((_, own)) = self.of_run(kind) else { return Ok(hosted.clone()) };
        let announced = Announcements::read(tx)?;
        let others: Vec<_> = announced.younger_than(RESERVED, (kind, now)).filter(|one| one.receiver != own).collect();
        let is_elsewhere = |id: &ConnectionId| others.iter().any(|one| one.hosted.contains(id));
        let all = tx.connections()?.into_iter().map(|one| one.id);
        Ok(all.filter(|id| hosted.contains(id) || !is_elsewhere(id)).collect())
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
        let announced = Announcements::read(tx)?;
        let mut targets = AlertTargets::new();
        for kind in AlertKind::VARIANTS.iter().copied() {
            match self.for_this_run(kind) {
                Some(own) => targets.push((OutboxChannel::OfRun(kind), own.channel)),
                None => {
                    targets.push((OutboxChannel::Stored(kind), stored.channel(kind)));
                    // The alert is added once, whichever process sends it.
                    let of_runs = announced.younger_than(ANNOUNCED, (kind, now)).map(|one| one.channel);
                    let most = of_runs.filter(|channel| channel.enabled).min_by_key(|channel| channel.minimum);
                    targets.extend(most.map(|channel| (OutboxChannel::OfRun(kind), channel)));
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
