//! Previews the block and the unblock of addresses: what covers them, what protects them, and which zone is changed.

use std::collections::BTreeMap;

use model::action::{ActionKind, ActionTarget, AddressFacts, RequiredOverride, TargetPreview, TargetState, ZoneEntry};
use model::action_audit::{AuditEntry, BlockedEntry, BlockedNow};
use model::action_preview_reasons::{ActionOverride, ActionRefusal, ActionWarning, Noted};
use model::blocklist::{BlockingEntry, BlocklistZone, ZONE_GATEWAYS};
use model::ip_range::IpRange;
use model::problem::Problem;
use model::protected_address::{
    self, AddressVerdict, ProtectedAddress, ProtectionFacts, ProtectionReason, UnknownProtectionFact,
};
use uuid::Uuid;

use super::journal::Journal;
use super::known_blocklist_zone::{KnownBlocklistZone, may_block_ipv6};
use super::run_client::RunClient;
use super::target_verdict::{blank, refused, time_arg};
use crate::blocklist::{Blocklist, Pace, ProtectionQuery, ZoneSurvey};

/// Returns a random number from 0 to 1.
fn jitter() -> f64 {
    f64::from(Uuid::new_v4().as_bytes()[0]) / f64::from(u8::MAX)
}

/// Blocks and unblocks addresses.
#[derive(Clone)]
pub(super) struct AddressActions {
    pub(super) journal: Journal,
}

impl AddressActions {
    /// Returns the blocklist of a run.
    pub(super) fn blocklist<'a>(&'a self, run_client: &'a RunClient) -> Blocklist<'a> {
        Blocklist::new(&run_client.okta, &self.journal.records.clock, Pace::default(), &jitter)
    }

    pub(super) async fn survey(&self, run_client: &RunClient) -> Result<ZoneSurvey, Problem> {
        self.blocklist(run_client).survey().await.map_err(|failure| failure.problem())
    }

    /// Reads the facts that protect addresses.
    pub(super) async fn protection(
        &self,
        run_client: &RunClient,
        survey: &ZoneSurvey,
    ) -> Result<ProtectionFacts, Problem> {
        let now = self.journal.now();
        let query = ProtectionQuery {
            owner_id: run_client.owner.id.clone(),
            okta_now: run_client.server_time.map_or(now, |time| time.to_okta(now)),
            is_ipv6_allowed: may_block_ipv6(&self.journal.records).await?,
        };
        Ok(self.blocklist(run_client).protection_facts(survey, &query).await)
    }

    /// Previews each address of a request.
    pub(super) async fn preview_addresses(
        &self,
        run_client: &RunClient,
        kind: ActionKind,
        typed: &[String],
    ) -> Result<Vec<TargetPreview>, Problem> {
        let survey = self.survey(run_client).await?;
        let parsed: Vec<Option<IpRange>> = typed.iter().map(|text| IpRange::parse(text).ok()).collect();
        if kind == ActionKind::UnblockAddress {
            let mut previews = Vec::with_capacity(typed.len());
            for (text, range) in typed.iter().zip(parsed) {
                previews.push(self.preview_typed_unblock(run_client, &survey, text, range).await?);
            }
            return Ok(previews);
        }
        let memory = KnownBlocklistZone::read(&self.journal.records, &run_client.connection.id).await?;
        let ranges: Vec<IpRange> = parsed.iter().flatten().copied().collect();
        let facts = self.protection(run_client, &survey).await?;
        let verdicts = protected_address::judge(&ranges, &facts);
        let mut verdicts = verdicts.into_iter();
        let preview = |(text, range): (&String, Option<IpRange>)| match range.and_then(|_| verdicts.next()) {
            Some(verdict) => block_preview(text, &survey, &memory, &verdict),
            None => not_an_address(text),
        };
        Ok(typed.iter().zip(parsed).map(preview).collect())
    }

