//! Team alerts: their settings and secrets, a test, and the delivery of the outbox.
//!
//! Monitoring decides an alert and adds it to the outbox; here it is sent by a process that watches its connection.

mod content;
mod outbox_delivery;
mod webhook_client;

use chrono::{DateTime, Utc};
use strum::VariantArray as _;

use crate::alert_channels_in_force::{ALERT_SETTINGS, AnnouncedAlertChannels, RunAlertChannel};
use crate::connection_repository::ConnectionRepository;
use crate::policy::CurrentPolicy;
use crate::practice_addresses::Practice;
use content::AlertContent;
use http_client::HttpSettings;
use messages::Messages;
use model::alert::{
    AlertChannel, AlertChannelView, AlertEvent, AlertFailure, AlertKind, AlertSecret, AlertSettings,
    AlertSettingsPatch, AlertTestResult, AlertsView,
};
use model::code::Code;
use model::policy::Policy;
use model::problem::Problem;
use secrecy::SecretString;
use secrets::AlertSecrets;
use store::{OutboxChannel, ReadTx};
use uuid::Uuid;
use webhook_client::{Address, Answer, WebhookClient, signing_key};

/// Team alerts of a data folder.
#[derive(Clone)]
pub struct Alerts {
    records: ConnectionRepository,
    policy: CurrentPolicy,
    channels: AnnouncedAlertChannels,
    secrets: AlertSecrets,
    http: HttpSettings,
    practice: Practice,
}

impl Alerts {
    pub(crate) fn new(
        records: ConnectionRepository,
        channels: AnnouncedAlertChannels,
        (policy, practice, http): (CurrentPolicy, Practice, HttpSettings),
    ) -> Self {
        let (keychain, store, clock) = (records.secrets.keychain(), &records.store, &records.clock);
        let secrets = AlertSecrets::new(keychain.clone(), store.clone(), clock.clone());
        Self { records, policy, channels, secrets, http, practice }
    }

