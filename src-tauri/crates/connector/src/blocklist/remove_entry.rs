//! Removes our entry from a blocklist zone.

use chrono::{DateTime, Utc};
use model::blocklist::{BlocklistZone, Interference, UnblockOutcome, UnblockResult};
use model::ip_range::IpRange;
use okta::{Failure, Zone, ZoneId};

use super::interference;
use super::writer::{Change, ReadBack, Reply, Writer, is_missing};
use super::zone_context::ZoneContext;
use super::zone_survey::{snapshot, stored};

/// Times that an entry is removed before the unblock counts as not effective.
const MAX_ATTEMPTS: u32 = 3;

pub(super) async fn unblock(access: &ZoneContext<'_>, range: &IpRange, known: &BlocklistZone) -> UnblockOutcome {
    let outcome = UnblockOutcome {
        result: UnblockResult::AlreadyGone,
        zone: known.clone(),
        before: None,
        after: None,
        writes: Vec::new(),
        interference: Interference::None,
        still_blocked_by: None,
    };
    let mut unblock =
        Unblock { writer: Writer::new(access), range, entries_left: None, was_deactivated: false, outcome };
    if let Some(id) = ZoneId::parse(&known.id) {
        unblock.outcome.result = unblock.remove_from(&id).await;
    }
    let Unblock { writer, mut outcome, .. } = unblock;
    outcome.interference = interference::find(access, &writer.replaced).await;
    outcome.still_blocked_by = access.survey().await.ok().map(|survey| survey.blocking(range));
    UnblockOutcome { writes: writer.writes, ..outcome }
}

fn unknown(failure: &Failure) -> UnblockResult {
    UnblockResult::Unknown { problem: failure.problem() }
}

fn failed(failure: &Failure) -> UnblockResult {
    UnblockResult::Failed { problem: failure.problem() }
}

/// One unblock on its way.
struct Unblock<'a> {
    writer: Writer<'a>,
    range: &'a IpRange,
    /// How many equal entries stay: one is ours, another one is of somebody else.
    entries_left: Option<usize>,
    /// Whether the zone was deactivated on the way, so that it has to be activated if others use it.
    was_deactivated: bool,
    outcome: UnblockOutcome,
}

impl Unblock<'_> {
    async fn remove_from(&mut self, id: &ZoneId) -> UnblockResult {
        for attempt in 1..=MAX_ATTEMPTS {
            if attempt > 1 {
                self.writer.wait().await;
            }
            let (zone, read_at) = match self.writer.read(id).await {
                Ok(read) => read,
                Err(failure) if is_missing(&failure) => return self.gone(),
                Err(failure) if self.writer.writes.is_empty() => return failed(&failure),
                Err(failure) => return unknown(&failure),
            };
            self.outcome.before.get_or_insert_with(|| snapshot(&zone, self.range));
            let Some(change) = self.next_change(&zone) else {
                self.found(&zone);
                return self.gone();
            };
            let lost = match self.change(&zone, change, read_at).await {
                Ok(lost) => lost,
                Err(failure) => return failed(&failure),
            };
            let result = self.read_back(id, lost).await;
            if result != UnblockResult::NotEffective {
                return result;
            }
        }
        UnblockResult::NotEffective
    }

    /// Returns the result when there is nothing to remove: by us, or before.
    fn gone(&self) -> UnblockResult {
        if self.writer.writes.is_empty() { UnblockResult::AlreadyGone } else { UnblockResult::Unblocked }
    }

    /// Returns the next change; `None` if our entry is not in effect. The last entry of our own zone stays in it, inactive: Okta
    /// has no IP zone without an entry (HELP create-ip-zone).
    fn next_change(&mut self, zone: &Zone) -> Option<NextChange> {
        let equal = count(zone, self.range);
        let left = *self.entries_left.get_or_insert_with(|| equal.saturating_sub(1));
        let is_last = zone.gateways.len() == 1 && !zone.is_system;
        match (equal > left, is_last) {
            // Others began to use the zone while it was deactivated.
            (false, _) if self.was_deactivated && !zone.is_active && !zone.gateways.is_empty() => {
                Some(NextChange::Activate)
            }
            (false, _) => None,
            (true, true) => zone.is_active.then_some(NextChange::Deactivate),
            (true, false) => Some(NextChange::Replace),
        }
    }

    /// Sends a change. Returns the failure of one whose answer was lost.
    async fn change(
        &mut self,
        zone: &Zone,
        change: NextChange,
        read_at: Option<DateTime<Utc>>,
    ) -> Result<Option<Failure>, Failure> {
        let reply = match change {
            NextChange::Deactivate => {
                self.was_deactivated = true;
                self.writer.send(Change::Deactivate(&zone.id), None).await
            }
            NextChange::Activate => self.writer.send(Change::Activate(&zone.id), None).await,
            NextChange::Replace => self.writer.send(Change::Replace(&without_entry(zone, self.range)), read_at).await,
        };
        if change == NextChange::Deactivate && !matches!(reply, Reply::Refused(_)) {
            // Stored also if the zone cannot be read afterwards.
            self.outcome.zone.parked = Some(*self.range);
        }
        match reply {
            Reply::Accepted(_) => Ok(None),
            Reply::Refused(failure) => Err(failure),
            Reply::Lost(failure) => Ok(Some(failure)),
        }
    }

    async fn read_back(&mut self, id: &ZoneId, lost: Option<Failure>) -> UnblockResult {
        let (range, left, was_deactivated) = (self.range, self.entries_left.unwrap_or_default(), self.was_deactivated);
        let is_done = |zone: &Zone| match zone.is_active {
            true => count(zone, range) <= left,
            false => !was_deactivated || zone.gateways.len() <= 1,
        };
        match self.writer.read_back(id, is_done).await {
            ReadBack::Settled(zone) => {
                self.found(&zone);
                UnblockResult::Unblocked
            }
            ReadBack::NotYet(zone) => {
                self.found(&zone);
                lost.as_ref().map_or(UnblockResult::NotEffective, unknown)
            }
            ReadBack::Failed(failure) if is_missing(&failure) => UnblockResult::Unblocked,
            ReadBack::Failed(failure) => unknown(&failure),
        }
    }

    /// Records the zone as it was read last.
    fn found(&mut self, zone: &Zone) {
        let parked = if count(zone, self.range) > 0 { Some(*self.range) } else { self.outcome.zone.parked };
        self.outcome.after = Some(snapshot(zone, self.range));
        self.outcome.zone = stored(zone, parked.filter(|_| !zone.is_active));
    }
}

/// The next step of an unblock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NextChange {
    Replace,
    Deactivate,
    Activate,
}

/// Returns how many entries have exactly these addresses, in whatever notation.
fn count(zone: &Zone, range: &IpRange) -> usize {
    zone.gateways.iter().filter(|entry| entry.range == Some(*range)).count()
}

/// Returns the zone without the last entry with exactly these addresses.
fn without_entry(zone: &Zone, range: &IpRange) -> Zone {
    let mut gateways = zone.gateways.clone();
    if let Some(place) = gateways.iter().rposition(|entry| entry.range == Some(*range)) {
        gateways.remove(place);
    }
    zone.with_gateways(gateways)
}