    async fn preview_typed_unblock(
        &self,
        run_client: &RunClient,
        survey: &ZoneSurvey,
        typed: &str,
        range: Option<IpRange>,
    ) -> Result<TargetPreview, Problem> {
        let Some(range) = range else { return Ok(not_an_address(typed)) };
        let entry =
            self.journal.in_effect(&run_client.connection.id, ActionKind::UnblockAddress, &range.to_string()).await?;
        match entry {
            Some(entry) => self.unblock_preview(run_client, survey, &entry, range).await,
            None => Ok(refused(typed, Noted::new(ActionRefusal::NotOurs))),
        }
    }

    /// Previews the undo of a block.
    pub(super) async fn preview_unblock(
        &self,
        run_client: &RunClient,
        entry: &AuditEntry,
    ) -> Result<TargetPreview, Problem> {
        let label = entry.opening.target.label();
        let Ok(range) = IpRange::parse(label) else { return Ok(not_an_address(label)) };
        let survey = self.survey(run_client).await?;
        self.unblock_preview(run_client, &survey, entry, range).await
    }

    async fn unblock_preview(
        &self,
        run_client: &RunClient,
        survey: &ZoneSurvey,
        entry: &AuditEntry,
        range: IpRange,
    ) -> Result<TargetPreview, Problem> {
        let memory = KnownBlocklistZone::read(&self.journal.records, &run_client.connection.id).await?;
        let zone = zone_of(entry, &memory);
        let before = state(survey, zone.as_ref(), &range);
        let has_entry = matches!(before, TargetState::Address { has_entry: true, .. });
        let mut preview = TargetPreview {
            target: Some(ActionTarget::Address { range: range.to_string() }),
            address: Some(facts(survey, zone.as_ref(), &range)),
            undo_of: Some(entry.number),
            parts: ActionKind::UnblockAddress.parts().to_vec(),
            expected: TargetState::Address {
                is_blocked: false,
                zone_id: zone.as_ref().map(|zone| zone.id.clone()),
                has_entry: false,
            },
            before,
            ..blank(&range.to_string())
        };
        preview.warnings.push(Noted::new(ActionWarning::TakesMinutes));
        if !has_entry {
            let changed = self.zone_changed(run_client, entry, zone.as_ref()).await;
            preview.refusals.push(changed);
            preview.parts.clear();
        }
        let ours = zone.as_ref().map(|zone| zone.id.as_str());
        let others = survey
            .blocking(&range)
            .into_iter()
            .filter(|one| Some(one.zone_id.as_str()) != ours || one.range != Some(range));
        preview.warnings.extend(others.map(|one| covered_too(&one)));
        Ok(preview)
    }

    /// Says who removed our entry, as far as the System Log shows it.
    async fn zone_changed(
        &self,
        run_client: &RunClient,
        entry: &AuditEntry,
        zone: Option<&BlocklistZone>,
    ) -> Noted<ActionRefusal> {
        let since = entry.closing.as_ref().map_or(entry.opening.at, |closing| closing.at);
        let events = match zone {
            Some(zone) => {
                let filter = format!("eventType sw \"zone.\" and target.id eq \"{}\"", zone.id);
                run_client.events_since(since, filter).await.unwrap_or_default()
            }
            None => Vec::new(),
        };
        let newest = events.iter().max_by_key(|event| event.published);
        let actor = newest.and_then(|event| event.text("/actor/alternateId")).unwrap_or_else(|| "?".to_owned());
        let at = newest.map_or_else(|| "?".to_owned(), |event| time_arg(event.published));
        Noted::new(ActionRefusal::StateChanged).arg("status", "not_blocked").arg("actor", actor).arg("at", at)
    }

    /// Lists what is blocked now.
    pub(super) async fn blocked(&self, run_client: &RunClient) -> Result<BlockedNow, Problem> {
        let survey = self.survey(run_client).await?;
        let id = run_client.connection.id.clone();
        let entries = self.journal.records.read(move |tx| tx.audit().in_effect(&id)).await?;
        let entries: Vec<AuditEntry> =
            entries.into_iter().filter(|entry| entry.opening.kind == ActionKind::BlockAddress).collect();
        let memory = KnownBlocklistZone::read(&self.journal.records, &run_client.connection.id).await?;
        let mut gone: Vec<u32> = entries.iter().map(|entry| entry.number).collect();
        let (mut ours, mut others) = (Vec::new(), Vec::new());
        for one in survey.blocked() {
            let is_same = |entry: &&AuditEntry| {
                let zone = zone_of(entry, &memory);
                zone.is_some_and(|zone| zone.id == one.zone_id)
                    && IpRange::parse(entry.opening.target.label()).ok() == one.range
            };
            let entry = entries.iter().rev().find(is_same);
            gone.retain(|number| entry.is_none_or(|entry| entry.number != *number));
            let list = if entry.is_some() { &mut ours } else { &mut others };
            list.push(blocked_entry(one, entry));
        }
        let unreadable = u32::from(!survey.is_complete);
        Ok(BlockedNow { at: self.journal.now(), ours, others, gone, unreadable })
    }
}

