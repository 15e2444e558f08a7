//! The rules of the token rotation that follow from stored data: the mark of each step and its missing items. The connector's
//! rotation checks whether both tokens are in the keychain when it moves them.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::check::{CheckId, CheckReport, Outcome};
use crate::connection::{Connection, Keep};
use crate::guide::GuideState;
use crate::guide_rules::{MissingItem, StepMark, StepView};
use crate::rotation::{RevocationStatus, Rotation, RotationStep};
use crate::secret_name::{SecretName, SecretState};

/// The checks that are run with the new token.
pub const NEW_TOKEN_CHECKS: [CheckId; 12] = [
    CheckId::Domain,
    CheckId::Tls,
    CheckId::Clock,
    CheckId::Token,
    CheckId::Owner,
    CheckId::Roles,
    CheckId::TokenEntry,
    CheckId::SystemLog,
    CheckId::Users,
    CheckId::Zones,
    CheckId::RateLimit,
    CheckId::Capabilities,
];

/// The checks that must not fail with the new token.
const REQUIRED: [CheckId; 8] = [
    CheckId::Domain,
    CheckId::Tls,
    CheckId::Token,
    CheckId::Owner,
    CheckId::SystemLog,
    CheckId::Users,
    CheckId::Zones,
    CheckId::Capabilities,
];

/// The steps that the window shows, in order.
const LISTED: [RotationStep; 5] =
    [RotationStep::Create, RotationStep::Paste, RotationStep::Update, RotationStep::Watch, RotationStep::Revoke];

/// How the revocation of the old token is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RevocationProof {
    /// The app verified it.
    Verified,
    /// The administrator confirmed it.
    Confirmed,
}

/// The token rotation as the window shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RotationView {
    /// Whether a rotation may be started: set-up is complete, and the token to replace is stored if this app keeps one.
    pub may_begin: bool,
    /// The step that is shown; the last one if the rotation is finished.
    pub current: RotationStep,
    /// The shown steps, in order.
    pub steps: Vec<StepView<RotationStep>>,
    /// How the revocation of the old token is known; `None` if it is not known.
    pub proof: Option<RevocationProof>,
}

/// The input of the rules.
#[derive(Debug, Clone, Copy)]
pub struct RotationInput<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// The state of its guide.
    pub guide: &'a GuideState,
    /// The states of its secrets.
    pub secrets: &'a [SecretState],
    /// The open rotation, or else the last finished one.
    pub rotation: Option<&'a Rotation>,
}

impl RotationInput<'_> {
    /// Returns the rotation as the window shows it.
    #[must_use]
    pub fn view(self) -> RotationView {
        // A finished rotation shows the last step.
        let current = self.rotation.map_or(RotationStep::Create, |rotation| rotation.step).min(RotationStep::Revoke);
        let missing = LISTED.map(|step| self.missing(step));
        let first_incomplete = missing.iter().position(Option::is_some).unwrap_or(missing.len());
        let step = |(index, (step, missing)): (usize, (RotationStep, Option<MissingItem>))| StepView {
            step,
            mark: self.mark(step, current, missing),
            missing: missing.into_iter().collect(),
            reachable: index <= first_incomplete,
        };
        RotationView {
            may_begin: self.may_begin(),
            current,
            steps: LISTED.into_iter().zip(missing).enumerate().map(step).collect(),
            proof: self.rotation.and_then(|rotation| proof(rotation.revoked)),
        }
    }

    /// Returns whether a rotation may be started.
    #[must_use]
    pub fn may_begin(self) -> bool {
        let has_token = self.connection.keep != Keep::Token || self.has_secret(SecretName::OktaToken);
        self.guide.finished.is_some() && has_token
    }

    fn missing(self, step: RotationStep) -> Option<MissingItem> {
        let rotation = self.rotation;
        let updated = rotation.is_some_and(|rotation| rotation.updated.is_some());
        match step {
            RotationStep::Update => (!updated).then_some(MissingItem::CredentialUpdated),
            RotationStep::Paste => {
                // A token that is only passed through is no longer needed once Radiant has it.
                let delivered = updated && rotation.is_some_and(|rotation| rotation.pass_through);
                let is_stored =
                    self.has_secret(SecretName::NextOktaToken) || self.has_secret(SecretName::PreviousOktaToken);
                if is_stored || delivered { missing_of_new_token(rotation) } else { Some(MissingItem::Token) }
            }
            RotationStep::Create | RotationStep::Watch | RotationStep::Revoke | RotationStep::Done => None,
        }
    }

    fn mark(self, step: RotationStep, current: RotationStep, missing: Option<MissingItem>) -> StepMark {
        let rotation = self.rotation;
        let past = step < current;
        let when = |is: bool, mark| if is { mark } else { StepMark::Open };
        match step {
            RotationStep::Watch if rotation.is_some_and(|rotation| rotation.found.is_some()) => StepMark::Verified,
            RotationStep::Watch => when(past, StepMark::Unverified),
            RotationStep::Update => when(missing.is_none(), StepMark::Confirmed),
            RotationStep::Paste => {
                let checked = rotation.is_some_and(|rotation| rotation.report.is_some());
                when(checked && missing.is_none(), StepMark::Verified)
            }
            RotationStep::Create | RotationStep::Revoke | RotationStep::Done => when(past, StepMark::Done),
        }
    }

    fn has_secret(self, name: SecretName) -> bool {
        self.secrets.iter().any(|state| state.name == name && state.since.is_some())
    }
}

