//! State of the relay: what it read and delivered, what waits, and why it waits.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::code::Code;
use crate::problem::Problem;
use crate::relay_gap::RelayGap;
use crate::relay_settings::RelaySettings;

/// The shortest time without a successful read after which the relay counts as stopped.
const MIN_SILENCE: TimeDelta = TimeDelta::minutes(10);
/// The number of intervals without a successful read after which it counts as stopped.
const SILENT_INTERVALS: i32 = 5;
/// The age of the oldest waiting event from which the relay counts as behind.
const MAX_WAIT: TimeDelta = TimeDelta::minutes(15);

/// The time for which a problem that often passes by itself is not shown.
const PASSING: TimeDelta = TimeDelta::minutes(5);

/// Why the relay waits: a problem that lasts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RelayHold {
    /// The problem.
    pub problem: Problem,
    /// Since when it lasts.
    pub since: DateTime<Utc>,
    /// The number of attempts that failed.
    pub attempts: u32,
}

/// Numbers since the relay was switched on for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct RelayCounters {
    /// Events that Okta returned for the first time.
    #[specta(type = f64)]
    pub received: u64,
    /// Events that Okta returned again.
    #[specta(type = f64)]
    pub duplicates: u64,
    /// Entries that are no events with a `uuid`.
    #[specta(type = f64)]
    pub unreadable: u64,
    /// Events that Radiant accepted.
    #[specta(type = f64)]
    pub delivered: u64,
    /// Events that were set aside.
    #[specta(type = f64)]
    pub set_aside: u64,
    /// Requests to Okta.
    #[specta(type = f64)]
    pub okta_requests: u64,
    /// Requests to Radiant.
    #[specta(type = f64)]
    pub radiant_requests: u64,
}

/// What is stored of one connection's relay besides its settings and its events.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct RelayState {
    /// Whether it is switched on.
    pub is_on: bool,
    /// Whether a person paused it.
    pub is_paused: bool,
    /// When it was switched on.
    pub started: Option<DateTime<Utc>>,
    /// When Okta was read last with success.
    pub polled: Option<DateTime<Utc>>,
    /// The time, by Okta's clock, up to which every event is certainly stored. A read without a cursor begins there.
    pub checkpoint: Option<DateTime<Utc>>,
    /// When everything was read last.
    pub caught_up: Option<DateTime<Utc>>,
    /// When Radiant accepted events last.
    pub delivered: Option<DateTime<Utc>>,
    /// The time from an event in Okta to its acceptance by Radiant, in milliseconds, of the newest delivery.
    #[specta(type = Option<f64>)]
    pub delay_ms: Option<u64>,
    /// The numbers.
    pub counters: RelayCounters,
    /// Events that wait for delivery.
    #[specta(type = f64)]
    pub backlog_events: u64,
    /// Their bytes before compression.
    #[specta(type = f64)]
    pub backlog_bytes: u64,
    /// Requests to Okta in the window of its limit in which it was read last.
    pub recent_requests: u32,
    /// Why reading waits.
    pub poll_hold: Option<RelayHold>,
    /// Why delivery waits.
    pub delivery_hold: Option<RelayHold>,
}

/// The progress of a back-fill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct BackfillProgress {
    /// Its beginning.
    pub from: DateTime<Utc>,
    /// How far the log is read.
    pub reached: DateTime<Utc>,
    /// The part that is read, in percent of the time.
    pub percent: u32,
    /// Events per minute.
    pub events_per_minute: u32,
    /// Seconds left at this rate.
    pub seconds_left: Option<u32>,
}

/// The one word for what the relay does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RelayPhase {
    /// Switched off.
    Off,
    /// Paused by a person.
    Paused,
    /// Switched on, nothing read yet.
    Starting,
    /// Reading what was logged before.
    CatchingUp,
    /// Everything is read and delivered.
    CaughtUp,
    /// Everything is read; events wait for delivery.
    Delivering,
    /// Reading waits because Okta refuses.
    HeldByOkta,
    /// Delivery waits because Radiant refuses.
    HeldByRadiant,
    /// Reading waits because the backlog reached its bound.
    Full,
    /// Nothing was read for too long, whatever the reason.
    Stopped,
}

