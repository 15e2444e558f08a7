//! Blocks and unblocks addresses in the blocklist zone.

use model::action::{ActionKind, ActionPart, TargetState};
use model::action_preview_reasons::{ActionRefusal, ActionWarning, Noted};
use model::action_run::{ActionOutcome, PartResult, TargetResult};
use model::blocklist::{
    BlockConsent, BlockOutcome, BlockResult, BlocklistZone, Interference, UnblockOutcome, UnblockResult, UnusableZone,
};
use model::check::Evidence;
use model::code::Code;
use model::ip_range::IpRange;
use model::problem::Problem;
use model::protected_address::{self, ProtectionFacts};

use super::address_preview::{AddressActions, block_preview, covered_too, state, zone_of};
use super::known_blocklist_zone::KnownBlocklistZone;
use super::run_client::RunClient;
use super::run_context::{Approved, RunContext, not_begun};
use super::target_verdict::time_arg;

/// What a block or an unblock came to.
struct Written {
    outcome: ActionOutcome,
    problem: Option<Problem>,
    refusal: Option<Noted<ActionRefusal>>,
    after: TargetState,
    writes: Vec<Evidence>,
    warnings: Vec<Noted<ActionWarning>>,
}

impl AddressActions {
    /// Reads once for a run what protects addresses.
    pub(super) async fn protection_of_run(
        &self,
        run_client: &RunClient,
        kind: ActionKind,
    ) -> Result<Option<ProtectionFacts>, Problem> {
        if kind != ActionKind::BlockAddress {
            return Ok(None);
        }
        let survey = self.survey(run_client).await?;
        self.protection(run_client, &survey).await.map(Some)
    }

    pub(super) async fn run_address(
        &self,
        context: &RunContext<'_>,
        target: &Approved<'_>,
        range: &str,
    ) -> Result<TargetResult, Problem> {
        let run_client = context.run_client;
        let range = IpRange::parse(range).map_err(|_| Problem::new(Code::Internal))?;
        let memory = KnownBlocklistZone::read(&self.journal.records, &run_client.connection.id).await?;
        let survey = self.survey(run_client).await?;
        let kind = context.preview.kind;
        if let Some(facts) = context.protection.as_ref().filter(|_| kind == ActionKind::BlockAddress) {
            let judged = judged_again(context, &range, facts);
            let preview = block_preview(&target.preview.typed, &survey, &memory, &judged);
            if !preview.refusals.is_empty() || preview.overrides.iter().any(|one| target.is_unconfirmed(one)) {
                return Ok(not_begun(target, preview));
            }
        }
        let undone = match target.preview.undo_of {
            Some(number) => Some(self.journal.entry(&run_client.connection.id, number).await?),
            None => None,
        };
        let zone = undone.as_ref().map_or_else(|| memory.zone.clone(), |entry| zone_of(entry, &memory));
        let before = state(&survey, zone.as_ref(), &range);
        let row = self.journal.opening(context, target, kind.parts(), before.clone());
        let entry = self.journal.append(&run_client.connection.id, row).await?;
        let written = match (kind, zone) {
            (ActionKind::UnblockAddress, Some(zone)) => self.unblock(run_client, &range, &zone, &memory).await,
            (ActionKind::UnblockAddress, None) => no_zone(),
            _ => {
                let memory = self.with_left_entry(run_client, &survey, memory).await?;
                self.block(run_client, &range, &memory).await
            }
        };
        let part = PartResult {
            part: kind.parts().first().copied().unwrap_or(ActionPart::AddToZone),
            outcome: written.outcome,
            problem: written.problem,
            request_id: written.writes.iter().rev().find_map(|write| write.request_id.clone()),
        };
        (context.on_progress)(model::action_run::ActionProgress::Part { index: target.index, result: part.clone() });
        let result = self.journal.close(context, target, entry, vec![part], before, written.after).await;
        Ok(TargetResult { refusals: written.refusal.into_iter().collect(), warnings: written.warnings, ..result })
    }

