//! What the relay of a connection shows.

use chrono::{DateTime, Utc};
use model::connection::ConnectionId;
use model::relay::{BackfillProgress, RelayPhase, RelayState, RelayView};
use model::relay_settings::RelaySettings;
use store::{ReadTx, StoreError};

/// Gaps that are shown.
const GAPS: u32 = 20;

/// Returns the view of a relay; of one that was never set up, the defaults.
pub(crate) fn view(
    tx: &ReadTx<'_>,
    id: &ConnectionId,
    has_token: bool,
    now: DateTime<Utc>,
) -> Result<RelayView, StoreError> {
    let Some(found) = tx.relay(id)? else { return Ok(unset(has_token)) };
    let (relay, settings, state) = (found.relay, found.settings, found.state);
    let (oldest, undeliverable) = (tx.relay_rows().oldest_waiting(relay)?, tx.relay_rows().count_undeliverable(relay)?);
    let phase = state.phase(&settings, now);
    Ok(RelayView {
        phase,
        problems: state.problems(&settings, oldest, undeliverable, now),
        backfill: backfill(&settings, &state, phase, now),
        oldest_waiting: oldest,
        undeliverable,
        gaps: tx.relay_rows().gaps(relay, GAPS)?.into_iter().filter(|gap| gap.missing != Some(0)).collect(),
        has_token,
        settings,
        state,
    })
}

fn unset(has_token: bool) -> RelayView {
    RelayView {
        settings: RelaySettings::default(),
        state: RelayState::default(),
        phase: RelayPhase::Off,
        problems: Vec::new(),
        backfill: None,
        oldest_waiting: None,
        undeliverable: 0,
        gaps: Vec::new(),
        has_token,
    }
}

/// Returns the progress of a back-fill while the relay catches up for the first time.
fn backfill(
    settings: &RelaySettings,
    state: &RelayState,
    phase: RelayPhase,
    now: DateTime<Utc>,
) -> Option<BackfillProgress> {
    let (from, started) = (settings.since?, state.started?);
    let reached = state.checkpoint.filter(|_| phase == RelayPhase::CatchingUp && state.caught_up.is_none())?;
    let whole = (now - from).num_seconds().max(1);
    let read = (reached - from).num_seconds().clamp(0, whole);
    let elapsed = (now - started).num_seconds().max(1);
    let left = (read > 0).then(|| (whole - read).saturating_mul(elapsed) / read);
    let rate = state.counters.received.saturating_mul(60) / u64::try_from(elapsed).unwrap_or(1);
    Some(BackfillProgress {
        from,
        reached,
        percent: u32::try_from(read.saturating_mul(100) / whole).unwrap_or(100),
        events_per_minute: u32::try_from(rate).unwrap_or(u32::MAX),
        seconds_left: left.and_then(|left| u32::try_from(left).ok()),
    })
}
