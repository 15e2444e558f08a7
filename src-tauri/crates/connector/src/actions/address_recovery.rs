//! Finds out what became of an interrupted block or unblock, and what failed ones left in the zone.

use model::action::{ActionKind, ActionPart, ActionTarget, TargetState};
use model::action_audit::{AuditEntry, AuditFilter, AuditQuery};
use model::action_run::{ActionOutcome, PartResult};
use model::blocklist::{BlocklistZone, ZONE_NAME};
use model::code::Code;
use model::ip_range::IpRange;
use model::problem::Problem;

use super::address_preview::{AddressActions, state, zone_of};
use super::known_blocklist_zone::KnownBlocklistZone;
use super::recovery::{LOG_DELAY, PAUSE};
use super::run_client::RunClient;
use crate::blocklist::ZoneSurvey;

/// Most entries of the audit in which the last change of a range is looked for.
const LOOKED_THROUGH: u32 = 200;

/// Whether an interrupted run created a zone.
enum Created {
    Zone(BlocklistZone),
    None,
    /// The zone of this name is there, and the token may not read who created it.
    Unreadable(String),
    /// The zone is there, and the System Log does not say yet who created it, or the zones were not all read.
    NotKnownYet,
}

impl AddressActions {
    /// Finds out what became of an interrupted block or unblock; `None` if nothing can be said yet. With `wait` it waits until
    /// the System Log is certain.
    ///
    /// # Errors
    /// With `wait`, [`Code::ZoneCreatorUnknown`] where another token may be able to say it.
    pub(super) async fn recovered_address(
        &self,
        run_client: &RunClient,
        entry: &AuditEntry,
        range: &str,
        wait: bool,
    ) -> Result<Option<(Vec<PartResult>, TargetState)>, Problem> {
        let Ok(range) = IpRange::parse(range) else {
            let parts = entry.opening.parts.iter().map(|part| part_result(*part, ActionOutcome::Unknown));
            return Ok(Some((parts.collect(), TargetState::Unknown)));
        };
        let Ok(mut memory) = KnownBlocklistZone::read(&self.journal.records, &run_client.connection.id).await else {
            return Ok(None);
        };
        let Ok(survey) = self.survey(run_client).await else { return Ok(None) };
        if zone_of(entry, &memory).is_none() {
            match self.created_zone(run_client, entry, &survey, &range, wait).await {
                Created::Zone(zone) => {
                    memory.zone = Some(zone);
                    self.keep(run_client, memory.clone()).await;
                }
                Created::None => {}
                Created::Unreadable(zone) => return Err(Problem::new(Code::ZoneCreatorUnknown).arg("zone", zone)),
                Created::NotKnownYet => return Ok(None),
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
        Ok(Some((entry.opening.parts.iter().map(result).collect(), after)))
    }

    /// Finds the zone that an interrupted run created before it could store its id: it has our name and our entry, and the System
    /// Log says that the token's owner created it since.
    async fn created_zone(
        &self,
        run_client: &RunClient,
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
            // Read before the log, so that a log that becomes certain meanwhile is read once more.
            let is_certain = self.journal.now() >= certain_from;
            match run_client.events_since(entry.opening.at, filter.clone()).await {
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
                // Only an administrator who asked gets this answer: another token may be allowed to read the log.
                Err(problem) if wait && problem.code == Code::PermissionRefused => {
                    return Created::Unreadable(found.zone_name.clone());
                }
                Ok(_) | Err(_) => return Created::NotKnownYet,
            }
        }
    }

    /// Returns what is remembered, with the only entry of our inactive zone as its parked one if the audit says that it is not in
    /// effect: a run that was interrupted or failed could not store it.
    pub(super) async fn with_left_entry(
        &self,
        run_client: &RunClient,
        survey: &ZoneSurvey,
        mut memory: KnownBlocklistZone,
    ) -> Result<KnownBlocklistZone, Problem> {
        let Some(known) = memory.zone.as_mut().filter(|zone| !zone.is_shared) else { return Ok(memory) };
        let entries = survey.zone(&known.id).filter(|zone| !zone.is_active).map(|zone| zone.gateways.as_slice());
        let Some(range) = entries.and_then(|entries| if let [only] = entries { only.range } else { None }) else {
            return Ok(memory);
        };
        let target = ActionTarget::Address { range: range.to_string() };
        let filter = AuditFilter { text: Some(range.to_string()), ..AuditFilter::default() };
        let connection = run_client.connection.id.clone();
        let query = AuditQuery { connection, filter, before: None, limit: LOOKED_THROUGH };
        let page = self.journal.records.read(move |tx| tx.audit().page(&query)).await?;
        if page.entries.iter().find(|entry| entry.opening.target == target).is_some_and(leaves_no_effect) {
            known.parked = Some(range);
        }
        Ok(memory)
    }
}

fn part_result(part: ActionPart, outcome: ActionOutcome) -> PartResult {
    let is_done = matches!(outcome, ActionOutcome::Done | ActionOutcome::NothingToDo);
    let problem = (!is_done).then(|| Problem::new(Code::ActionAnswerLost));
    PartResult { part, outcome, problem, request_id: None }
}

/// Returns whether the last change of an address was to lift its entry, or did not bring it into effect.
fn leaves_no_effect(entry: &AuditEntry) -> bool {
    let outcome = entry.closing.as_ref().map(|closing| closing.outcome);
    match outcome {
        None | Some(ActionOutcome::Unknown) => true,
        Some(ActionOutcome::Failed) => entry.opening.kind == ActionKind::BlockAddress,
        Some(ActionOutcome::Done | ActionOutcome::NothingToDo | ActionOutcome::Partly) => {
            entry.opening.kind == ActionKind::UnblockAddress
        }
    }
}