/// An event that is kept apart because Radiant does not take it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct UndeliverableEvent {
    /// Identifies it.
    #[specta(type = f64)]
    pub number: i64,
    /// The event's `uuid`, if it has one.
    pub uuid: Option<String>,
    /// The event's time as Okta wrote it.
    pub published: Option<String>,
    /// When it was set aside.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: UndeliverableReason,
    /// The HTTP status of the last refusal.
    pub status: Option<u16>,
    /// Its size in bytes.
    #[specta(type = f64)]
    pub bytes: u64,
}

/// Why an event was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, strum::IntoStaticStr, strum::EnumString)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum UndeliverableReason {
    /// Radiant refuses it every time.
    Rejected,
    /// It alone is larger than Radiant takes.
    TooLarge,
    /// It is not JSON.
    NotJson,
}

/// One page of undeliverable events, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct UndeliverablePage {
    /// The events.
    #[serde(rename = "letters")]
    pub events: Vec<UndeliverableEvent>,
    /// The number of all.
    #[specta(type = f64)]
    pub total: u64,
}

/// What the relay of a connection shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RelayView {
    /// The settings.
    pub settings: RelaySettings,
    /// The state.
    pub state: RelayState,
    /// The one word for what it does.
    pub phase: RelayPhase,
    /// What needs attention, the most severe first.
    pub problems: Vec<Problem>,
    /// The progress of a back-fill, while there is one.
    pub backfill: Option<BackfillProgress>,
    /// The time of the oldest waiting event.
    pub oldest_waiting: Option<DateTime<Utc>>,
    /// Undeliverable events.
    #[serde(rename = "dead_letters")]
    #[specta(type = f64)]
    pub undeliverable: u64,
    /// The newest gaps.
    pub gaps: Vec<RelayGap>,
    /// Whether the webhook's token is kept.
    pub has_token: bool,
}

/// Room on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct RelayDiskUse {
    /// Bytes that the waiting events take, compressed.
    #[specta(type = f64)]
    pub backlog_bytes: u64,
    /// Bytes that undeliverable events take.
    #[serde(rename = "dead_letter_bytes")]
    #[specta(type = f64)]
    pub undeliverable_bytes: u64,
    /// Remembered `uuid`s.
    #[specta(type = f64)]
    pub remembered: u64,
    /// Bytes that the `uuid`s take, estimated.
    #[specta(type = f64)]
    pub remembered_bytes: u64,
    /// Bytes that the bound of the backlog allows at most.
    #[specta(type = f64)]
    pub bound_bytes: u64,
}

/// One hour of a comparison with Okta.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AuditedHour {
    /// The beginning of the hour.
    pub from: DateTime<Utc>,
    /// Events that Okta has.
    pub okta: u32,
    /// Events of them that the relay has.
    pub relayed: u32,
}

/// The result of a comparison with Okta.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct GapAudit {
    /// The hours, the oldest first.
    pub hours: Vec<AuditedHour>,
    /// Missing events, which were added to the backlog.
    pub repaired: u32,
    /// Whether the whole period was compared.
    pub is_complete: bool,
}

/// The size of the test event's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TestEvent {
    /// Its `uuid`, by which Radiant is searched.
    pub uuid: String,
    /// When Radiant accepted it.
    pub accepted: DateTime<Utc>,
    /// The HTTP status.
    pub status: u16,
}