/// Returns the check that shows why the new token is not sufficient: not accepted, or without a permission of the profile.
#[must_use]
pub fn failed_requirement(report: &CheckReport) -> Option<CheckId> {
    let accepted = report.row(CheckId::Token).is_some_and(|row| row.outcome == Outcome::Passed);
    let failed = |check: &CheckId| report.row(*check).is_some_and(|row| row.outcome == Outcome::Failed);
    REQUIRED.into_iter().find(failed).or((!accepted).then_some(CheckId::Token))
}

/// Returns whether the decision about another owner of the new token is open.
#[must_use]
pub fn owner_undecided(rotation: &Rotation) -> bool {
    rotation.other_owner.is_none() && rotation.owners.as_ref().is_none_or(|owners| owners.same == Some(false))
}

fn missing_of_new_token(rotation: Option<&Rotation>) -> Option<MissingItem> {
    let Some((rotation, report)) = rotation.and_then(|rotation| Some((rotation, rotation.report.as_ref()?))) else {
        return Some(MissingItem::Checks);
    };
    if report.row(CheckId::Token).is_none_or(|row| row.outcome != Outcome::Passed) {
        return Some(MissingItem::TokenNotAccepted);
    }
    if failed_requirement(report).is_some() {
        return Some(MissingItem::TokenLesser);
    }
    if rotation.owners.is_none() {
        return Some(MissingItem::Checks);
    }
    owner_undecided(rotation).then_some(MissingItem::Owner)
}

