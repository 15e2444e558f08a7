//! Outbox of team alerts: written with the decision, claimed by one process at a time, and kept for a while after the end, so that
//! the same alert is not added twice and a failure can be shown.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{ReadTx, StoreError, WriteTx, time};
use model::alert::{AlertEvent, AlertFailure, AlertKind};
use model::connection::ConnectionId;
use model::problem::Problem;

/// How long a claim lasts. A process that was killed meanwhile leaves the alert to another one after it.
pub const ALERT_CLAIM: TimeDelta = TimeDelta::seconds(90);
/// How long an alert is kept after its end.
const KEPT: TimeDelta = TimeDelta::days(7);
/// The longest wait before another attempt. One that is further away was planned while the clock was wrong.
const MAX_WAIT: TimeDelta = TimeDelta::hours(2);

/// A channel of the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutboxChannel {
    /// The channel of the settings.
    Stored(AlertKind),
    /// The channel of this kind that a process was given for its run, and that only such a process can send to.
    OfRun(AlertKind),
}

impl OutboxChannel {
    /// Returns its kind.
    #[must_use]
    pub fn kind(self) -> AlertKind {
        match self {
            Self::Stored(kind) | Self::OfRun(kind) => kind,
        }
    }

    /// Returns the name as it is stored, for example `webhook` or `webhook_of_run`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stored(kind) => kind.as_str(),
            Self::OfRun(AlertKind::Webhook) => "webhook_of_run",
            Self::OfRun(AlertKind::Slack) => "slack_of_run",
        }
    }
}

/// An alert for one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedAlert {
    /// Identifies it at the receiver too, which can so recognize a second attempt.
    pub id: String,
    /// The channel.
    pub channel: OutboxChannel,
    /// The connection that it is about.
    pub connection: ConnectionId,
    /// When it was decided.
    pub created: DateTime<Utc>,
    /// What it is about.
    pub event: AlertEvent,
    /// Number of attempts so far, the one in progress included.
    pub attempts: u32,
}

/// How an attempt to send an alert ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertAttempt {
    /// The receiver accepted it.
    Delivered,
    /// It failed and is tried again.
    Retry {
        /// When.
        at: DateTime<Utc>,
        /// Why it failed.
        problem: Problem,
    },
    /// It failed and is not tried again.
    GivenUp(Problem),
    /// It is not sent, because the channel was turned off or forbidden meanwhile.
    Dropped,
}

/// What the outbox holds for a channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlertSummary {
    /// Number of alerts that wait.
    pub waiting: u32,
    /// When one was delivered last.
    pub delivered: Option<DateTime<Utc>>,
    /// The newest failure, if none was delivered since.
    pub failure: Option<AlertFailure>,
}

/// What is stored of team alerts, within a transaction.
pub struct AlertReads<'t> {
    pub(super) db: &'t Connection,
}

/// Changes to what is stored of team alerts, within a transaction.
pub struct AlertWrites<'t, 'a> {
    pub(super) tx: &'t mut WriteTx<'a>,
}

impl ReadTx<'_> {
    /// Returns what is stored of team alerts.
    #[must_use]
    pub fn alerts(&self) -> AlertReads<'_> {
        AlertReads { db: self.db() }
    }
}

impl<'a> WriteTx<'a> {
    /// Changes what is stored of team alerts.
    pub fn alerts_mut(&mut self) -> AlertWrites<'_, 'a> {
        AlertWrites { tx: self }
    }
}