/// Returns the zone that an entry was added to.
pub(super) fn zone_of(entry: &AuditEntry, memory: &KnownBlocklistZone) -> Option<BlocklistZone> {
    let states = [entry.closing.as_ref().map(|closing| &closing.after), Some(&entry.opening.before)];
    let id = states.into_iter().flatten().find_map(|state| match state {
        TargetState::Address { zone_id, .. } => zone_id.clone(),
        TargetState::User { .. } | TargetState::Unknown => None,
    });
    match (id, &memory.zone) {
        (Some(id), Some(zone)) if zone.id == id => Some(zone.clone()),
        (Some(id), _) => Some(BlocklistZone { id, name: String::new(), is_shared: false, parked: None }),
        (None, zone) => zone.clone(),
    }
}

/// Returns the state of an address.
pub(super) fn state(survey: &ZoneSurvey, zone: Option<&BlocklistZone>, range: &IpRange) -> TargetState {
    let entries = zone.and_then(|zone| survey.zone(&zone.id)).filter(|zone| zone.is_active);
    TargetState::Address {
        is_blocked: survey.is_blocked(range),
        zone_id: zone.map(|zone| zone.id.clone()),
        has_entry: entries.is_some_and(|zone| zone.gateways.iter().any(|entry| entry.range == Some(*range))),
    }
}

fn facts(survey: &ZoneSurvey, zone: Option<&BlocklistZone>, range: &IpRange) -> AddressFacts {
    let found = zone.and_then(|zone| survey.zone(&zone.id));
    AddressFacts {
        range: range.to_string(),
        addresses: range.size().to_string(),
        zone: found.map(|zone| zone.name.clone()),
        is_shared_zone: zone.is_some_and(|zone| zone.is_shared),
        entries: found.map_or(0, |zone| u32::try_from(zone.gateways.len()).unwrap_or(u32::MAX)),
        limit: ZONE_GATEWAYS,
        covered_by: survey.blocking(range).iter().map(zone_entry).collect(),
        exempt_by: survey.exempt_by(range).iter().map(zone_entry).collect(),
    }
}

fn zone_entry(entry: &BlockingEntry) -> ZoneEntry {
    ZoneEntry { zone_id: entry.zone_id.clone(), zone: entry.zone_name.clone(), entry: entry.text.clone() }
}

pub(super) fn covered_too(entry: &BlockingEntry) -> Noted<ActionWarning> {
    Noted::new(ActionWarning::CoveredToo).arg("zone", &entry.zone_name).arg("entry", &entry.text)
}

