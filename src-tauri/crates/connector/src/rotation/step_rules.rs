//! The rules of a rotation's steps, as pure functions.

use chrono::{DateTime, Utc};

use crate::token_store::HeldTokens;
use model::rotation::{Attestation, RevocationStatus, Rotation, RotationStep, TokenInUse};
use model::rotation_step_marks::{failed_requirement, owner_undecided};

/// The name Radiant's page suggests for a token.
const TOKEN_NAME: &str = "Radiant Security API Token";

/// Returns a new rotation. The new token's name differs from the old one's, so that Okta's list shows them apart.
pub(super) fn begin(old_name: String, now: DateTime<Utc>) -> Rotation {
    let formats = ["%Y-%m", "%Y-%m-%d", "%Y-%m-%d %H:%M"];
    let names = formats.map(|format| format!("{TOKEN_NAME} {}", now.format(format)));
    let new = names.iter().find(|name| **name != old_name).cloned().unwrap_or_default();
    Rotation { since: now, token_name: new, old_name, ..Rotation::default() }
}

/// Tells whether the rotation may go to a step: everything before it is complete.
pub(super) fn may_go(rotation: &Rotation, held: HeldTokens, to: RotationStep) -> bool {
    let open = rotation.finished.is_none();
    let (has_new, may_go_back) = match rotation.step.token_in_use() {
        // An old token that was pasted to be revoked cannot be used again.
        TokenInUse::New if !rotation.pass_through => {
            (held.okta && !held.okta_is_previous, held.previous && rotation.pasted.is_none())
        }
        TokenInUse::Old | TokenInUse::New => (held.next, true),
    };
    let checked = rotation.report.as_ref().is_some_and(|report| failed_requirement(report).is_none());
    let decided = !owner_undecided(rotation);
    let updated = rotation.updated.is_some();
    // A token that passes through is no longer needed once Radiant has it.
    let may_go_on = has_new || rotation.pass_through;
    open && match to {
        RotationStep::Create | RotationStep::Paste => may_go_back,
        RotationStep::Update => may_go_back && has_new && checked && decided,
        RotationStep::Watch | RotationStep::Revoke => may_go_on && checked && decided && updated,
        RotationStep::Done => false,
    }
}

/// Finishes the rotation. `said` is who confirmed the revocation, when it was not verified.
pub(super) fn finish(
    rotation: Rotation,
    revoked: RevocationStatus,
    said: Option<Attestation>,
    at: DateTime<Utc>,
) -> Rotation {
    Rotation { step: RotationStep::Done, revoked, attestation: said, pasted: None, finished: Some(at), ..rotation }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token_store::repaired_step;
    use model::check::{CheckId, CheckReport, Outcome};
    use model::rotation::{Attestation, OwnerComparison};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_suggested_name_is_never_the_old_one() {
        let now = at("2026-11-24T10:15:00Z");
        let name = |old: &str| begin(old.to_owned(), now).token_name;
        assert_eq!(name("Radiant Security API Token"), "Radiant Security API Token 2026-11");
        assert_eq!(name("Radiant Security API Token 2026-11"), "Radiant Security API Token 2026-11-24");
        assert_eq!(name("Radiant Security API Token 2026-11-24"), "Radiant Security API Token 2026-11");
    }

    #[test]
    fn a_step_is_reached_only_after_the_one_that_it_depends_on() {
        let held = HeldTokens { okta: true, next: true, ..NOTHING };
        let fresh = begin(String::new(), at("2026-11-24T10:15:00Z"));
        assert!(may_go(&fresh, held, RotationStep::Paste));
        assert!(!may_go(&fresh, held, RotationStep::Update), "the new token was not checked");
        let owners = |same| Some(OwnerComparison { new: "b".to_owned(), old: Some("a".to_owned()), same });
        let report = passed();
        let checked = Rotation { report: Some(report), owners: owners(Some(true)), ..fresh };
        assert!(may_go(&checked, held, RotationStep::Update));
        assert!(!may_go(&checked, held, RotationStep::Watch), "nobody confirmed that Radiant has it");
        assert!(!may_go(&checked, HeldTokens { next: false, ..held }, RotationStep::Update), "the token is gone");
        let another = Rotation { owners: owners(Some(false)), ..checked.clone() };
        assert!(!may_go(&another, held, RotationStep::Update), "another owner is a decision");
        let word = Some(Attestation { at: another.since, by: "admin".to_owned() });
        assert!(may_go(&Rotation { other_owner: word.clone(), ..another }, held, RotationStep::Update));
        let updated = Rotation { updated: word, ..checked };
        assert!(may_go(&updated, held, RotationStep::Revoke));
        let switched = Rotation { step: RotationStep::Watch, ..updated.clone() };
        let new = HeldTokens { next: false, ..held };
        assert!(may_go(&switched, new, RotationStep::Revoke));
        assert!(!may_go(&switched, new, RotationStep::Update), "the old token is gone");
        assert!(may_go(&switched, HeldTokens { previous: true, ..new }, RotationStep::Update));
        let over = finish(updated, RevocationStatus::ByApp, None, at("2026-11-24T11:00:00Z"));
        assert!(!may_go(&over, held, RotationStep::Create), "a finished rotation stays finished");
    }

    #[test]
    fn a_token_that_passes_through_is_needed_only_until_radiant_has_it() {
        let next = HeldTokens { next: true, ..NOTHING };
        let owners = Some(OwnerComparison { new: "a".to_owned(), old: None, same: None });
        let begun = Rotation { pass_through: true, ..begin(String::new(), at("2026-11-24T10:15:00Z")) };
        let checked = Rotation { report: Some(passed()), owners, ..begun };
        assert!(may_go(&checked, next, RotationStep::Update));
        assert!(!may_go(&checked, NOTHING, RotationStep::Update), "the token is gone");
        let there = Rotation { step: RotationStep::Update, ..checked };
        assert_eq!(repaired_step(&there, next), None);
        assert_eq!(repaired_step(&there, NOTHING), Some(RotationStep::Paste));
        let word = Some(Attestation { at: there.since, by: "admin".to_owned() });
        let updated = Rotation { updated: word, ..there };
        assert_eq!(repaired_step(&updated, NOTHING), None, "Radiant has it");
        assert!(may_go(&updated, NOTHING, RotationStep::Watch));
        let watched = Rotation { step: RotationStep::Watch, ..updated };
        assert!(may_go(&watched, NOTHING, RotationStep::Revoke));
        assert!(!may_go(&watched, NOTHING, RotationStep::Update), "there is no token to copy");
        assert!(may_go(&watched, next, RotationStep::Update));
    }

    const NOTHING: HeldTokens = HeldTokens {
        okta: false,
        next: false,
        previous: false,
        okta_is_next: false,
        okta_is_previous: false,
        next_is_previous: false,
    };

    fn passed() -> CheckReport {
        let now = at("2026-11-24T10:15:00Z");
        let row = model::check::CheckRow {
            check: CheckId::Token,
            outcome: Outcome::Passed,
            skipped: None,
            code: None,
            args: std::collections::BTreeMap::new(),
            facts: Vec::new(),
            remembered: None,
            evidence: Vec::new(),
            link: None,
            blocked_by: None,
            at: now,
            ms: 1,
        };
        CheckReport { started: now, finished: now, rows: vec![row], capabilities: Vec::new() }
    }
}