fn proof(revoked: RevocationStatus) -> Option<RevocationProof> {
    match revoked {
        RevocationStatus::NotYet | RevocationStatus::InConsole => None,
        RevocationStatus::ByWord => Some(RevocationProof::Confirmed),
        RevocationStatus::ByApp
        | RevocationStatus::AfterAsking
        | RevocationStatus::SeenRefused
        | RevocationStatus::FoundRefused => Some(RevocationProof::Verified),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::DateTime;

    use super::*;
    use crate::arrival::Arrival;
    use crate::check::CheckRow;
    use crate::code::Code;
    use crate::connection::{ConnectionId, Profile};
    use crate::radiant_search_settings::RadiantSearch;
    use crate::rotation::{Attestation, OwnerComparison};

    fn view(keep: Keep, finished: bool, kept: &[SecretName], rotation: Option<&Rotation>) -> RotationView {
        let connection = Connection {
            id: ConnectionId("a".to_owned()),
            name: "acme".to_owned(),
            origin: None,
            org_id: None,
            profile: Profile::Response,
            keep,
            radiant: RadiantSearch::default(),
            created: DateTime::UNIX_EPOCH,
        };
        let since = Some(DateTime::UNIX_EPOCH);
        let secret = |name: &SecretName| SecretState { name: *name, since, bound_to: None, this_run_only: false };
        let secrets: Vec<_> = kept.iter().map(secret).collect();
        let guide = GuideState { finished: since.filter(|_| finished), ..GuideState::default() };
        RotationInput { connection: &connection, guide: &guide, secrets: &secrets, rotation }.view()
    }

    fn step(view: &RotationView, step: RotationStep) -> &StepView<RotationStep> {
        view.steps.iter().find(|one| one.step == step).unwrap()
    }

    fn report(different: &[(CheckId, Outcome, Option<Code>)]) -> CheckReport {
        let row = |check: CheckId| {
            let found = different.iter().find(|(one, ..)| *one == check);
            let (outcome, code) = found.map_or((Outcome::Passed, None), |(_, outcome, code)| (*outcome, *code));
            CheckRow {
                check,
                outcome,
                skipped: None,
                code,
                args: BTreeMap::new(),
                facts: Vec::new(),
                remembered: None,
                evidence: Vec::new(),
                link: None,
                blocked_by: None,
                at: DateTime::UNIX_EPOCH,
                ms: 1,
            }
        };
        let rows = NEW_TOKEN_CHECKS.into_iter().map(row).collect();
        CheckReport { started: DateTime::UNIX_EPOCH, finished: DateTime::UNIX_EPOCH, rows, capabilities: Vec::new() }
    }

    fn owners(same: Option<bool>) -> Option<OwnerComparison> {
        Some(OwnerComparison { new: "b".to_owned(), old: Some("a".to_owned()), same })
    }

    const BOTH: [SecretName; 2] = [SecretName::OktaToken, SecretName::NextOktaToken];

    fn missing(rotation: &Rotation) -> Vec<MissingItem> {
        step(&view(Keep::Token, true, &BOTH, Some(rotation)), RotationStep::Paste).missing.clone()
    }

    #[test]
    fn a_rotation_may_start_once_set_up_is_complete_and_the_token_to_replace_is_stored() {
        let may = |keep, finished, kept: &[_]| view(keep, finished, kept, None).may_begin;
        assert!(may(Keep::Token, true, &[SecretName::OktaToken]));
        assert!(!may(Keep::Token, false, &[SecretName::OktaToken]));
        assert!(!may(Keep::Token, true, &[]));
        assert!(may(Keep::Nothing, true, &[]) && may(Keep::MonitoringToken, true, &[]));
    }

    #[test]
    fn a_token_with_too_few_permissions_or_another_owner_is_reported_as_such() {
        let checked = Rotation { report: Some(report(&[])), owners: owners(Some(true)), ..Rotation::default() };
        assert_eq!(missing(&Rotation::default()), [MissingItem::Checks]);
        assert_eq!(missing(&checked), []);
        let with =
            |check, code| Rotation { report: Some(report(&[(check, Outcome::Failed, Some(code))])), ..checked.clone() };
        assert_eq!(missing(&with(CheckId::Token, Code::TokenRefused)), [MissingItem::TokenNotAccepted]);
        assert_eq!(missing(&with(CheckId::SystemLog, Code::LogsRefused)), [MissingItem::TokenLesser]);
        assert_eq!(missing(&with(CheckId::Users, Code::UsersRefused)), [MissingItem::TokenLesser]);
        assert_eq!(missing(&with(CheckId::Roles, Code::RolesNotTold)), [], "roles are not required");
        assert_eq!(missing(&Rotation { owners: None, ..checked.clone() }), [MissingItem::Checks]);
        let another = Rotation { owners: owners(Some(false)), ..checked.clone() };
        assert_eq!(missing(&another), [MissingItem::Owner]);
        let accepted = Some(Attestation { at: DateTime::UNIX_EPOCH, by: "jo".to_owned() });
        assert_eq!(missing(&Rotation { other_owner: accepted, ..another }), []);
        assert_eq!(missing(&Rotation { owners: owners(None), ..checked }), [], "the owner of the old token is unknown");
    }

    #[test]
    fn a_token_that_is_only_passed_through_is_needed_until_radiant_has_it() {
        let open = Rotation { pass_through: true, ..Rotation::default() };
        let of = |rotation: &Rotation| {
            step(&view(Keep::Nothing, true, &[], Some(rotation)), RotationStep::Paste).missing.clone()
        };
        assert_eq!(of(&open), [MissingItem::Token]);
        let updated = Some(Attestation { at: DateTime::UNIX_EPOCH, by: "jo".to_owned() });
        let delivered = Rotation { updated, report: Some(report(&[])), owners: owners(None), ..open };
        assert_eq!(of(&delivered), []);
    }

    #[test]
    fn steps_are_marked_as_verified_or_confirmed_and_reached_in_order() {
        let begun = view(Keep::Token, true, &BOTH, Some(&Rotation::default()));
        assert_eq!(begun.current, RotationStep::Create);
        let reachable = |view: &RotationView| view.steps.iter().filter(|one| one.reachable).count();
        assert_eq!(reachable(&begun), 2, "the token was not checked");
        assert_eq!(step(&begun, RotationStep::Paste).mark, StepMark::Open);
        let stated = Some(Attestation { at: DateTime::UNIX_EPOCH, by: "jo".to_owned() });
        let open = Rotation {
            step: RotationStep::Revoke,
            report: Some(report(&[])),
            owners: owners(Some(true)),
            updated: stated,
            ..Rotation::default()
        };
        let shown = view(Keep::Token, true, &BOTH, Some(&open));
        let marks: Vec<_> = shown.steps.iter().map(|one| one.mark).collect();
        let expected = [StepMark::Done, StepMark::Verified, StepMark::Confirmed, StepMark::Unverified, StepMark::Open];
        assert_eq!((marks.as_slice(), reachable(&shown)), (expected.as_slice(), 5));
        let at = DateTime::UNIX_EPOCH;
        let found = Some(Arrival { uuid: "u".to_owned(), event_type: "t".to_owned(), published: at, found_at: at });
        let over = Rotation { step: RotationStep::Done, found, ..open };
        let shown = view(Keep::Token, true, &BOTH, Some(&over));
        assert_eq!((shown.current, step(&shown, RotationStep::Watch).mark), (RotationStep::Revoke, StepMark::Verified));
    }

    #[test]
    fn the_revocation_of_the_old_token_is_verified_confirmed_or_unknown() {
        let proof = |revoked| view(Keep::Token, true, &BOTH, Some(&Rotation { revoked, ..Rotation::default() })).proof;
        assert_eq!(proof(RevocationStatus::ByApp), Some(RevocationProof::Verified));
        assert_eq!(proof(RevocationStatus::AfterAsking), Some(RevocationProof::Verified));
        assert_eq!(proof(RevocationStatus::SeenRefused), Some(RevocationProof::Verified));
        assert_eq!(proof(RevocationStatus::FoundRefused), Some(RevocationProof::Verified));
        assert_eq!(proof(RevocationStatus::ByWord), Some(RevocationProof::Confirmed));
        assert_eq!(proof(RevocationStatus::NotYet), None);
        assert_eq!(proof(RevocationStatus::InConsole), None);
    }
}
