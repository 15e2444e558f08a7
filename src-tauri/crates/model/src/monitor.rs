//! Monitoring: what is looked at how often, what was seen over time, and what was told about it.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::budget::BudgetHold;
use crate::check::CheckId;
use crate::code::Code;
use crate::condition::Severity;
use crate::condition_role::RankedCondition;
use crate::conditions::ActiveCondition;
use crate::guide::GuideState;
use crate::problem::Problem;
use crate::reminder::{Reminder, ReminderSettings};
use crate::status::{State, Status};

/// Shortest time between looks at a real org, in seconds.
pub const FLOOR_S: u32 = 60;

/// How often and how loudly connections are watched. Times are whole seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct MonitorSettings {
    /// Between heartbeats: one cheap request of Okta.
    pub heartbeat_s: u32,
    /// Between looks at the newest events on both sides.
    pub freshness_s: u32,
    /// Between full runs of all checks.
    pub full_s: u32,
    /// How late an event may be in Radiant. Ours; Radiant publishes no figure.
    pub allowed_lag_s: u32,
    /// The most that looks may take of each of Okta's rate limits, in percent. All connections of an org share it.
    pub rate_share: u32,
    /// Whether notices are shown at all.
    pub notices: bool,
    /// Since when they are not; kept by the app, never chosen.
    pub notices_off_since: Option<DateTime<Utc>>,
    /// No notices until then.
    pub quiet_until: Option<DateTime<Utc>>,
    /// Times of planned work: what happens in them is recorded and not told.
    pub maintenance: Vec<Maintenance>,
    /// What is reminded of, and when.
    pub reminders: ReminderSettings,
}

/// Largest share of a rate limit that looks may take, in percent.
const MOST_SHARE: u32 = 50;

impl Default for MonitorSettings {
    fn default() -> Self {
        Self {
            heartbeat_s: 600,
            freshness_s: 1_800,
            full_s: 86_400,
            allowed_lag_s: 900,
            rate_share: 10,
            notices: true,
            notices_off_since: None,
            quiet_until: None,
            maintenance: Vec::new(),
            reminders: ReminderSettings::default(),
        }
    }
}

impl MonitorSettings {
    /// Settings of the practice organisation, where a person waits to see something happen.
    #[must_use]
    pub fn practice() -> Self {
        Self {
            heartbeat_s: 15,
            freshness_s: 15,
            full_s: 600,
            allowed_lag_s: 60,
            rate_share: MOST_SHARE,
            ..Self::default()
        }
    }

    /// Brings every figure into bounds: a heartbeat at most every `floor_s` seconds and at least every hour. Planned work that is
    /// alike is there once.
    #[must_use]
    pub fn bounded(self, floor_s: u32) -> Self {
        Self {
            heartbeat_s: self.heartbeat_s.clamp(floor_s, 3_600),
            freshness_s: self.freshness_s.clamp(floor_s, 21_600),
            full_s: self.full_s.clamp(floor_s.max(600), 7 * 86_400),
            allowed_lag_s: self.allowed_lag_s.clamp(floor_s, 86_400),
            rate_share: self.rate_share.clamp(1, MOST_SHARE),
            maintenance: Maintenance::in_order(self.maintenance),
            reminders: self.reminders.bounded(),
            ..self
        }
    }

    /// Notes when notices were switched off, from what was kept `before`, and lets go of planned work that is long over.
    #[must_use]
    pub fn dated(mut self, before: &Self, now: DateTime<Utc>) -> Self {
        self.maintenance.retain(|one| !one.is_long_over(now));
        let since = before.notices_off_since.filter(|_| !before.notices);
        Self { notices_off_since: (!self.notices).then(|| since.unwrap_or(now)), ..self }
    }

    /// Returns the time between heartbeats.
    #[must_use]
    pub fn heartbeat(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.heartbeat_s))
    }

    /// Returns the time between looks at the newest events.
    #[must_use]
    pub fn freshness(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.freshness_s))
    }

    /// Returns the time between full runs.
    #[must_use]
    pub fn full(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.full_s))
    }

    /// Returns how late an event may be.
    #[must_use]
    pub fn allowed_lag(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.allowed_lag_s))
    }

    /// Tells whether notices are held back at `now`: switched off, paused, or planned work.
    #[must_use]
    pub fn is_quiet(&self, now: DateTime<Utc>) -> bool {
        let planned = self.maintenance.iter().any(|one| one.from <= now && now < one.until);
        !self.notices || planned || self.quiet_until.is_some_and(|until| now < until)
    }
}

/// A time of planned work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Maintenance {
    /// Its beginning.
    pub from: DateTime<Utc>,
    /// Its end.
    pub until: DateTime<Utc>,
    /// What for, in the administrator's words.
    pub note: String,
}

/// What a look at a connection asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ProbeKind {
    /// Does Okta accept the token, is its owner active? One request.
    Heartbeat,
    /// Are Okta's newest due events in Radiant? One request of Okta, two of Radiant.
    Freshness,
    /// Every check.
    Full,
}

