//! Watching a connection after the guide: which look is due, what it leaves behind, what is worth a notice.
//!
//! A look asks as little as it can: a heartbeat is one request; what is in trouble is asked again; everything is asked once
//! a day and after a change. What was seen becomes a list of standing conditions, and those one status. Nothing here writes
//! to Okta or Radiant, sleeps, or keeps anything: the facade hands in what was kept and keeps what comes out.

mod budget;
mod due;
mod notices;
mod plan;
mod rhythm;
#[cfg(test)]
mod weeks;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

pub use budget::{heard, spent};
pub use due::{Stirred, due};
pub use notices::{Around, notice, remind};
pub use plan::{Plan, Seen, plan};
pub use rhythm::REMEMBERED;

use due::is_arrival;

use crate::checks::{self, Looked, Questions};
use crate::model::{
    CheckId, CheckReport, CheckRow, Code, FactKey, Hour, HourPoint, MonitorSettings, Outcome, State, Tier, Watched,
    carry,
};

/// Event types remembered as carried by Radiant's feed; Okta knows about a thousand.
const TYPES_KEPT: usize = 1_500;

/// What a look starts from.
pub struct Before<'a> {
    /// The newest report; a connection without one gets every check.
    pub report: Option<&'a CheckReport>,
    /// Where monitoring stands.
    pub watched: &'a Watched,
    /// How often to look.
    pub settings: &'a MonitorSettings,
    /// The hours of the last four weeks.
    pub hours: &'a [HourPoint],
}

/// What a look left.
pub struct After {
    /// The new report; `None` when there was no network, and so nothing new to say.
    pub report: Option<CheckReport>,
    /// Where monitoring stands now.
    pub watched: Watched,
    /// What the look adds to its hour, but for its state.
    pub hour: Hour,
}

/// Takes one look of the given tier.
pub async fn look(questions: &Questions, tier: Tier, before: Before<'_>, cancel: &CancellationToken) -> After {
    let Some(report) = before.report else { return full(questions, &before, cancel).await };
    let mut touched = None;
    let after = match tier {
        Tier::Full => full(questions, &before, cancel).await,
        // A row that a small look does not ask may be the root of what it would find.
        _ if !checks::may_look(report) || in_trouble(&before, tier).next().is_some() => {
            again(questions, report, tier, &before, cancel).await
        }
        Tier::Heartbeat => {
            let looked = checks::heartbeat(questions).await;
            small(questions.clock.now(), report, looked, tier, &before)
        }
        Tier::Freshness => {
            let allowed = before.settings.allowed_lag();
            let looked = checks::freshness(questions, allowed, &before.watched.carried, owner(report)).await;
            touched = looked.rights_touched;
            small(questions.clock.now(), report, looked, tier, &before)
        }
    };
    // A small look that found something new asks everything at once, so that the root cause is told; so does one that found
    // an event after which the token's rights may be others, and one before which nothing could be asked for want of a token.
    let new = after.watched.standing.iter().any(|one| {
        one.row != CheckId::Arrival && before.watched.standing.iter().all(|old| old.problem.code != one.problem.code)
    });
    let was_offline = before.watched.offline_since.is_some();
    let reached = after.watched.offline_since.is_none();
    let came_back = was_offline && due::may_ask_all_again(before.watched, questions.clock.now());
    let touched = touched.is_some_and(|at| before.watched.full.is_none_or(|full| at > full));
    let opened = is_shut(before.watched) && !is_shut(&after.watched);
    if tier != Tier::Full && reached && (new || touched || came_back || opened) {
        let report = after.report.as_ref().or(before.report);
        let mut all = full(questions, &Before { report, watched: &after.watched, ..before }, cancel).await;
        if came_back {
            all.watched.came_back = all.watched.heartbeat;
        }
        all.hour.requests += after.hour.requests;
        return all;
    }
    after
}

/// Tells whether the keychain hands nothing out.
fn is_shut(watched: &Watched) -> bool {
    watched.standing.iter().any(|one| one.row == CheckId::Keychain && one.problem.code.is_keychain())
}

/// The login of the token's owner, as it was seen last.
fn owner(report: &CheckReport) -> Option<&str> {
    let facts = &report.row(CheckId::Owner)?.facts;
    facts.iter().find(|fact| fact.key == FactKey::Owner).map(|fact| fact.value.as_str())
}

/// Rows that stand in trouble and are not asked by the look itself. Little head-room is asked about along with the System Log
/// alone, or asking would make it less.
fn in_trouble(before: &Before<'_>, tier: Tier) -> impl Iterator<Item = CheckId> {
    let asked = move |row| if row == CheckId::RateLimit { tier != Tier::Freshness } else { is_arrival(row) };
    let standing = before.watched.standing.iter().filter(move |one| !asked(one.row));
    standing.filter(|one| one.shown().is_some() || one.is_pending()).map(|one| one.row)
}