pub(super) fn block_preview(
    typed: &str,
    survey: &ZoneSurvey,
    memory: &KnownBlocklistZone,
    verdict: &AddressVerdict,
) -> TargetPreview {
    let range = &verdict.range;
    let shared = survey.shared().filter(|_| memory.needs_shared_zone && memory.zone.is_none());
    let facts = facts(survey, memory.zone.as_ref(), range);
    let (mut refusals, mut warnings) = (Vec::new(), vec![Noted::new(ActionWarning::TakesMinutes)]);
    for protected in &verdict.refusals {
        let refusal = refusal(protected);
        if !refusals.contains(&refusal) {
            refusals.push(refusal);
        }
    }
    if let (true, Some(by)) = (survey.is_blocked(range), facts.covered_by.first()) {
        refusals.push(Noted::new(ActionRefusal::AlreadyBlocked).arg("zone", &by.zone).arg("entry", &by.entry));
    }
    warnings.extend(facts.exempt_by.iter().map(|by| Noted::new(ActionWarning::Exempt).arg("zone", &by.zone)));
    if facts.is_shared_zone {
        let zone = facts.zone.clone().unwrap_or_default();
        warnings.push(Noted::new(ActionWarning::SharedZone).arg("zone", zone));
    }
    TargetPreview {
        target: Some(ActionTarget::Address { range: range.to_string() }),
        before: state(survey, memory.zone.as_ref(), range),
        parts: if refusals.is_empty() { ActionKind::BlockAddress.parts().to_vec() } else { Vec::new() },
        expected: TargetState::Address {
            is_blocked: true,
            zone_id: memory.zone.as_ref().map(|zone| zone.id.clone()),
            has_entry: true,
        },
        address: Some(facts),
        refusals,
        overrides: overrides(verdict, shared.map(|zone| zone.name.as_str())),
        warnings,
        ..blank(typed)
    }
}

fn refusal(protected: &ProtectedAddress) -> Noted<ActionRefusal> {
    let code = match protected.reason {
        ProtectionReason::Reserved => ActionRefusal::ReservedAddress,
        ProtectionReason::RadiantPublished => ActionRefusal::RadiantAddress,
        ProtectionReason::TokenUse => ActionRefusal::TokenAddress,
        ProtectionReason::TokenZone => ActionRefusal::TokenZone,
        ProtectionReason::ThisComputer => ActionRefusal::OwnAddress,
        ProtectionReason::OktaConsole => ActionRefusal::OktaAddress,
        ProtectionReason::AdministratorSignIn => ActionRefusal::AdministratorAddress,
        ProtectionReason::TooWide => ActionRefusal::RangeTooWide,
        ProtectionReason::Ipv6 => ActionRefusal::Ipv6Off,
    };
    let zone = protected.of.clone().unwrap_or_default();
    Noted::new(code).arg("address", protected.range.to_string()).arg("zone", zone)
}

fn overrides(verdict: &AddressVerdict, shared: Option<&str>) -> Vec<RequiredOverride> {
    let text = verdict.range.to_string();
    let required = |reason, args: Vec<(&str, String)>| RequiredOverride {
        reason,
        args: args.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<BTreeMap<_, _>>(),
        text: text.clone(),
    };
    let sign_ins = verdict.overrides.iter().map(|one| {
        let at = one.at.map(time_arg).unwrap_or_default();
        let who = one.of.clone().unwrap_or_default();
        required(ActionOverride::AdministratorAddress, vec![("who", who), ("at", at)])
    });
    let unknown = verdict.to_confirm.iter().map(|fact| match fact {
        UnknownProtectionFact::ThisComputer => required(ActionOverride::OwnAddressUnknown, Vec::new()),
        UnknownProtectionFact::TokenUse => required(ActionOverride::TokenUseUnread, Vec::new()),
        UnknownProtectionFact::TokenZones => required(ActionOverride::TokenZonesUnread, Vec::new()),
        UnknownProtectionFact::AdministratorSignIns => required(ActionOverride::SignInsUnread, Vec::new()),
    });
    let shared = shared.map(|zone| required(ActionOverride::SharedZone, vec![("zone", zone.to_owned())]));
    sign_ins.chain(unknown).chain(shared).collect()
}

fn not_an_address(typed: &str) -> TargetPreview {
    refused(typed, Noted::new(ActionRefusal::NotAnAddress).arg("typed", typed.trim()))
}

fn blocked_entry(one: BlockingEntry, entry: Option<&AuditEntry>) -> BlockedEntry {
    let opening = entry.map(|entry| &entry.opening);
    BlockedEntry {
        range: one.range.map_or(one.text, |range| range.to_string()),
        zone_id: one.zone_id,
        zone: one.zone_name,
        is_active: true,
        entry: entry.map(|entry| entry.number),
        since: opening.map(|opening| opening.at),
        operator: opening.map(|opening| opening.operator.clone()),
        reason: opening.map(|opening| opening.reason.clone()),
        ends_at: opening.and_then(|opening| opening.ends_at),
    }
}