/// What monitoring knows of one connection.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct MonitorState {
    /// The newest look that reached Okta's door or failed at it.
    pub heartbeat: Option<DateTime<Utc>>,
    /// The newest look at both sides.
    pub freshness: Option<DateTime<Utc>>,
    /// The newest run of all checks.
    pub full: Option<DateTime<Utc>>,
    /// Since when this computer has no way to the network.
    pub offline_since: Option<DateTime<Utc>>,
    /// What stood in that way last.
    pub offline: Option<Code>,
    /// Since when checks are paused.
    pub paused_since: Option<DateTime<Utc>>,
    /// Whether all checks are wanted at the next look (new token, settings changed).
    pub wants_full: bool,
    /// What stands.
    pub standing: Vec<ActiveCondition>,
    /// What was told last.
    pub told: NotifiedState,
    /// `published` of the newest event ever seen in Okta.
    pub newest_in_okta: Option<DateTime<Utc>>,
    /// Event types that were found in Radiant. A missing event of another type is no sign of lag.
    pub carried: BTreeSet<String>,
    /// When all checks were asked last because the network had come back.
    pub came_back: Option<DateTime<Utc>>,
    /// Why the next probe waits, when one is due and the rate budget has no room for it.
    pub held: Option<BudgetHold>,
    /// How often something a look hangs on was changed by somebody else: the token, the org, the settings, a person's run of
    /// checks. A look that began before the newest change says nothing of what is there now.
    pub changed: u64,
}

impl MonitorState {
    /// Says that what is asked was changed: looks that are under way no longer count.
    #[must_use]
    pub fn change(self) -> Self {
        Self { changed: self.changed.wrapping_add(1), ..self }
    }
}

/// What was told of a connection by notices.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct NotifiedState {
    /// The severity that was told or seen last; `None` when all was well.
    pub severity: Option<Severity>,
    /// What it was.
    pub problem: Option<Problem>,
    /// Whether a notice was shown for it (and not only the window in front).
    pub aloud: bool,
    /// When the newest recovery was.
    pub recovered: Option<DateTime<Utc>>,
    /// All that was told or seen since it was well last: what comes and goes among it is not told again.
    pub since_well: BTreeSet<Code>,
}

/// Something worth a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NotificationEvent {
    /// It became worse.
    Worse {
        /// What is wrong.
        problem: Problem,
        /// The row to land on.
        row: CheckId,
        /// How grave it is.
        severity: Severity,
    },
    /// It is well again.
    Recovered {
        /// What had been told.
        problem: Problem,
    },
    /// Something becomes a risk later.
    Remind {
        /// The reminders that became due, the nearest risk first.
        reminders: Vec<Reminder>,
    },
}

/// A change of status, kept for 90 days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StatusChange {
    /// When it was seen.
    pub at: DateTime<Utc>,
    /// The new state.
    pub state: State,
    /// What is wrong, root cause only.
    pub problem: Option<Problem>,
    /// The row that found it.
    pub row: Option<CheckId>,
}

/// One hour of looks, rolled up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct HourStats {
    /// Looks that found all well.
    pub ok: u32,
    /// Looks that wanted attention.
    pub attention: u32,
    /// Looks that found ingestion stopped.
    pub stopped: u32,
    /// Looks that found no network.
    pub offline: u32,
    /// Requests made of Okta.
    pub requests: u32,
    /// How far Radiant was behind Okta at each look, in seconds, in the order seen.
    pub lags: Vec<u32>,
    /// The longest time since Okta's newest event that a look found, in seconds.
    pub longest_gap_s: Option<u32>,
    /// Least share of the System Log's rate limit that was left, in percent.
    pub least_left: Option<u32>,
}

/// Lags kept for one hour; a look every half hour leaves two.
const LAGS_KEPT: usize = 240;

impl HourStats {
    /// Adds up two parts of one hour.
    #[must_use]
    pub fn and(mut self, more: &Self) -> Self {
        self.ok += more.ok;
        self.attention += more.attention;
        self.stopped += more.stopped;
        self.offline += more.offline;
        self.requests += more.requests;
        self.lags.extend(&more.lags);
        self.lags.truncate(LAGS_KEPT);
        self.longest_gap_s = self.longest_gap_s.max(more.longest_gap_s);
        self.least_left = self.least_left.into_iter().chain(more.least_left).min();
        self
    }
}

/// One hour of a connection's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct HourPoint {
    /// The hour's beginning.
    pub from: DateTime<Utc>,
    /// What was seen in it.
    pub hour: HourStats,
}

/// How much of the history is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
}

impl Span {
    /// Returns its length.
    #[must_use]
    pub fn length(self) -> TimeDelta {
        match self {
            Self::Day => TimeDelta::hours(24),
            Self::Week => TimeDelta::days(7),
            Self::Month => TimeDelta::days(30),
        }
    }
}

/// What the window shows of monitoring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct MonitorView {
    /// The newest look.
    pub last: Option<DateTime<Utc>>,
    /// Since when this computer has no way to the network.
    pub offline_since: Option<DateTime<Utc>>,
    /// Since when checks are paused.
    pub paused_since: Option<DateTime<Utc>>,
    /// `published` of the newest event ever seen in Okta.
    pub newest_in_okta: Option<DateTime<Utc>>,
    /// What keeps a look that is due waiting.
    pub held: Option<BudgetHold>,
    /// What stands, shown or not, and what it weighs.
    pub standing: Vec<RankedCondition>,
}

impl MonitorView {
    /// Picks what the window shows beside `status`.
    #[must_use]
    pub fn of(watched: &MonitorState, status: &Status, setup: &GuideState) -> Self {
        let weighed =
            |one: &ActiveCondition| RankedCondition { condition: one.clone(), weighs: one.weighs(status, setup) };
        Self {
            last: watched.heartbeat,
            offline_since: watched.offline_since,
            paused_since: watched.paused_since,
            newest_in_okta: watched.newest_in_okta,
            held: watched.held,
            standing: watched.standing.iter().map(weighed).collect(),
        }
    }
}
