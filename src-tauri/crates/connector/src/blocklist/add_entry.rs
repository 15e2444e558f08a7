//! Adds an entry to a blocklist zone.

use chrono::{DateTime, Utc};
use model::blocklist::{
    BLOCKLIST_GATEWAYS, BlockConsent, BlockOutcome, BlockResult, BlocklistZone, Interference, UnusableZone, ZONE_NAME,
};
use model::ip_range::IpRange;
use model::ip_range_set::IpRangeSet;
use okta::{Failure, NewBlocklist, Zone, ZoneAddress, ZoneId};

use super::interference;
use super::writer::{Change, ReadBack, Reply, Writer, may_need_shared_zone};
use super::zone_context::ZoneContext;
use super::zone_survey::{ZoneSurvey, snapshot, stored};

/// Times that an entry is written before the block counts as not effective.
const MAX_ATTEMPTS: u32 = 3;

pub(super) async fn block(
    access: &ZoneContext<'_>,
    range: &IpRange,
    known: Option<&BlocklistZone>,
    consent: BlockConsent,
) -> BlockOutcome {
    let survey = match access.survey().await {
        Ok(survey) => survey,
        Err(failure) => return nothing_done(failed(&failure), known.cloned()),
    };
    let exempt = survey.exempt(range);
    let result = if survey.is_certainly_exempt(range) {
        Some(BlockResult::Exempt)
    } else if survey.is_blocked(range) {
        Some(BlockResult::AlreadyBlocked { by: survey.blocking(range) })
    } else {
        None
    };
    if let Some(result) = result {
        return BlockOutcome { exempt, ..nothing_done(result, known.cloned()) };
    }
    let mut block = Block {
        writer: Writer::new(access),
        range,
        consent,
        outcome: nothing_done(BlockResult::NotEffective, known.cloned()),
    };
    block.outcome.result = block.in_known_or_new_zone(&survey, known).await;
    let Block { writer, mut outcome, .. } = block;
    outcome.interference = interference::find(access, &writer.replaced).await;
    BlockOutcome { writes: writer.writes, exempt, ..outcome }
}

/// Returns an outcome in which nothing was written.
fn nothing_done(result: BlockResult, zone: Option<BlocklistZone>) -> BlockOutcome {
    BlockOutcome {
        result,
        zone,
        before: None,
        after: None,
        writes: Vec::new(),
        interference: Interference::None,
        exempt: Vec::new(),
    }
}

fn failed(failure: &Failure) -> BlockResult {
    BlockResult::Failed { problem: failure.problem() }
}

fn unknown(failure: &Failure) -> BlockResult {
    BlockResult::Unknown { problem: failure.problem() }
}

/// One block on its way.
struct Block<'a> {
    writer: Writer<'a>,
    range: &'a IpRange,
    consent: BlockConsent,
    outcome: BlockOutcome,
}