    /// Returns settings and state of every channel.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn view(&self) -> Result<AlertsView, Problem> {
        let policy = self.policy.fixed().await?;
        let (channels, is_practice) = (self.channels.clone(), self.practice.is_joined());
        let (forbidden, names_forbidden) = (policy.alerts == Some(false), policy.alert_names == Some(false));
        let (allowed_host, now) = (policy.alert_host.clone(), self.records.clock.now());
        self.records
            .read(move |tx| {
                let settings = channels.settings(tx)?.under(&policy);
                let view = |kind: &AlertKind| {
                    channel_view(tx, (*kind, settings.channel(*kind)), channels.for_this_run(*kind), (is_practice, now))
                };
                let channels = AlertKind::VARIANTS.iter().map(view).collect::<Result<_, _>>()?;
                Ok(AlertsView { language: settings.language, forbidden, names_forbidden, allowed_host, channels })
            })
            .await
    }

    /// Returns the newest failure of a channel that is on, if no alert was delivered since.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn failure(&self) -> Result<Option<AlertFailure>, Problem> {
        let (channels, now) = (self.channels.clone(), self.records.clock.now());
        self.records
            .read(move |tx| {
                let (settings, mut newest) = (channels.settings(tx)?, None::<AlertFailure>);
                for kind in AlertKind::VARIANTS.iter().copied().filter(|kind| settings.channel(*kind).enabled) {
                    newest = newest
                        .into_iter()
                        .chain(newest_failure(tx, channels.outbox_channel(kind), now)?)
                        .max_by_key(|one| one.at);
                }
                Ok(newest)
            })
            .await
    }

    /// Changes some of the settings. When the first channel is turned on, a problem that exists then is sent too. A channel of the
    /// run of a process counts: it was sent the problem, and is not sent it again.
    ///
    /// # Errors
    /// [`Code::AlertAddressMissing`] for a channel that is turned on without an address; [`Code::AlertsForbidden`]; the store's
    /// problem.
    pub async fn change(&self, patch: AlertSettingsPatch) -> Result<AlertsView, Problem> {
        let is_forbidden = self.policy.fixed().await?.alerts == Some(false);
        let (channels, now) = (self.channels.clone(), self.records.clock.now());
        self.records
            .write(move |tx| {
                let is_first = channels.targets(tx, &Policy::default(), now)?.is_empty();
                let before: AlertSettings = tx.setting(ALERT_SETTINGS)?.unwrap_or_default();
                let after = patch.apply_to(before);
                for kind in AlertKind::VARIANTS.iter().copied() {
                    let (was_on, is_on) = (before.channel(kind).enabled, after.channel(kind).enabled);
                    if is_on && !was_on {
                        if is_forbidden {
                            return Err(Problem::new(Code::AlertsForbidden));
                        }
                        if !is_stored(tx, kind.address())? {
                            return Err(Problem::new(Code::AlertAddressMissing));
                        }
                    }
                    if was_on && !is_on {
                        tx.alerts_mut().drop_waiting(OutboxChannel::Stored(kind))?;
                    }
                }
                if after.is_on() && !before.is_on() && is_first {
                    tx.alerts_mut().forget_states()?;
                }
                Ok(tx.put_setting(ALERT_SETTINGS, &after)?)
            })
            .await?;
        self.view().await
    }

    /// Stores a pasted address or signing key in the keychain. Sends nothing. Another host forgets the key of the one before.
    ///
    /// # Errors
    /// [`Code::AlertAddressInvalid`], [`Code::AlertHostForbidden`], [`Code::AlertKeyTooShort`];
    /// [`Code::AlertAddressMissing`] for a key without an address; the keychain's and the store's problem.
    pub async fn store_secret(&self, name: AlertSecret, pasted: SecretString) -> Result<AlertsView, Problem> {
        match name {
            AlertSecret::WebhookUrl | AlertSecret::SlackUrl => self.store_address(name, &pasted).await?,
            AlertSecret::WebhookKey => {
                let key = signing_key(&pasted)?;
                let row = self.records.read(|tx| tx.alerts().secret(AlertSecret::WebhookUrl)).await?;
                let bound_to = row.filter(|row| row.since.is_some()).map(|row| row.bound_to);
                let origin = bound_to.ok_or(Code::AlertAddressMissing)?;
                self.secrets.keep(name, &origin, &key).await?;
            }
        }
        self.view().await
    }

    async fn store_address(&self, name: AlertSecret, pasted: &SecretString) -> Result<(), Problem> {
        let address = Address::parse(pasted, self.practice.is_joined())?;
        allow(&address, &self.policy.fixed().await?)?;
        let before = self.records.read(move |tx| tx.alerts().secret(name)).await?;
        if name == AlertSecret::WebhookUrl && before.is_some_and(|before| before.bound_to != address.origin()) {
            self.secrets.forget(AlertSecret::WebhookKey).await?;
        }
        self.secrets.keep(name, &address.origin(), &address.to_secret()).await?;
        let (channel, now) = (OutboxChannel::Stored(name.kind()), self.records.clock.now());
        self.records.write(move |tx| Ok(tx.alerts_mut().forget_failures(channel, now)?)).await
    }

    /// Turns a channel off and forgets its address and its key.
    ///
    /// # Errors
    /// The keychain's and the store's problem.
    pub async fn forget(&self, kind: AlertKind) -> Result<AlertsView, Problem> {
        self.records
            .write(move |tx| {
                let stored: AlertSettings = tx.setting(ALERT_SETTINGS)?.unwrap_or_default();
                let off = AlertChannel { enabled: false, ..stored.channel(kind) };
                tx.put_setting(ALERT_SETTINGS, &stored.with(kind, off))?;
                Ok(tx.alerts_mut().drop_waiting(OutboxChannel::Stored(kind))?)
            })
            .await?;
        if kind == AlertKind::Webhook {
            self.secrets.forget(AlertSecret::WebhookKey).await?;
        }
        self.secrets.forget(kind.address()).await?;
        self.view().await
    }

    /// Sends a test alert now, whether or not the channel is on.
    ///
    /// # Errors
    /// The store's problem. Why nothing could be sent is a result.
    pub async fn test(&self, kind: AlertKind) -> Result<AlertTestResult, Problem> {
        let policy = self.policy.fixed().await?;
        let client = match self.webhook_client(kind, &policy).await {
            Ok(client) => client,
            Err(problem) => return Ok(AlertTestResult::Unreachable { problem }),
        };
        let channels = self.channels.clone();
        let settings = self.records.read(move |tx| channels.settings(tx)).await?.under(&policy);
        let (id, now) = (Uuid::new_v4().to_string(), self.records.clock.now());
        let content = AlertContent {
            id: &id,
            at: now,
            event: &AlertEvent::Test,
            subject: None,
            with_names: false,
            is_practice: self.practice.is_joined(),
            messages: &Messages::load(settings.language),
        };
        let answer = client.send(&id, body(kind, &content), now).await;
        Ok(match (&answer, client.problem(&answer)) {
            (Answer::Refused(status) | Answer::Unavailable(status), _) => AlertTestResult::Refused { status: *status },
            (Answer::None(_), Some(problem)) => AlertTestResult::Unreachable { problem },
            (Answer::Accepted(status), _) => {
                let channel = self.channels.outbox_channel(kind);
                self.records.write(move |tx| Ok(tx.alerts_mut().forget_failures(channel, now)?)).await?;
                AlertTestResult::Accepted { status: *status }
            }
            (Answer::None(_), None) => return Err(Problem::new(Code::Internal)),
        })
    }

    /// Uses a channel for this run, in place of the stored one. Its secrets are not stored.
    ///
    /// # Errors
    /// [`Code::AlertAddressInvalid`], [`Code::AlertKeyTooShort`], [`Code::AlertHostForbidden`] or [`Code::AlertsForbidden`].
    pub async fn use_for_this_run(&self, kind: AlertKind, channel: RunAlertChannel) -> Result<(), Problem> {
        let policy = self.policy.fixed().await?;
        if policy.alerts == Some(false) {
            return Err(Problem::new(Code::AlertsForbidden));
        }
        let address = Address::parse(&channel.address, self.practice.is_joined())?;
        allow(&address, &policy)?;
        let key = channel.key.as_ref().map(signing_key).transpose()?;
        self.channels.use_for_this_run(kind, RunAlertChannel { key, ..channel }, address.short_digest());
        Ok(())
    }

    /// Opens the client for the webhook of a channel, with the address and the key of this run or those in the keychain.
    async fn webhook_client(&self, kind: AlertKind, policy: &Policy) -> Result<WebhookClient, Problem> {
        if policy.alerts == Some(false) {
            return Err(Problem::new(Code::AlertsForbidden));
        }
        let (address, key) = match self.channels.for_this_run(kind) {
            Some(run) => (run.address, run.key),
            None => {
                let address = self.secrets.get(kind.address()).await?.ok_or(Code::AlertAddressMissing)?;
                let is_signed = kind == AlertKind::Webhook;
                (address, if is_signed { self.secrets.get(AlertSecret::WebhookKey).await? } else { None })
            }
        };
        let address = Address::parse(&address, self.practice.is_joined())?;
        allow(&address, policy)?;
        WebhookClient::open(address, key, &self.http)
    }
}