/// Asks what is in trouble again, and with it all it depends on.
async fn again(
    q: &Questions,
    report: &CheckReport,
    tier: Tier,
    before: &Before<'_>,
    cancel: &CancellationToken,
) -> After {
    let mut only: Vec<CheckId> = in_trouble(before, tier).collect();
    only.push(if tier == Tier::Freshness { CheckId::Arrival } else { CheckId::Token });
    let since = q.clock.now();
    let report = checks::run(q, Some(&only), Some(report), cancel, &|_| {}).await;
    let requests = requests(&report, since);
    settle(before, report, tier, since, Hour { requests, ..Hour::default() })
}

async fn full(q: &Questions, before: &Before<'_>, cancel: &CancellationToken) -> After {
    let since = q.clock.now();
    let report = checks::run(q, None, before.report, cancel, &|_| {}).await;
    let requests = requests(&report, since);
    settle(before, report, Tier::Full, since, Hour { requests, ..Hour::default() })
}

/// Requests of Okta behind the rows that were asked since then.
fn requests(report: &CheckReport, since: DateTime<Utc>) -> u32 {
    let asked = report.rows.iter().filter(|row| row.at >= since);
    let count: usize = asked.flat_map(|row| &row.evidence).filter(|one| !one.endpoint.ends_with("_msearch")).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn small(now: DateTime<Utc>, report: &CheckReport, looked: Looked, tier: Tier, before: &Before<'_>) -> After {
    let since = looked.rows.iter().map(|row| row.at).min().unwrap_or(now);
    let newest = looked.newest_in_okta.max(before.watched.newest_in_okta);
    let gap = newest.filter(|_| tier == Tier::Freshness).map(|at| (now - at).max(TimeDelta::zero()));
    let hour = Hour {
        requests: looked.okta_requests,
        lags: looked.lag.and_then(|lag| u32::try_from(lag.num_seconds()).ok()).into_iter().collect(),
        longest_gap_s: gap.and_then(|gap| u32::try_from(gap.num_seconds()).ok()),
        least_left: looked.left,
        ..Hour::default()
    };
    let mut rows = looked.rows;
    if let Some((silence, longest)) = rhythm::unusual(before.hours, newest, now) {
        let log = rows.iter_mut().find(|row| row.check == CheckId::SystemLog && row.outcome != Outcome::Failed);
        log.into_iter().for_each(|row| checks::quiet(row, silence, longest));
    }
    let mut after = settle(before, with(report, rows, now), tier, since, hour);
    after.watched.newest_in_okta = newest;
    let types = looked.types.into_iter().take(TYPES_KEPT.saturating_sub(after.watched.carried.len()));
    after.watched.carried.extend(types);
    after
}

/// The report with these rows in the place of the old ones.
fn with(report: &CheckReport, rows: Vec<CheckRow>, now: DateTime<Utc>) -> CheckReport {
    let mut new = report.clone();
    new.rows.retain(|old| rows.iter().all(|row| row.check != old.check));
    new.rows.extend(rows);
    new.rows.sort_by_key(|row| row.check);
    new.finished = now;
    new
}

/// What stood in this computer's own way to the network, if anything did, among the rows asked since then.
#[must_use]
pub fn offline(report: &CheckReport, since: DateTime<Utc>) -> Option<Code> {
    let asked = report.rows.iter().filter(|row| row.at >= since && row.outcome != Outcome::Passed);
    asked.filter_map(|row| row.code).find(|code| code.is_offline())
}

/// Without a network nothing is learnt of Okta or Radiant: what stood still stands.
#[must_use]
pub fn went_offline(watched: Watched, code: Code, now: DateTime<Utc>) -> Watched {
    Watched { offline_since: watched.offline_since.or(Some(now)), offline: Some(code), ..watched }
}

/// Turns a report into what stands. Without a network nothing is learnt: what stood stands, and the report stays.
fn settle(before: &Before<'_>, report: CheckReport, tier: Tier, since: DateTime<Utc>, hour: Hour) -> After {
    let now = report.finished;
    let mut watched = before.watched.clone();
    watched.heartbeat = Some(now);
    if let Some(code) = offline(&report, since) {
        watched = went_offline(watched, code, now);
        return After { report: None, watched, hour: Hour { offline: 1, ..hour } };
    }
    watched.offline_since = None;
    match tier {
        Tier::Full => {
            watched.full = Some(now);
            watched.freshness = Some(now);
            watched.wants_full = false;
        }
        Tier::Freshness => watched.freshness = Some(now),
        Tier::Heartbeat => {}
    }
    watched.standing = carry(&watched.standing, &report, since, 1);
    After { report: Some(report), watched, hour }
}

/// Counts a look by the state it found.
#[must_use]
pub fn counted(hour: Hour, state: State) -> Hour {
    match state {
        _ if hour.offline > 0 => hour,
        State::Ok | State::Working => Hour { ok: 1, ..hour },
        State::Attention => Hour { attention: 1, ..hour },
        // Checks run by hand before the guide is done, or while checks are paused, are no looks of monitoring.
        State::NeedsSetup | State::Paused | State::Unwatched => hour,
        State::Stopped => Hour { stopped: 1, ..hour },
    }
}