impl Block<'_> {
    async fn in_known_or_new_zone(&mut self, survey: &ZoneSurvey, known: Option<&BlocklistZone>) -> BlockResult {
        if let Some(zone) = known.and_then(|known| survey.zone(&known.id)) {
            return self.in_zone(&zone.id).await;
        }
        // The list without the known zone proves that it is gone only if it is whole.
        match survey.obstacle() {
            Some(why) => BlockResult::Unusable { why },
            None => self.in_new_zone(survey).await,
        }
    }

    async fn in_new_zone(&mut self, survey: &ZoneSurvey) -> BlockResult {
        self.outcome.zone = None;
        let new = NewBlocklist { name: ZONE_NAME.to_owned(), gateway: ZoneAddress::new(self.range) };
        match self.writer.send(Change::Create(&new), None).await {
            Reply::Accepted(Some(zone)) => self.read_back(&zone.id, None).await,
            Reply::Accepted(None) => self.find_created(&survey.ids(), None).await,
            Reply::Lost(failure) => self.find_created(&survey.ids(), Some(failure)).await,
            Reply::Refused(failure) if may_need_shared_zone(&failure) => self.in_shared_zone(survey, &failure).await,
            Reply::Refused(failure) => failed(&failure),
        }
    }

    /// Finds the zone whose creation has no readable answer: the one with our name that was not there before.
    async fn find_created(&mut self, before: &[ZoneId], lost: Option<Failure>) -> BlockResult {
        for _ in 1..=MAX_ATTEMPTS {
            self.writer.wait().await;
            let created = match self.writer.survey().await {
                Ok(survey) => survey.created_since(before).map(|zone| zone.id.clone()),
                Err(_) => None,
            };
            if let Some(id) = created {
                return self.read_back(&id, lost).await;
            }
        }
        lost.as_ref().map_or(BlockResult::NotEffective, unknown)
    }

    async fn in_shared_zone(&mut self, survey: &ZoneSurvey, refusal: &Failure) -> BlockResult {
        match survey.shared().map(|zone| zone.id.clone()) {
            None => BlockResult::Unusable { why: UnusableZone::NoSharedZone },
            Some(_) if !self.consent.shared_zone => BlockResult::NeedsSharedZone { problem: refusal.problem() },
            Some(id) => self.in_zone(&id).await,
        }
    }

    /// Adds the entry to a zone that exists.
    async fn in_zone(&mut self, id: &ZoneId) -> BlockResult {
        for attempt in 1..=MAX_ATTEMPTS {
            if attempt > 1 {
                self.writer.wait().await;
            }
            let (zone, read_at) = match self.writer.read(id).await {
                Ok(read) => read,
                Err(failure) if self.writer.writes.is_empty() => return failed(&failure),
                Err(failure) => return unknown(&failure),
            };
            self.outcome.before.get_or_insert_with(|| snapshot(&zone, self.range));
            let wanted = match with_entry(&zone, self.range, self.parked(&zone), self.consent) {
                Ok(wanted) => wanted,
                Err(why) => return BlockResult::Unusable { why },
            };
            let lost = match self.change(&zone, &wanted, read_at).await {
                Ok(lost) => lost,
                Err(failure) => return failed(&failure),
            };
            let result = self.read_back(id, lost).await;
            if result != BlockResult::NotEffective {
                return result;
            }
        }
        BlockResult::NotEffective
    }

    /// Replaces the zone, and activates it if it was inactive. Returns the failure of a change whose answer was lost.
    async fn change(
        &mut self,
        zone: &Zone,
        wanted: &Zone,
        read_at: Option<DateTime<Utc>>,
    ) -> Result<Option<Failure>, Failure> {
        match self.writer.send(Change::Replace(wanted), read_at).await {
            Reply::Accepted(_) if zone.is_active => Ok(None),
            Reply::Accepted(_) => {
                // Whatever becomes of the activation, the entry is in the zone now.
                self.outcome.zone = Some(stored(zone, Some(*self.range)));
                self.activate(zone).await
            }
            Reply::Refused(failure) => Err(failure),
            Reply::Lost(failure) => Ok(Some(failure)),
        }
    }

    async fn activate(&mut self, zone: &Zone) -> Result<Option<Failure>, Failure> {
        match self.writer.send(Change::Activate(&zone.id), None).await {
            Reply::Accepted(_) => {
                self.outcome.zone = Some(stored(zone, None));
                Ok(None)
            }
            Reply::Refused(failure) => Err(failure),
            Reply::Lost(failure) => Ok(Some(failure)),
        }
    }

    async fn read_back(&mut self, id: &ZoneId, lost: Option<Failure>) -> BlockResult {
        let range = self.range;
        match self.writer.read_back(id, |zone| blocks(zone, range)).await {
            ReadBack::Settled(zone) => {
                self.found(&zone);
                BlockResult::Blocked
            }
            ReadBack::NotYet(zone) => {
                self.found(&zone);
                lost.as_ref().map_or(BlockResult::NotEffective, unknown)
            }
            ReadBack::Failed(failure) => unknown(&failure),
        }
    }

    /// Records the zone as it was read last. Our entry in an inactive zone is not in effect.
    fn found(&mut self, zone: &Zone) {
        let has_entry = zone.gateways.iter().any(|entry| entry.range == Some(*self.range));
        let parked = if has_entry { Some(*self.range) } else { self.parked(zone) };
        self.outcome.after = Some(snapshot(zone, self.range));
        self.outcome.zone = Some(stored(zone, parked.filter(|_| !zone.is_active)));
    }

    /// Returns the entry that is known to be ours and not in effect in a zone.
    fn parked(&self, zone: &Zone) -> Option<IpRange> {
        let known = self.outcome.zone.as_ref().filter(|known| known.id == zone.id.as_str());
        known.and_then(|known| known.parked)
    }
}

fn blocks(zone: &Zone, range: &IpRange) -> bool {
    let blocked: IpRangeSet = zone.gateways.iter().filter_map(|entry| entry.range).collect();
    zone.is_active && zone.is_blocklist && blocked.contains(range)
}

/// Returns the zone with the entry added. In an inactive zone the parked entry is left out, because it was lifted.
fn with_entry(
    zone: &Zone,
    range: &IpRange,
    parked: Option<IpRange>,
    consent: BlockConsent,
) -> Result<Zone, UnusableZone> {
    // Okta's own zones cannot be activated.
    if !zone.is_ip() || !zone.is_blocklist || (zone.is_system && !zone.is_active) {
        return Err(UnusableZone::NotABlocklist);
    }
    let mut gateways = zone.gateways.clone();
    if !zone.is_active {
        gateways.retain(|entry| entry.range.is_none() || entry.range != parked);
        if !gateways.is_empty() && !consent.reactivation {
            let entries = gateways.into_iter().map(|entry| entry.text).collect();
            return Err(UnusableZone::HasOthersEntries { entries });
        }
    }
    let entries = u32::try_from(gateways.len()).unwrap_or(u32::MAX);
    if entries >= BLOCKLIST_GATEWAYS && !zone.is_system {
        return Err(UnusableZone::Full { entries });
    }
    gateways.push(ZoneAddress::new(range));
    Ok(zone.with_gateways(gateways))
}