    async fn block(&self, run_client: &RunClient, range: &IpRange, memory: &KnownBlocklistZone) -> Written {
        let consent = BlockConsent { shared_zone: memory.needs_shared_zone, reactivation: false };
        let outcome = self.blocklist(run_client).block(range, memory.zone.as_ref(), consent).await;
        let needs_shared_zone =
            memory.needs_shared_zone || matches!(outcome.result, BlockResult::NeedsSharedZone { .. });
        self.keep(run_client, KnownBlocklistZone { zone: outcome.zone.clone(), needs_shared_zone }).await;
        blocked(outcome)
    }

    async fn unblock(
        &self,
        run_client: &RunClient,
        range: &IpRange,
        zone: &BlocklistZone,
        memory: &KnownBlocklistZone,
    ) -> Written {
        let outcome = self.blocklist(run_client).unblock(range, zone).await;
        if memory.zone.as_ref().is_none_or(|known| known.id == outcome.zone.id) {
            self.keep(run_client, KnownBlocklistZone { zone: Some(outcome.zone.clone()), ..memory.clone() }).await;
        }
        unblocked(outcome)
    }

    /// Stores the zone. If that fails, the next run still knows it from the audit.
    pub(super) async fn keep(&self, run_client: &RunClient, memory: KnownBlocklistZone) {
        if let Err(problem) = memory.store(&self.journal.records, &run_client.connection.id).await {
            tracing::warn!(code = %problem.code, "the blocklist zone was not stored");
        }
    }
}

/// Judges a range again among all ranges of its run.
fn judged_again(
    context: &RunContext<'_>,
    range: &IpRange,
    facts: &ProtectionFacts,
) -> protected_address::AddressVerdict {
    let all = context.preview.targets.iter().filter_map(|one| IpRange::parse(one.target.as_ref()?.label()).ok());
    let all: Vec<IpRange> = all.collect();
    let verdict = protected_address::judge(&all, facts).into_iter().find(|verdict| verdict.range == *range);
    verdict.unwrap_or_else(|| {
        let alone = protected_address::judge(&[*range], facts).into_iter().next();
        alone.unwrap_or(protected_address::AddressVerdict {
            range: *range,
            refusals: Vec::new(),
            overrides: Vec::new(),
            to_confirm: facts.unknown.clone(),
        })
    })
}

fn no_zone() -> Written {
    Written {
        outcome: ActionOutcome::NothingToDo,
        problem: None,
        refusal: Some(Noted::new(ActionRefusal::NotOurs)),
        after: TargetState::Unknown,
        writes: Vec::new(),
        warnings: Vec::new(),
    }
}

fn blocked(outcome: BlockOutcome) -> Written {
    let zone_id = outcome.zone.as_ref().map(|zone| zone.id.clone());
    let mut warnings = vec![Noted::new(ActionWarning::TakesMinutes)];
    warnings.extend(interference(&outcome.interference));
    warnings
        .extend(outcome.exempt.iter().map(|range| Noted::new(ActionWarning::Exempt).arg("zone", range.to_string())));
    if let Some(zone) = outcome.zone.as_ref().filter(|zone| zone.is_shared) {
        warnings.push(Noted::new(ActionWarning::SharedZone).arg("zone", &zone.name));
    }
    let after = |is_blocked, has_entry| TargetState::Address { is_blocked, zone_id: zone_id.clone(), has_entry };
    let (result, problem, refusal, after) = match outcome.result {
        BlockResult::Blocked => (ActionOutcome::Done, None, None, after(true, true)),
        BlockResult::AlreadyBlocked { by } => {
            let by = by
                .first()
                .map(|by| Noted::new(ActionRefusal::AlreadyBlocked).arg("zone", &by.zone_name).arg("entry", &by.text));
            (ActionOutcome::NothingToDo, None, by, after(true, false))
        }
        BlockResult::Exempt => {
            (ActionOutcome::Failed, unusable(), Some(Noted::new(ActionRefusal::ExemptAddress)), after(false, false))
        }
        BlockResult::NotEffective => {
            warnings.push(Noted::new(ActionWarning::NotYetEffective));
            (ActionOutcome::Unknown, Some(Problem::new(Code::ActionNotEffective)), None, after(false, false))
        }
        BlockResult::Unknown { problem } => (ActionOutcome::Unknown, Some(lost(problem)), None, TargetState::Unknown),
        BlockResult::NeedsSharedZone { .. } => {
            let refusal = Noted::new(ActionRefusal::NeedsSharedZone);
            (ActionOutcome::Failed, unusable(), Some(refusal), after(false, false))
        }
        BlockResult::Unusable { why } => {
            (ActionOutcome::Failed, unusable(), Some(why_unusable(&why)), after(false, false))
        }
        BlockResult::Failed { problem } => (ActionOutcome::Failed, Some(problem), None, after(false, false)),
    };
    Written { outcome: result, problem, refusal, after, writes: outcome.writes, warnings }
}

