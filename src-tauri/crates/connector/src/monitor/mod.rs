//! Watching a connection after the guide: which look is due, what it leaves behind, what is worth a notice.
//!
//! A look asks as little as it can: a heartbeat is one request; what is in trouble is asked again; everything is asked once
//! a day, after a change, and when a small look found something new or that more can be asked again. What was seen becomes a
//! list of standing conditions, and those one status. Nothing here writes to Okta or Radiant, sleeps, or keeps anything: the
//! facade hands in what was kept and keeps what comes out.

mod budget;
mod due;
mod notices;
mod plan;
mod rhythm;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

pub use budget::{asked_lately, heard, spent, worth_a_word};
pub use due::{Resumed, due};
pub use notices::{NotifyContext, is_news, notice, remind};
pub use plan::{Plan, Seen, has_room, plan};
pub use rhythm::REMEMBERED;

use due::is_arrival;

use crate::probes::{self, ProbeInput, ProbeResult, RunResult};
use model::active_conditions::{ActiveCondition, merge};
use model::check::{CheckId, CheckReport, CheckRow, FactKey, Outcome};
use model::code::Code;
use model::condition_registry::{REQUESTED_PROBE_COUNT, Severity};
use model::history::{HourPoint, HourStats};
use model::monitor::{MonitorState, ProbeKind};
use model::monitor_settings::MonitorSettings;
use model::status::State;

/// Event types remembered as carried by Radiant's feed; Okta knows about a thousand.
const TYPES_KEPT: usize = 1_500;

/// What a look starts from.
pub struct Before<'a> {
    /// The newest report; a connection without one gets every check.
    pub report: Option<&'a CheckReport>,
    /// Where monitoring stands.
    pub watched: &'a MonitorState,
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
    pub watched: MonitorState,
    /// What the look adds to its hour, but for its state.
    pub hour: HourStats,
    /// Whether every check wants to be asked now ([`all`]), and not only when its time comes.
    pub wants_all: bool,
}

/// Takes one look of the given tier.
pub async fn look(input: &ProbeInput, tier: ProbeKind, before: &Before<'_>, cancel: &CancellationToken) -> After {
    let Some(report) = before.report else { return full(input, before, cancel).await };
    let mut touched = None;
    let after = match tier {
        ProbeKind::Full => return full(input, before, cancel).await,
        // A row that a small look does not ask may be the root of what it would find.
        _ if !probes::is_small_probe_safe(report) || in_trouble(before).next().is_some() => {
            again(input, report, tier, before, cancel).await
        }
        ProbeKind::Heartbeat => small(input, report, probes::heartbeat(input).await, tier, before),
        ProbeKind::Freshness => {
            let looked = probes::delivery_probe(input, owner(report)).await;
            touched = looked.rights_changed_at;
            small(input, report, looked, tier, before)
        }
    };
    let touched = touched.is_some_and(|at| before.watched.full.is_none_or(|full| at > full));
    let wants_all = touched || due::is_back(before.watched, input.handles.clock.now()) || tells_more(before, &after);
    After { wants_all: wants_all && after.watched.offline_since.is_none(), ..after }
}

/// Asks every check after a small look that found a reason to, and adds up what both saw.
pub async fn all(input: &ProbeInput, small: After, before: &Before<'_>, cancel: &CancellationToken) -> After {
    let came_back = due::is_back(before.watched, input.handles.clock.now());
    let report = small.report.as_ref().or(before.report);
    let mut all = full(input, &Before { report, watched: &small.watched, ..*before }, cancel).await;
    if came_back {
        all.watched.came_back = all.watched.heartbeat;
    }
    all.hour = small.hour.merge(&all.hour);
    all
}

/// Whether a small look found something whose root every check is asked for: something new, or that what could not be asked
/// because of another can be asked again.
fn tells_more(before: &Before<'_>, after: &After) -> bool {
    let new =
        after.watched.standing.iter().any(|one| {
            has_roots(one) && before.watched.standing.iter().all(|old| old.problem.code != one.problem.code)
        });
    new || after.report.as_ref().is_some_and(probes::may_ask_more)
}

/// The login of the token's owner, as it was seen last.
fn owner(report: &CheckReport) -> Option<&str> {
    let facts = &report.row(CheckId::Owner)?.facts;
    facts.iter().find(|fact| fact.key == FactKey::Owner).map(|fact| fact.value.as_str())
}

/// Tells whether something that was found may be the consequence of something else. What an answer of Okta's itself says of
/// its clock and its limits is not, nor is what Radiant lacks; and what weighs nothing is not worth the asking.
fn has_roots(one: &ActiveCondition) -> bool {
    let alone = matches!(one.row, CheckId::Arrival | CheckId::RateLimit | CheckId::Clock);
    !alone && one.problem.code.condition().is_some_and(|known| known.severity > Severity::Quiet)
}

/// Rows that stand in trouble and that no small look asks. Little head-room is asked about along with the System Log alone, or
/// asking would make it less; the clock is told by every answer.
fn in_trouble(before: &Before<'_>) -> impl Iterator<Item = CheckId> {
    let standing = before.watched.standing.iter().filter(|one| !is_arrival(one.row) && one.row != CheckId::Clock);
    standing.filter(|one| one.shown_severity().is_some() || one.is_pending()).map(|one| one.row)
}

/// Asks what is in trouble again, and with it all it depends on.
async fn again(
    input: &ProbeInput,
    report: &CheckReport,
    tier: ProbeKind,
    before: &Before<'_>,
    cancel: &CancellationToken,
) -> After {
    let mut only: Vec<CheckId> = in_trouble(before).collect();
    let own = if tier == ProbeKind::Freshness {
        [CheckId::Arrival, CheckId::RateLimit]
    } else {
        [CheckId::Token, CheckId::Owner]
    };
    // What the answers to these tell along the way is told as well.
    only.extend(own.into_iter().chain([CheckId::Clock]));
    let since = input.handles.clock.now();
    let ran = probes::run(input, Some(&only), Some(report), cancel, &|_| {}).await;
    settle(before, ran, Asked { tier, since, looks: 1 }, HourStats::default())
}

