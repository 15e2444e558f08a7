//! One probe of a connection: the checks it runs, the conditions and the status it leaves, and the notification it causes.
//!
//! A probe asks as little as it can. A heartbeat is one request; a row with a problem is checked again; every check runs once
//! a day, after a change, and when a small probe found something new or that more can be asked again. Nothing here writes to
//! Okta or Radiant.

mod clock_offset;
mod notifications;
mod offline;
mod recorder;
mod unusual_silence;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use clock_offset::{clock_offset, newest_known};
pub(crate) use notifications::{
    NotifyContext, may_notify, next_notification, notify_by_checks, reminder_notification, take_over,
};
pub use recorder::{Audience, AudienceSource, ProbeOutcome};
pub(crate) use recorder::{ManualRun, ProbeRecord, ProbeRecorder, changed};

use crate::probes::{self, ProbeInput, ProbeResult, RunResult};
use model::active_conditions::{ActiveCondition, merge};
use model::check::{CheckId, CheckReport, CheckRow, FactKey};
use model::condition_registry::{REQUESTED_PROBE_COUNT, Severity};
use model::history::{HourPoint, HourStats};
use model::monitor::{DeliveryProof, MonitorState, ProbeKind};
use model::status::State;

/// Event types remembered as delivered to Radiant; Okta has about a thousand.
const MAX_TYPES: usize = 1_500;
/// The shortest time between two runs of every check that a wake or the return of the network causes.
pub(crate) const RESUME_INTERVAL: TimeDelta = TimeDelta::minutes(5);

/// What is known of a connection when a probe begins.
#[derive(Clone, Copy)]
pub(crate) struct ProbeContext<'a> {
    /// The newest report. Without one, a small probe wants every check.
    pub(crate) report: Option<&'a CheckReport>,
    /// The state of monitoring.
    pub(crate) state: &'a MonitorState,
    /// The hours of the last four weeks.
    pub(crate) hours: &'a [HourPoint],
}

/// What a probe leaves.
pub(crate) struct PassResult {
    /// The new report; `None` when there was no network and so nothing new was found.
    pub(crate) report: Option<CheckReport>,
    /// The new state of monitoring.
    pub(crate) state: MonitorState,
    /// What the probe adds to its hour, except for the status.
    pub(crate) hour: HourStats,
    /// Whether every check should run now ([`run_every_check`]) and not only when it is due.
    pub(crate) wants_full: bool,
}

/// Runs one probe of a kind.
pub(crate) async fn run_probe(
    input: &ProbeInput,
    kind: ProbeKind,
    before: ProbeContext<'_>,
    cancel: &CancellationToken,
) -> PassResult {
    if kind == ProbeKind::Full {
        return full(input, before, cancel).await;
    }
    let Some(report) = before.report else { return first(input, before, cancel).await };
    let mut rights_changed = None;
    let result = match kind {
        // A row that a small probe does not check may be the cause of what it would find.
        _ if !probes::is_small_probe_safe(report) || rows_with_problems(before.state).next().is_some() => {
            recheck(input, report, kind, before, cancel).await
        }
        ProbeKind::Heartbeat => from_small_probe(input, report, probes::heartbeat(input).await, kind, before),
        ProbeKind::Freshness | ProbeKind::Full => {
            let found = probes::delivery_probe(input, owner(report)).await;
            rights_changed = found.rights_changed_at;
            from_small_probe(input, report, found, kind, before)
        }
    };
    // Okta dates its events by its own clock.
    let ahead = result.report.as_ref().map(clock_offset).unwrap_or_default();
    let rights_changed = rights_changed.is_some_and(|at| before.state.full.is_none_or(|full| at > full - ahead));
    let is_back = is_back(before.state, input.handles.clock.now());
    let wants_full = rights_changed || is_back || found_more(before.state, &result);
    PassResult { wants_full: wants_full && result.state.offline_since.is_none(), ..result }
}

/// Runs every check after a small probe that wants it, and adds up both results.
pub(crate) async fn run_every_check(
    input: &ProbeInput,
    small: PassResult,
    before: ProbeContext<'_>,
    cancel: &CancellationToken,
) -> PassResult {
    let is_back = is_back(before.state, input.handles.clock.now());
    let report = small.report.as_ref().or(before.report);
    let mut all = full(input, ProbeContext { report, state: &small.state, ..before }, cancel).await;
    if is_back {
        all.state.network_restored = all.state.heartbeat;
    }
    all.hour = small.hour.merge(&all.hour);
    all
}

