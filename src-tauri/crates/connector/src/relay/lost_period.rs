//! The record of a period whose events Okta no longer had.

use chrono::{DateTime, TimeDelta, Utc};
use model::relay_gap::{GapReason, RelayGap};
use model::relay_settings::MAX_BACKFILL_DAYS;
use store::{StoreError, WriteTx};

/// Records that Okta no longer had the events of a period when the relay came back.
pub(super) fn record_lost_period(
    tx: &mut WriteTx<'_>,
    relay: i64,
    checkpoint: Option<DateTime<Utc>>,
    okta_now: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let oldest = okta_now - TimeDelta::days(MAX_BACKFILL_DAYS);
    let Some(from) = checkpoint.filter(|from| *from < oldest - TimeDelta::days(1)) else { return Ok(()) };
    let is_known =
        tx.relay_rows().gaps(relay, 1)?.iter().any(|last| last.reason == GapReason::TooOld && last.from <= from);
    if is_known {
        return Ok(());
    }
    tx.relay_changes()
        .add_gap(relay, &RelayGap { found: now, from, until: oldest, reason: GapReason::TooOld, missing: None })
}