/// Refuses a host other than the one that the policy allows.
fn allow(address: &Address, policy: &Policy) -> Result<(), Problem> {
    match &policy.alert_host {
        Some(host) if !host.eq_ignore_ascii_case(address.host()) => {
            Err(Problem::new(Code::AlertHostForbidden).arg("host", host.as_str()))
        }
        Some(_) | None => Ok(()),
    }
}

fn body(kind: AlertKind, content: &AlertContent<'_>) -> Vec<u8> {
    match kind {
        AlertKind::Webhook => content.webhook_body(),
        AlertKind::Slack => content.slack_body(),
    }
}

fn is_stored(tx: &ReadTx<'_>, name: AlertSecret) -> Result<bool, store::StoreError> {
    Ok(tx.alerts().secret(name)?.is_some_and(|row| row.since.is_some()))
}

fn channel_view(
    tx: &ReadTx<'_>,
    (kind, settings): (AlertKind, AlertChannel),
    run: Option<RunAlertChannel>,
    (is_practice, now): (bool, DateTime<Utc>),
) -> Result<AlertChannelView, store::StoreError> {
    let channel = if run.is_some() { OutboxChannel::OfRun(kind) } else { OutboxChannel::Stored(kind) };
    let summary = tx.alerts().summary(channel)?;
    let stored = tx.alerts().secret(kind.address())?.filter(|row| row.since.is_some());
    let stored_host = stored.and_then(|row| Some(url::Url::parse(&row.bound_to).ok()?.host_str()?.to_owned()));
    let (this_run_only, signed, host) = match run {
        Some(run) => {
            let address = Address::parse(&run.address, is_practice).ok();
            (true, run.key.is_some(), address.map(|address| address.host().to_owned()))
        }
        None => (false, kind == AlertKind::Webhook && is_stored(tx, AlertSecret::WebhookKey)?, stored_host),
    };
    Ok(AlertChannelView {
        kind,
        settings,
        host,
        signed,
        this_run_only,
        waiting: summary.waiting,
        delivered: summary.delivered,
        failure: newest_failure(tx, channel, now)?,
    })
}

/// Returns the newest failure of a channel. That of the settings includes the one that another process has for its run, because
/// the team misses its alerts too, while there is such a process.
fn newest_failure(
    tx: &ReadTx<'_>,
    channel: OutboxChannel,
    now: DateTime<Utc>,
) -> Result<Option<AlertFailure>, store::StoreError> {
    let failure = tx.alerts().summary(channel)?.failure;
    let of_run = match channel {
        OutboxChannel::Stored(kind) if AnnouncedAlertChannels::is_announced(tx, kind, now)? => {
            tx.alerts().summary(OutboxChannel::OfRun(kind))?.failure
        }
        OutboxChannel::Stored(_) | OutboxChannel::OfRun(_) => None,
    };
    Ok(failure.into_iter().chain(of_run).max_by_key(|one| one.at))
}
