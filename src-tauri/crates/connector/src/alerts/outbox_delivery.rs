//! Delivers the alerts of the outbox. An alert is claimed in the database before it is sent, so that one process sends it. An answer that is
//! lost is unknown: the alert is sent again with the same id, a few times, and then given up and shown as a failure.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use messages::Messages;

use super::content::{AlertContent, AlertSubject};
use super::webhook_client::Answer;
use super::{Alerts, body};
use model::alert::AlertKind;
use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use store::{AlertAttempt, OutboxChannel, QueuedAlert};

/// The waits after failed attempts. After one more attempt than there are waits, an alert is given up.
const WAITS: [TimeDelta; 5] =
    [TimeDelta::seconds(15), TimeDelta::minutes(1), TimeDelta::minutes(5), TimeDelta::minutes(15), TimeDelta::hours(1)];
/// How soon alerts are looked for again that another process has claimed or is to send.
const CLAIMED_ELSEWHERE: TimeDelta = TimeDelta::seconds(30);
/// How long an alert waits for the process whose channel it was added for.
const ORPHANED: TimeDelta = TimeDelta::days(1);

impl Alerts {
    /// Sends the alerts that are due about these connections, each channel by itself, so that a slow receiver does not delay
    /// the others. A channel of this run also gets those about connections that no process with another receiver watches, because
    /// no other process can send them. Returns when the next one is due.
    ///
    /// # Errors
    /// The store's problem. A failure to send is recorded and shown; it causes no alert.
    pub(crate) async fn send_due(&self, hosted: &BTreeSet<ConnectionId>) -> Result<Option<DateTime<Utc>>, Problem> {
        let now = self.records.clock.now();
        let (channels, watched) = (self.channels.clone(), hosted.clone());
        if self.records.read(move |tx| channels.is_unannounced(tx, &watched, now)).await? {
            let (channels, watched) = (self.channels.clone(), hosted.clone());
            self.records.write(move |tx| Ok(channels.announce(tx, &watched, now)?)).await?;
        }
        let is_sender = !hosted.is_empty() || self.channels.has_any();
        let Some(next) = self.next().await?.filter(|_| is_sender) else { return Ok(None) };
        if next > now && next - now <= TimeDelta::hours(2) {
            return Ok(Some(next));
        }
        let (webhook, slack) =
            tokio::join!(self.send_channel(AlertKind::Webhook, hosted), self.send_channel(AlertKind::Slack, hosted));
        webhook.and(slack)?;
        let now = self.records.clock.now();
        Ok(self.next().await?.map(|next| if next > now { next } else { now + CLAIMED_ELSEWHERE }))
    }

    async fn next(&self) -> Result<Option<DateTime<Utc>>, Problem> {
        self.records.read(|tx| tx.alerts().next_at()).await
    }

    async fn send_channel(&self, kind: AlertKind, hosted: &BTreeSet<ConnectionId>) -> Result<(), Problem> {
        loop {
            let (hosted, channels, now) = (hosted.clone(), self.channels.clone(), self.records.clock.now());
            let claimed = self.records.write(move |tx| {
                let channel = channels.outbox_channel(kind);
                // The process that it was added for may have ended.
                tx.alerts_mut().drop_added_before(OutboxChannel::OfRun(kind), now - ORPHANED)?;
                if !channels.settings(tx)?.channel(kind).enabled {
                    tx.alerts_mut().drop_added_before(channel, now - ORPHANED)?;
                    return Ok(None);
                }
                let connections = channels.sent_connections(tx, kind, &hosted, now)?;
                Ok(tx.alerts_mut().claim(channel, Some(&connections), now)?)
            });
            let Some(alert) = claimed.await? else { return Ok(()) };
            let attempt = self.attempt(&alert).await?;
            let (id, now) = (alert.id, self.records.clock.now());
            if let AlertAttempt::Retry { problem, .. } | AlertAttempt::GivenUp(problem) = &attempt {
                tracing::warn!(channel = kind.as_str(), code = %problem.code, attempts = alert.attempts, "an alert was not sent");
            }
            self.records.write(move |tx| Ok(tx.alerts_mut().end_attempt(&id, &attempt, now)?)).await?;
        }
    }

    /// Sends one alert, as the settings and the policy are now.
    async fn attempt(&self, alert: &QueuedAlert) -> Result<AlertAttempt, Problem> {
        let kind = alert.channel.kind();
        let policy = self.policy.fixed().await?;
        let (channels, id) = (self.channels.clone(), alert.connection.clone());
        let read = move |tx: &store::ReadTx<'_>| Ok((channels.settings(tx)?, tx.connection(&id)?));
        let (settings, connection) = self.records.read(read).await?;
        // Turned off by a person, unlike what the policy forbids, which may not be readable right now.
        if !settings.channel(kind).enabled {
            return Ok(AlertAttempt::Dropped);
        }
        let settings = settings.under(&policy);
        let channel = settings.channel(kind);
        let now = self.records.clock.now();
        let client = match self.webhook_client(kind, &policy).await {
            Ok(client) => client,
            Err(problem) => return Ok(failed(problem, alert.attempts, now)),
        };
        let host = connection.origin.as_ref().and_then(|origin| origin.host()).map(str::to_owned);
        let subject = AlertSubject { id: connection.id, name: connection.name, host };
        let content = AlertContent {
            id: &alert.id,
            at: alert.created,
            event: &alert.event,
            subject: Some(&subject),
            with_names: channel.with_names,
            is_practice: self.practice.is_joined(),
            messages: &Messages::load(settings.language),
        };
        let answer = client.send(&alert.id, body(kind, &content), now).await;
        Ok(match (&answer, client.problem(&answer)) {
            (_, None) => AlertAttempt::Delivered,
            (Answer::Refused(_), Some(problem)) => AlertAttempt::GivenUp(problem),
            (Answer::Accepted(_) | Answer::Unavailable(_) | Answer::None(_), Some(problem)) => {
                failed(problem, alert.attempts, self.records.clock.now())
            }
        })
    }
}

/// Returns what becomes of an alert after its failed attempt of this number.
fn failed(problem: Problem, attempts: u32, now: DateTime<Utc>) -> AlertAttempt {
    let needs_person = matches!(problem.code, Code::AlertAddressInvalid | Code::AlertAddressMissing);
    let wait = usize::try_from(attempts).ok().and_then(|attempts| WAITS.get(attempts.saturating_sub(1)));
    match wait {
        Some(wait) if !needs_person => AlertAttempt::Retry { at: now + *wait, problem },
        Some(_) | None => AlertAttempt::GivenUp(problem),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_alert_is_tried_six_times_within_an_hour_and_a_half() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let waits: Vec<i64> = (1..=7)
            .map_while(|attempts| match failed(Problem::new(Code::AlertUnreachable), attempts, now) {
                AlertAttempt::Retry { at, .. } => Some((at - now).num_seconds()),
                AlertAttempt::GivenUp(_) | AlertAttempt::Delivered | AlertAttempt::Dropped => None,
            })
            .collect();
        assert_eq!(waits, [15, 60, 300, 900, 3_600]);
    }

    #[test]
    fn an_alert_without_an_address_waits_for_nothing() {
        let problem = Problem::new(Code::AlertAddressMissing);
        assert_eq!(failed(problem.clone(), 1, DateTime::UNIX_EPOCH), AlertAttempt::GivenUp(problem));
    }
}
