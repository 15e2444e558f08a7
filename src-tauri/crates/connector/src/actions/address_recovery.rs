//! Finds out what became of an interrupted block or unblock.

use model::action::{ActionPart, TargetState};
use model::action_audit::AuditEntry;
use model::action_run::{ActionOutcome, PartResult};
use model::blocklist::{BlocklistZone, ZONE_NAME};
use model::code::Code;
use model::ip_range::IpRange;
use model::problem::Problem;

use super::acting::Acting;
use super::addresses::{AddressActions, state, zone_of};
use super::blocklist_memory::BlocklistMemory;
use super::recovery::{LOG_DELAY, PAUSE};
use crate::blocklist::ZoneSurvey;

/// Whether an interrupted run created a zone.
enum Created {
    Zone(BlocklistZone),
    None,
    /// The zone is there, and the System Log does not say yet who created it, or the zones were not all read.
    NotKnownYet,
}

impl AddressActions {
    /// Finds out what became of an interrupted block or unblock; `None` if nothing can be said yet. With `wait` it waits until
    /// the System Log is certain.
    pub(super) async fn recovered_address(
        &self,
        acting: &Acting,
        entry: &AuditEntry,
        range: &str,
        wait: bool,
    ) -> Option<(Vec<PartResult>, TargetState)> {
        let Ok(range) = IpRange::parse(range) else {
            let parts = entry.opening.parts.iter().map(|part| part_result(*part, ActionOutcome::Unknown));
            return Some((parts.collect(), TargetState::Unknown));
        };
        let mut memory = BlocklistMemory::read(&self.journal.records, &acting.connection.id).await.ok()?;
        let survey = self.survey(acting).await.ok()?;
        if zone_of(entry, &memory).is_none() {
            match self.created_zone(acting, entry, &survey, &range, wait).await {
                Created::Zone(zone) => {
                    memory.zone = Some(zone);
                    self.keep(acting, memory.clone()).await;
                }
                Created::None => {}
                Created::NotKnownYet => return None,
            }
        }
        let after = state(&survey, zone_of(entry, &memory).as_ref(), &range);
        let has_entry = matches!(after, TargetState::Address { has_entry: true, .. });
        let had_entry = matches!(entry.opening.before, TargetState::Address { has_entry: true, .. });
        let result = |part: &ActionPart| {
            let is_done = match part {
                ActionPart::RemoveFromZone => !has_entry,
                ActionPart::AddToZone
                | ActionPart::Suspend
                | ActionPart::Unsuspend
                | ActionPart::EndSessions
                | ActionPart::ExpirePassword
                | ActionPart::ResetFactors => has_entry,
            };
            let outcome = match is_done {
                true if has_entry == had_entry => ActionOutcome::NothingToDo,
                true => ActionOutcome::Done,
                false => ActionOutcome::Failed,
            };
            part_result(*part, outcome)
        };
        Some((entry.opening.parts.iter().map(result).collect(), after))
    }

    /// Finds the zone that an interrupted run created before it could store its id: it has our name and our entry, and the System
    /// Log says that the token's owner created it since.
    async fn created_zone(
        &self,
        acting: &Acting,
        entry: &AuditEntry,
        survey: &ZoneSurvey,
        range: &IpRange,
        wait: bool,
    ) -> Created {
        let candidates = survey.blocking(range);
        let candidate = candidates.iter().find(|one| one.zone_name == ZONE_NAME && one.range == Some(*range));
        let Some(found) = candidate else {
            return if survey.is_complete { Created::None } else { Created::NotKnownYet };
        };
        let owner = &entry.opening.token_owner_id;
        let filter =
            format!("eventType eq \"zone.create\" and target.id eq \"{}\" and actor.id eq \"{owner}\"", found.zone_id);
        let certain_from = entry.opening.at + LOG_DELAY;
        loop {
            // Before the look, so that a log that becomes certain during it is looked at once more.
            let is_certain = self.journal.now() >= certain_from;
            match acting.events_since(entry.opening.at, filter.clone()).await {
                Ok(events) if !events.is_empty() => {
                    return Created::Zone(BlocklistZone {
                        id: found.zone_id.clone(),
                        name: found.zone_name.clone(),
                        is_shared: false,
                        parked: None,
                    });
                }
                Ok(_) if is_certain => return Created::None,
                Ok(_) if wait => self.journal.records.clock.sleep(PAUSE).await,
                Ok(_) | Err(_) => return Created::NotKnownYet,
            }
        }
    }
}

fn part_result(part: ActionPart, outcome: ActionOutcome) -> PartResult {
    let is_done = matches!(outcome, ActionOutcome::Done | ActionOutcome::NothingToDo);
    let problem = (!is_done).then(|| Problem::new(Code::ActionAnswerLost));
    PartResult { part, outcome, problem, request_id: None }
}