async fn full(input: &ProbeInput, before: &Before<'_>, cancel: &CancellationToken) -> After {
    let since = input.handles.clock.now();
    let ran = probes::run(input, None, before.report, cancel, &|_| {}).await;
    settle(before, ran, Asked { tier: ProbeKind::Full, since, looks: 1 }, HourStats::default())
}

/// Requests of Okta behind the rows that were asked since then.
fn requests(report: &CheckReport, since: DateTime<Utc>) -> u32 {
    let asked = report.rows.iter().filter(|row| row.at >= since);
    let count: usize = asked.flat_map(|row| &row.evidence).filter(|one| !one.endpoint.ends_with("_msearch")).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn small(input: &ProbeInput, report: &CheckReport, looked: ProbeResult, tier: ProbeKind, before: &Before<'_>) -> After {
    let finished = input.handles.clock.now();
    let since = looked.rows.iter().map(|row| row.at).min().unwrap_or(finished);
    let newer = CheckReport { finished, rows: looked.rows, ..report.clone() };
    let ran = RunResult { report: probes::with(report, &newer, input.history.token_since), delivery: looked.delivery };
    settle(
        before,
        ran,
        Asked { tier, since, looks: 1 },
        HourStats { least_left: looked.rate_left_percent, ..HourStats::default() },
    )
}

/// What stood in this computer's own way to the network, if anything did, among the rows asked since then.
fn offline(report: &CheckReport, since: DateTime<Utc>) -> Option<Code> {
    let asked = report.rows.iter().filter(|row| row.at >= since && row.outcome != Outcome::Passed);
    asked.filter_map(|row| row.code).find(|code| code.is_offline())
}

/// Turns a run of checks that a person asked for into what stands: it is shown at once. `all` tells whether nothing was left out.
#[must_use]
pub fn asked_for(before: &Before<'_>, ran: RunResult, all: bool, since: DateTime<Utc>) -> After {
    let tier = if all { ProbeKind::Full } else { ProbeKind::Heartbeat };
    settle(before, ran, Asked { tier, since, looks: REQUESTED_PROBE_COUNT }, HourStats::default())
}

/// What was asked, since when, and how many looks it counts for.
struct Asked {
    tier: ProbeKind,
    since: DateTime<Utc>,
    looks: u32,
}

/// Turns a report into what stands. Without a network nothing is learnt: what stood stands, and the report stays.
fn settle(before: &Before<'_>, ran: RunResult, Asked { tier, since, looks }: Asked, hour: HourStats) -> After {
    let RunResult { mut report, delivery } = ran;
    let now = report.finished;
    let mut watched = before.watched.clone();
    let mut hour = HourStats { requests: requests(&report, since), ..hour };
    watched.heartbeat = Some(now);
    if let Some(code) = offline(&report, since) {
        // What stood still stands.
        watched.offline_since = watched.offline_since.or(Some(now));
        watched.offline = Some(code);
        return After { report: None, watched, hour: HourStats { offline: 1, ..hour }, wants_all: false };
    }
    watched.offline_since = None;
    match tier {
        ProbeKind::Full => {
            watched.full = Some(now);
            watched.freshness = Some(now);
            watched.wants_full = false;
        }
        ProbeKind::Freshness => watched.freshness = Some(now),
        ProbeKind::Heartbeat => {}
    }
    // A System Log that could not be read is no silence, and is not learnt as one.
    let is_read = |row: &CheckRow| row.at >= since && probes::has_event_count(row);
    if let Some(log) = report.rows.iter_mut().find(|row| is_read(row)) {
        let newest = probes::newest_event(log).max(watched.newest_in_okta);
        hour.longest_gap_s = newest.and_then(|at| u32::try_from((now - at).num_seconds().max(0)).ok());
        if let Some((silence, longest)) = rhythm::unusual(before.hours, newest, now) {
            probes::mark_silence(log, silence, longest);
        }
        watched.newest_in_okta = newest;
    }
    hour.lags.extend(delivery.delay.and_then(|lag| u32::try_from(lag.num_seconds()).ok()));
    let types = delivery.types.into_iter().take(TYPES_KEPT.saturating_sub(watched.carried.len()));
    watched.carried.extend(types);
    watched.standing = merge(&watched.standing, &report, since, looks);
    After { report: Some(report), watched, hour, wants_all: false }
}

/// Where monitoring stands after a look that began at `began` and found `after`, when others left it at `now` meanwhile.
#[must_use]
pub fn merged(began: &MonitorState, after: MonitorState, now: MonitorState) -> MonitorState {
    let wanted_since = now.wants_full && (!began.wants_full || now.changed != began.changed);
    MonitorState {
        paused_since: now.paused_since,
        wants_full: after.wants_full || wanted_since,
        changed: now.changed,
        told: now.told,
        held: now.held,
        ..after
    }
}

/// Counts a look by the state it found.
#[must_use]
pub fn counted(hour: HourStats, state: State) -> HourStats {
    match state {
        _ if hour.offline > 0 => hour,
        State::Ok | State::Working => HourStats { ok: 1, ..hour },
        State::Attention => HourStats { attention: 1, ..hour },
        // Checks run by hand before the guide is done, or while checks are paused, are no looks of monitoring.
        State::NeedsSetup | State::Paused | State::Unwatched => hour,
        State::Stopped => HourStats { stopped: 1, ..hour },
    }
}
