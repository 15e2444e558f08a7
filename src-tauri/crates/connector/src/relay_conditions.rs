//! The conditions of the relay in the status of its connection: the relay and monitoring both refresh them, so that a relay
//! that hangs, or whose process is gone, is found by monitoring.

use chrono::{DateTime, Utc};
use model::active_conditions::ActiveCondition;
use model::check::CheckId;
use model::condition_registry::REQUESTED_PROBE_COUNT;
use model::connection::ConnectionId;
use model::monitor::MonitorState;
use model::problem::Problem;
use model::relay_gap::{GapReason, RelayGap};
use model::status::Status;
use store::{ReadTx, StoreError, WriteTx};

use crate::connection_repository::Views;
use crate::probe_pass::changed;

/// The time for which a gap is shown as a condition. It stays in the list of gaps.
const GAP_DAYS: i64 = 3;
/// The newest gaps that are considered.
const MAX_GAPS: u32 = 100;

/// Returns the conditions of a connection's relay now, if they differ from those that are stored.
pub(crate) fn outdated(
    tx: &ReadTx<'_>,
    id: &ConnectionId,
    now: DateTime<Utc>,
) -> Result<Option<Vec<ActiveCondition>>, StoreError> {
    let before = tx.monitor_state(id)?.relay_conditions;
    let found: Vec<ActiveCondition> =
        problems(tx, id, now)?.into_iter().map(|problem| condition(&before, problem, now)).collect();
    // The numbers in the texts change with every event; that alone is no change.
    let codes = |conditions: &[ActiveCondition]| conditions.iter().map(|one| one.problem.code).collect::<Vec<_>>();
    Ok((codes(&found) != codes(&before)).then_some(found))
}

/// Stores the conditions of a connection's relay, and the change of status that they cause. Returns whether they changed.
pub(crate) fn refresh(tx: &mut WriteTx<'_>, views: &Views, id: &ConnectionId) -> Result<bool, StoreError> {
    let Some(found) = outdated(tx, id, views.now)? else { return Ok(false) };
    let before = renewed_status(tx, views, id)?;
    tx.update(id, |state: MonitorState| MonitorState { relay_conditions: found, ..state })?;
    let after = renewed_status(tx, views, id)?;
    if let Some(change) = changed(&before, &after, views.now) {
        tx.add_status_change(id, &change)?;
    }
    Ok(true)
}

fn renewed_status(tx: &ReadTx<'_>, views: &Views, id: &ConnectionId) -> Result<Status, StoreError> {
    let state = tx.monitor_state(id)?;
    Ok(views.of(tx, id)?.renewed_status(&state, views.status_clock()))
}

fn problems(tx: &ReadTx<'_>, id: &ConnectionId, now: DateTime<Utc>) -> Result<Vec<Problem>, StoreError> {
    let Some(found) = tx.relay(id)?.filter(|found| found.state.is_on) else { return Ok(Vec::new()) };
    let (oldest, undeliverable) =
        (tx.relay_rows().oldest_waiting(found.relay)?, tx.relay_rows().count_undeliverable(found.relay)?);
    let mut problems = found.state.problems(&found.settings, oldest, undeliverable, now);
    let gaps = tx.relay_rows().gaps(found.relay, MAX_GAPS)?;
    let is_open = |gap: &&RelayGap| {
        (now - gap.found).num_days() < GAP_DAYS && !gaps.iter().any(|compared| gap.is_settled_by(compared))
    };
    // What a comparison found was fetched.
    for reason in [GapReason::TooOld, GapReason::CursorRefused] {
        let newest = gaps.iter().filter(is_open).find(|gap| gap.reason == reason);
        problems.extend(newest.map(RelayGap::problem));
    }
    Ok(problems)
}

fn condition(before: &[ActiveCondition], problem: Problem, now: DateTime<Utc>) -> ActiveCondition {
    let since = before.iter().find(|one| one.problem.code == problem.code).map_or(now, |one| one.since);
    // Whether a problem lasts is decided by the relay, so that its conditions are shown at once.
    ActiveCondition { row: CheckId::Arrival, problem, since, probes: REQUESTED_PROBE_COUNT }
}