/// Returns what a run of checks that a person started leaves. A problem in it counts at once.
pub(crate) fn evaluate_manual_run(
    before: ProbeContext<'_>,
    result: RunResult,
    is_complete: bool,
    since: DateTime<Utc>,
) -> PassResult {
    let kind = if is_complete { ProbeKind::Full } else { ProbeKind::Heartbeat };
    evaluate(before, result, RunScope { kind, since, probes: REQUESTED_PROBE_COUNT }, HourStats::default())
}

/// Merges the state after a probe that began at `began` with what others stored meanwhile.
pub(crate) fn merge_states(began: &MonitorState, after: MonitorState, now: MonitorState) -> MonitorState {
    let requested_meanwhile =
        now.full_check_requested && (!began.full_check_requested || now.revision != began.revision);
    MonitorState {
        paused_since: now.paused_since,
        paused_until: now.paused_until,
        full_check_requested: after.full_check_requested || requested_meanwhile,
        revision: now.revision,
        notified: now.notified,
        relay_conditions: now.relay_conditions,
        relay_notified: now.relay_notified,
        hold: now.hold,
        ..after
    }
}

/// Counts a probe by the status that it found.
pub(crate) fn count_status(hour: HourStats, state: State) -> HourStats {
    match state {
        _ if hour.offline > 0 => hour,
        State::Ok => HourStats { ok: 1, ..hour },
        // Okta did not answer it.
        State::Working | State::Unknown => HourStats { offline: 1, ..hour },
        State::Attention => HourStats { attention: 1, ..hour },
        // Checks that a person runs before the guide is finished, or while checks are paused, are no probes of monitoring.
        State::NeedsSetup | State::Paused | State::Unwatched => hour,
        State::Stopped => HourStats { stopped: 1, ..hour },
    }
}

/// Tells whether a row is checked by the delivery probe and not by the heartbeat.
pub(crate) fn is_delivery_row(row: CheckId) -> bool {
    matches!(row, CheckId::Arrival | CheckId::RadiantSearch | CheckId::SystemLog | CheckId::RateLimit)
}

/// Tells whether every check may run because a probe reached Okta again: not each time that a bad network returns.
fn is_back(before: &MonitorState, now: DateTime<Utc>) -> bool {
    let is_long_ago = |last| now < last || now >= last + RESUME_INTERVAL;
    before.offline_since.is_some() && before.network_restored.is_none_or(is_long_ago)
}

/// Tells whether a small probe found something new that may have another cause, or that more can be asked again.
fn found_more(before: &MonitorState, after: &PassResult) -> bool {
    let is_new = |one: &ActiveCondition| before.conditions.iter().all(|old| old.problem.code != one.problem.code);
    after.state.conditions.iter().any(|one| may_have_other_cause(one) && is_new(one))
        || after.report.as_ref().is_some_and(probes::may_ask_more)
}

/// Returns the login of the token's owner as it was found last.
fn owner(report: &CheckReport) -> Option<&str> {
    let facts = &report.row(CheckId::Owner)?.facts;
    facts.iter().find(|fact| fact.key == FactKey::Owner).map(|fact| fact.value.as_str())
}

/// Tells whether a condition may be the consequence of another one. Okta's own clock and limits are not, nor what Radiant
/// lacks, nor a condition that does not change the status.
fn may_have_other_cause(one: &ActiveCondition) -> bool {
    let is_alone = matches!(one.row, CheckId::Arrival | CheckId::RateLimit | CheckId::Clock);
    !is_alone && one.problem.code.condition().is_some_and(|known| known.severity > Severity::Quiet)
}

/// Returns the rows with a problem that no small probe checks. Rate limits are checked together with the System Log, because
/// asking would lower them; every response has the clock.
fn rows_with_problems(before: &MonitorState) -> impl Iterator<Item = CheckId> {
    let active = before.conditions.iter().filter(|one| !is_delivery_row(one.row) && one.row != CheckId::Clock);
    active.filter(|one| one.shown_severity().is_some() || one.is_pending()).map(|one| one.row)
}

/// Checks the rows with a problem again, and everything that they depend on.
async fn recheck(
    input: &ProbeInput,
    report: &CheckReport,
    kind: ProbeKind,
    before: ProbeContext<'_>,
    cancel: &CancellationToken,
) -> PassResult {
    let mut only: Vec<CheckId> = rows_with_problems(before.state).collect();
    let own = if kind == ProbeKind::Freshness {
        [CheckId::Arrival, CheckId::RateLimit]
    } else {
        [CheckId::Token, CheckId::Owner]
    };
    // The responses to these contain the clock.
    only.extend(own.into_iter().chain([CheckId::Clock]));
    let since = input.handles.clock.now();
    let result = probes::run(input, Some(&only), Some(report), cancel, &|_| {}).await;
    evaluate(before, result, RunScope { kind, since, probes: 1 }, HourStats::default())
}