impl AlertReads<'_> {
    /// Returns what the outbox holds for a channel.
    ///
    /// # Errors
    /// As for every read.
    pub fn summary(&self, channel: OutboxChannel) -> Result<AlertSummary, StoreError> {
        let (waiting, delivered): (u32, Option<DateTime<Utc>>) = self.db.query_row(
            "SELECT count(*) FILTER (WHERE done IS NULL), max(done) FILTER (WHERE delivered = 1)
               FROM alert_outbox WHERE channel = ?1",
            [channel.as_str()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let newest: Option<(DateTime<Utc>, String, bool)> = self
            .db
            .query_row(
                "SELECT failed_at, problem, done IS NOT NULL FROM alert_outbox
                  WHERE channel = ?1 AND problem IS NOT NULL AND delivered = 0 ORDER BY failed_at DESC LIMIT 1",
                [channel.as_str()],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?;
        let newest = newest.filter(|(at, ..)| delivered.is_none_or(|delivered| *at > delivered));
        let failure = newest.map(|(at, problem, given_up)| {
            Ok::<_, StoreError>(AlertFailure { at, problem: serde_json::from_str(&problem)?, given_up })
        });
        Ok(AlertSummary { waiting, delivered, failure: failure.transpose()? })
    }

    /// Returns when the next waiting alert is due, if one waits.
    ///
    /// # Errors
    /// As for every read.
    pub fn next_at(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let mut query = self.db.prepare_cached("SELECT min(next_at) FROM alert_outbox WHERE done IS NULL")?;
        Ok(query.query_row([], |row| row.get(0))?)
    }
}

impl AlertWrites<'_, '_> {
    /// Adds an alert. One with the same id stays as it is.
    ///
    /// # Errors
    /// As for every write.
    pub fn add(&mut self, alert: &QueuedAlert) -> Result<(), StoreError> {
        self.tx.require_connection(&alert.connection)?;
        self.tx.db().execute(
            "INSERT INTO alert_outbox (id, channel, connection, created, body, next_at) VALUES (?1, ?2, ?3, ?4, ?5, ?4)
             ON CONFLICT (id) DO NOTHING",
            params![
                alert.id,
                alert.channel.as_str(),
                alert.connection.0,
                time(alert.created),
                serde_json::to_string(&alert.event)?
            ],
        )?;
        Ok(())
    }

    /// Claims the oldest due alert of a channel about one of these connections, or about any without them, so that no other
    /// process sends it meanwhile. Alerts about one connection are sent to a channel in their order.
    ///
    /// # Errors
    /// As for every write.
    pub fn claim(
        &mut self,
        channel: OutboxChannel,
        connections: Option<&BTreeSet<ConnectionId>>,
        now: DateTime<Utc>,
    ) -> Result<Option<QueuedAlert>, StoreError> {
        let is_wanted = |alert: &QueuedAlert| connections.is_none_or(|ids| ids.contains(&alert.connection));
        let Some(alert) = self.claimable(channel, now)?.into_iter().find(is_wanted) else {
            return Ok(None);
        };
        self.tx.db().execute(
            "UPDATE alert_outbox SET claimed = ?2, attempts = attempts + 1 WHERE id = ?1",
            params![alert.id, time(now)],
        )?;
        Ok(Some(QueuedAlert { attempts: alert.attempts.saturating_add(1), ..alert }))
    }

    /// Returns the due alerts of a channel that nobody has claimed, of each connection the oldest only.
    fn claimable(&self, channel: OutboxChannel, now: DateTime<Utc>) -> Result<Vec<QueuedAlert>, StoreError> {
        let mut query = self.tx.db().prepare_cached(
            "SELECT id, connection, created, body, attempts FROM alert_outbox AS one
              WHERE channel = ?4 AND done IS NULL AND (next_at <= ?1 OR next_at > ?2)
                AND (claimed IS NULL OR claimed <= ?3 OR claimed > ?1)
                AND NOT EXISTS (SELECT 1 FROM alert_outbox AS earlier
                                 WHERE earlier.done IS NULL AND earlier.channel = one.channel
                                   AND earlier.connection = one.connection AND earlier.number < one.number)
              ORDER BY number",
        )?;
        let times = params![time(now), time(now + MAX_WAIT), time(now - ALERT_CLAIM), channel.as_str()];
        query.query_map(times, |row| Ok(read(row, channel)))?.map(|row| row?).collect()
    }

    /// Records how an attempt ended, and drops alerts that ended long ago.
    ///
    /// # Errors
    /// As for every write.
    pub fn end_attempt(&mut self, id: &str, attempt: &AlertAttempt, now: DateTime<Utc>) -> Result<(), StoreError> {
        let now_text = time(now);
        match attempt {
            AlertAttempt::Delivered => self.tx.db().execute(
                "UPDATE alert_outbox SET claimed = NULL, done = ?2, delivered = 1, problem = NULL WHERE id = ?1",
                params![id, now_text],
            )?,
            AlertAttempt::Retry { at, problem } => self.tx.db().execute(
                "UPDATE alert_outbox SET claimed = NULL, next_at = ?3, failed_at = ?2, problem = ?4 WHERE id = ?1",
                params![id, now_text, time(*at), serde_json::to_string(problem)?],
            )?,
            AlertAttempt::GivenUp(problem) => self.tx.db().execute(
                "UPDATE alert_outbox SET claimed = NULL, done = ?2, failed_at = ?2, problem = ?3 WHERE id = ?1",
                params![id, now_text, serde_json::to_string(problem)?],
            )?,
            AlertAttempt::Dropped => self.tx.db().execute(
                "UPDATE alert_outbox SET claimed = NULL, done = ?2, problem = NULL WHERE id = ?1",
                params![id, now_text],
            )?,
        };
        self.tx.db().execute("DELETE FROM alert_outbox WHERE done < ?1", [time(now - KEPT)])?;
        self.tx.touch_settings();
        Ok(())
    }

    /// Forgets the failures of a channel, because a test of it succeeded. Alerts that wait are tried at once.
    ///
    /// # Errors
    /// As for every write.
    pub fn forget_failures(&mut self, channel: OutboxChannel, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.tx.db().execute(
            "UPDATE alert_outbox SET problem = NULL, next_at = CASE WHEN done IS NULL THEN ?2 ELSE next_at END
              WHERE channel = ?1",
            params![channel.as_str(), time(now)],
        )?;
        self.tx.touch_settings();
        Ok(())
    }

    /// Drops the alerts of a channel that wait.
    ///
    /// # Errors
    /// As for every write.
    pub fn drop_waiting(&mut self, channel: OutboxChannel) -> Result<(), StoreError> {
        self.tx.db().execute("DELETE FROM alert_outbox WHERE channel = ?1 AND done IS NULL", [channel.as_str()])?;
        self.tx.touch_settings();
        Ok(())
    }

    /// Drops the alerts of a channel that wait since before `then`.
    ///
    /// # Errors
    /// As for every write.
    pub fn drop_added_before(&mut self, channel: OutboxChannel, then: DateTime<Utc>) -> Result<(), StoreError> {
        self.tx.db().execute(
            "DELETE FROM alert_outbox WHERE channel = ?1 AND done IS NULL AND created < ?2",
            params![channel.as_str(), time(then)],
        )?;
        Ok(())
    }

    /// Forgets what was sent for every connection, because alerts begin anew.
    ///
    /// # Errors
    /// As for every write.
    pub fn forget_states(&mut self) -> Result<(), StoreError> {
        self.tx.db().execute("DELETE FROM alert_state", [])?;
        Ok(())
    }
}

fn read(row: &Row<'_>, channel: OutboxChannel) -> Result<QueuedAlert, StoreError> {
    let body: String = row.get(3)?;
    Ok(QueuedAlert {
        id: row.get(0)?,
        channel,
        connection: ConnectionId(row.get(1)?),
        created: row.get(2)?,
        event: serde_json::from_str(&body)?,
        attempts: row.get(4)?,
    })
}