impl RelayState {
    /// Returns the one word for what the relay does.
    #[must_use]
    pub fn phase(&self, settings: &RelaySettings, now: DateTime<Utc>) -> RelayPhase {
        if !self.is_on || self.is_forbidden() {
            RelayPhase::Off
        } else if self.is_paused {
            RelayPhase::Paused
        } else if self.poll_hold.as_ref().is_some_and(|hold| is_refusal(hold.problem.code)) {
            RelayPhase::HeldByOkta
        } else if self.delivery_hold.as_ref().is_some_and(|hold| is_refusal(hold.problem.code)) {
            RelayPhase::HeldByRadiant
        } else if self.backlog_bytes >= settings.max_backlog_bytes() {
            RelayPhase::Full
        } else if self.is_silent(settings, now) {
            RelayPhase::Stopped
        } else if self.polled.is_none() {
            RelayPhase::Starting
        } else if self.caught_up.is_none() || self.caught_up < self.polled {
            RelayPhase::CatchingUp
        } else if self.backlog_events > 0 {
            RelayPhase::Delivering
        } else {
            RelayPhase::CaughtUp
        }
    }

    /// Returns the requests to Okta within the last minute, as far as they are known: others would take them for those of
    /// another reader.
    #[must_use]
    pub fn requests_within_a_minute(&self, now: DateTime<Utc>) -> u32 {
        let is_recent = self.polled.is_some_and(|at| (0..60).contains(&(now - at).num_seconds()));
        if is_recent { self.recent_requests } else { 0 }
    }

    /// Returns whether the policy forbids it. It does not run then, although it is switched on.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.poll_hold.as_ref().is_some_and(|hold| hold.problem.code == Code::RelayForbidden)
    }

    /// Returns whether nothing was read for too long, whatever the reason.
    #[must_use]
    pub fn is_silent(&self, settings: &RelaySettings, now: DateTime<Utc>) -> bool {
        let interval = TimeDelta::seconds(i64::from(settings.poll_seconds));
        let last = self.polled.max(self.started);
        last.is_some_and(|last| now - last > MIN_SILENCE.max(interval * SILENT_INTERVALS))
    }

    /// Returns what needs attention, the most severe first.
    #[must_use]
    pub fn problems(
        &self,
        settings: &RelaySettings,
        oldest: Option<DateTime<Utc>>,
        undeliverable: u64,
        now: DateTime<Utc>,
    ) -> Vec<Problem> {
        if self.is_on && self.is_forbidden() {
            // It does nothing else that could need attention.
            return vec![Problem::new(Code::RelayForbidden)];
        }
        if !self.is_on || self.is_paused {
            return Vec::new();
        }
        let mut found = Vec::new();
        let is_full = self.backlog_bytes >= settings.max_backlog_bytes();
        // Where the reason is known and needs somebody, it says more.
        let is_explained = is_full || self.poll_hold.as_ref().is_some_and(|hold| is_refusal(hold.problem.code));
        if self.is_silent(settings, now) && !is_explained {
            found.push(Problem::new(Code::RelayStopped));
        }
        let holds = [&self.poll_hold, &self.delivery_hold].into_iter().flatten();
        let lasts = |hold: &&RelayHold| is_refusal(hold.problem.code) || now - hold.since > PASSING;
        found.extend(holds.filter(lasts).map(|hold| hold.problem.clone()));
        if is_full {
            found.push(Problem::new(Code::RelayBacklogFull).arg("count", self.backlog_events.to_string()));
        }
        if let Some(minutes) = oldest.map(|at| now - at).filter(|age| *age > MAX_WAIT).map(|age| age.num_minutes()) {
            let problem = Problem::new(Code::RelayBehind).arg("minutes", minutes.to_string());
            found.push(problem.arg("count", self.backlog_events.to_string()));
        }
        if undeliverable > 0 {
            found.push(Problem::new(Code::RelayDeadLetters).arg("count", undeliverable.to_string()));
        }
        found
    }
}

/// Returns whether a problem holds the relay until somebody acts, in contrast to one that passes.
fn is_refusal(code: Code) -> bool {
    code.is_refusal()
        || matches!(
            code,
            Code::RelayHeld
                | Code::RelayEverythingRejected
                | Code::EventsWebhookTokenMissing
                | Code::TokenRefused
                | Code::TokenNotAccepted
                | Code::TokenMissing
                | Code::NextLinkForeign
                | Code::RedirectRefused
                | Code::TlsInspected
                | Code::RadiantTlsInspected
        )
}