fn unblocked(outcome: UnblockOutcome) -> Written {
    let still = outcome.still_blocked_by.as_deref().unwrap_or_default();
    let mut warnings = vec![Noted::new(ActionWarning::TakesMinutes)];
    warnings.extend(interference(&outcome.interference));
    let after = |has_entry| TargetState::Address {
        is_blocked: has_entry || !still.is_empty(),
        zone_id: Some(outcome.zone.id.clone()),
        has_entry,
    };
    let (result, problem, after) = match outcome.result {
        UnblockResult::Unblocked => (ActionOutcome::Done, None, after(false)),
        UnblockResult::AlreadyGone => (ActionOutcome::NothingToDo, None, after(false)),
        UnblockResult::NotEffective => {
            warnings.push(Noted::new(ActionWarning::NotYetEffective));
            (ActionOutcome::Unknown, Some(Problem::new(Code::ActionNotEffective)), after(true))
        }
        UnblockResult::Unknown { problem } => (ActionOutcome::Unknown, Some(lost(problem)), TargetState::Unknown),
        UnblockResult::Failed { problem } => (ActionOutcome::Failed, Some(problem), after(true)),
    };
    if matches!(result, ActionOutcome::Done | ActionOutcome::NothingToDo) {
        warnings.extend(still.iter().map(covered_too));
    }
    Written { outcome: result, problem, refusal: None, after, writes: outcome.writes, warnings }
}

fn interference(found: &Interference) -> Vec<Noted<ActionWarning>> {
    match found {
        Interference::None => Vec::new(),
        Interference::Unknown => vec![Noted::new(ActionWarning::LogUnread)],
        Interference::Possible { changes } => changes
            .iter()
            .map(|change| {
                Noted::new(ActionWarning::MayHaveOverwritten)
                    .arg("actor", change.actor.clone().unwrap_or_else(|| "?".to_owned()))
                    .arg("at", time_arg(change.at))
            })
            .collect(),
    }
}

fn why_unusable(why: &UnusableZone) -> Noted<ActionRefusal> {
    match why {
        UnusableZone::NotABlocklist => Noted::new(ActionRefusal::ZoneChanged),
        UnusableZone::Full { entries } => Noted::new(ActionRefusal::ZoneFull).arg("limit", entries.to_string()),
        UnusableZone::NameTaken { zone_id } => Noted::new(ActionRefusal::ZoneNameTaken).arg("zone", zone_id),
        UnusableZone::NoSharedZone => Noted::new(ActionRefusal::NoSharedZone),
        UnusableZone::ListIncomplete => Noted::new(ActionRefusal::ZonesUnread),
        UnusableZone::HasOthersEntries { entries } => {
            Noted::new(ActionRefusal::OthersEntries).arg("entries", entries.join(", "))
        }
    }
}

fn unusable() -> Option<Problem> {
    Some(Problem::new(Code::BlocklistUnusable))
}

fn lost(mut problem: Problem) -> Problem {
    problem = problem.clone().detail(problem.code.as_str());
    problem.code = Code::ActionAnswerLost;
    problem
}