/// Checks the token without a report to go by, and wants every check.
async fn first(input: &ProbeInput, before: ProbeContext<'_>, cancel: &CancellationToken) -> PassResult {
    let now = input.handles.clock.now();
    let none = CheckReport { started: now, finished: now, rows: Vec::new(), capabilities: Vec::new() };
    let result = recheck(input, &none, ProbeKind::Heartbeat, before, cancel).await;
    PassResult { wants_full: result.state.offline_since.is_none(), ..result }
}

async fn full(input: &ProbeInput, before: ProbeContext<'_>, cancel: &CancellationToken) -> PassResult {
    let since = input.handles.clock.now();
    let result = probes::run(input, None, before.report, cancel, &|_| {}).await;
    evaluate(before, result, RunScope { kind: ProbeKind::Full, since, probes: 1 }, HourStats::default())
}

fn from_small_probe(
    input: &ProbeInput,
    report: &CheckReport,
    found: ProbeResult,
    kind: ProbeKind,
    before: ProbeContext<'_>,
) -> PassResult {
    let finished = input.handles.clock.now();
    let since = found.rows.iter().map(|row| row.at).min().unwrap_or(finished);
    let newer = CheckReport { finished, rows: found.rows, ..report.clone() };
    let report = probes::with(report, &newer, input.history.token_since);
    let hour = HourStats { least_left: found.rate_left_percent, ..HourStats::default() };
    evaluate(before, RunResult { report, delivery: found.delivery }, RunScope { kind, since, probes: 1 }, hour)
}

/// The kind of a run, its beginning, and the number of probes that it counts for.
struct RunScope {
    kind: ProbeKind,
    since: DateTime<Utc>,
    probes: u32,
}

/// Turns a report into conditions. Without a network nothing is learned: the conditions and the report stay.
fn evaluate(before: ProbeContext<'_>, result: RunResult, scope: RunScope, hour: HourStats) -> PassResult {
    let RunResult { mut report, delivery } = result;
    let RunScope { kind, since, probes } = scope;
    let now = report.finished;
    let mut state = before.state.clone();
    let mut hour = HourStats { requests: count_requests(&report, since), ..hour };
    state.heartbeat = Some(now);
    offline::attribute_to_radiant(&mut report, since);
    if let Some(code) = offline::offline_code(&report, since) {
        state.offline_since = state.offline_since.or(Some(now));
        state.offline = Some(code);
        return PassResult { report: None, state, hour: HourStats { offline: 1, ..hour }, wants_full: false };
    }
    state.offline_since = None;
    state.answered = report.answer_times().filter(|at| *at >= since).max().or(state.answered);
    match kind {
        ProbeKind::Full => {
            state.full = Some(now);
            state.delivery = Some(now);
            state.full_check_requested = false;
        }
        ProbeKind::Freshness => state.delivery = Some(now),
        ProbeKind::Heartbeat => {}
    }
    let okta_now = now - clock_offset(&report);
    // A System Log that could not be read is not silent.
    let is_read = |row: &CheckRow| row.at >= since && probes::has_event_count(row);
    if let Some(log) = report.rows.iter_mut().find(|row| is_read(row)) {
        let newest = newest_known(probes::newest_event(log), state.newest_in_okta, okta_now);
        hour.longest_gap_s = newest.and_then(|at| u32::try_from((okta_now - at).num_seconds().max(0)).ok());
        if let Some((silence, longest)) = unusual_silence::unusual(before.hours, newest, okta_now) {
            probes::mark_silence(log, silence, longest);
        }
        state.newest_in_okta = newest;
    }
    if let Some(row) = report.row(CheckId::Arrival).filter(|row| row.at >= since) {
        state.delivery_proof = DeliveryProof::after(state.delivery_proof, row.outcome, row.at);
    }
    hour.delays.extend(delivery.delay.and_then(|delay| u32::try_from(delay.num_seconds()).ok()));
    let types = delivery.types.into_iter().take(MAX_TYPES.saturating_sub(state.delivered_types.len()));
    state.delivered_types.extend(types);
    state.conditions = merge(&state.conditions, &report, since, probes);
    PassResult { report: Some(report), state, hour, wants_full: false }
}

/// Returns the number of requests to Okta behind the rows that were checked since then.
fn count_requests(report: &CheckReport, since: DateTime<Utc>) -> u32 {
    let checked = report.rows.iter().filter(|row| row.at >= since);
    let count: usize = checked.flat_map(|row| &row.evidence).filter(|one| !one.endpoint.ends_with("_msearch")).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}
