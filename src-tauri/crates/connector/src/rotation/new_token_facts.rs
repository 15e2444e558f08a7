//! What stays known, after a rotation, of the new token, above all of one that only passed through.

use chrono::{DateTime, Utc};

use crate::guide_changes;
use model::check::{CheckId, CheckReport, FactKey};
use model::connection::{ConnectionId, Keep};
use model::guide::{Confirmable, GuideState};
use model::reminder::{ObservedOwner, ReminderState};
use model::rotation::Rotation;
use store::{StoreError, WriteTx};

/// Returns the owner that was observed with the new token, which Radiant has since `of`.
pub(super) fn observed_owner(rotation: &Rotation, of: DateTime<Utc>) -> Option<ObservedOwner> {
    let row = rotation.report.as_ref()?.row(CheckId::Roles);
    let facts = row.map(|row| row.facts.as_slice()).unwrap_or_default();
    let mut roles: Vec<String> =
        facts.iter().filter(|fact| fact.key == FactKey::Role).map(|fact| fact.value.clone()).collect();
    roles.sort();
    let (owner, at) = (rotation.owners.as_ref()?.new.clone(), rotation.report.as_ref()?.finished);
    Some(ObservedOwner { of, owner, roles, at })
}

/// Merges the report of the new token into the one before it: a check that was not run keeps its earlier row.
pub(super) fn merged_report(before: Option<CheckReport>, new: CheckReport) -> CheckReport {
    let mut rows = before.map(|before| before.rows).unwrap_or_default();
    rows.retain(|row| new.row(row.check).is_none());
    rows.extend(new.rows);
    rows.sort_by_key(|row| row.check);
    CheckReport { rows, ..new }
}

/// Stores what is known of the token that Radiant has now: its name, since when it is in the credential and, if it passed
/// through, its owner and its report.
pub(super) fn remember_new_token(
    tx: &mut WriteTx<'_>,
    id: &ConnectionId,
    finished: Rotation,
) -> Result<(), StoreError> {
    tx.update(id, |state| {
        let state = GuideState { token_name: finished.token_name.clone(), ..state };
        let renew = |state, by| guide_changes::renew_confirmation(state, Confirmable::CredentialAdded, by);
        finished.updated.clone().into_iter().fold(state, renew)
    })?;
    if !finished.pass_through {
        return Ok(());
    }
    let owner = finished.updated.as_ref().and_then(|confirmed| observed_owner(&finished, confirmed.at));
    if owner.is_some() {
        tx.update(id, |reminders| ReminderState { owner, ..reminders })?;
    }
    let is_monitored = tx.connection(id)?.keep != Keep::Nothing;
    if let Some(new) = finished.report.filter(|_| !is_monitored) {
        let report = merged_report(tx.report(id)?, new);
        tx.add_report(id, &report)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::check::{CheckRow, Fact, Outcome};
    use model::rotation::OwnerComparison;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn row(check: CheckId, day: &str, role: &str) -> CheckRow {
        CheckRow {
            check,
            outcome: Outcome::Passed,
            skipped: None,
            code: None,
            args: std::collections::BTreeMap::new(),
            facts: vec![Fact { key: FactKey::Role, value: role.to_owned() }],
            remembered: None,
            evidence: Vec::new(),
            link: None,
            blocked_by: None,
            at: at(day),
            ms: 1,
        }
    }

    fn report(rows: Vec<CheckRow>) -> CheckReport {
        let at = rows[0].at;
        CheckReport { started: at, finished: at, rows, capabilities: Vec::new() }
    }

    #[test]
    fn a_check_that_was_not_run_keeps_its_row_and_every_other_row_is_replaced() {
        let before = report(vec![
            row(CheckId::Roles, "2026-01-01T00:00:00Z", "OLD"),
            row(CheckId::Arrival, "2026-01-01T00:00:00Z", ""),
        ]);
        let new = report(vec![row(CheckId::Roles, "2026-06-01T00:00:00Z", "NEW")]);
        let merged = merged_report(Some(before), new.clone());
        assert_eq!(merged.rows.len(), 2);
        assert_eq!(merged.row(CheckId::Roles), new.row(CheckId::Roles));
        assert_eq!(merged.row(CheckId::Arrival).unwrap().at, at("2026-01-01T00:00:00Z"));
        assert_eq!(merged_report(None, new.clone()), new);
    }

    #[test]
    fn the_observed_owner_has_the_roles_of_the_new_token() {
        let owners = Some(OwnerComparison { new: "svc".to_owned(), old: None, same: None });
        let report = Some(report(vec![row(CheckId::Roles, "2026-06-01T00:00:00Z", "SUPER_ADMIN")]));
        let of = at("2026-06-02T00:00:00Z");
        let over = Rotation { owners, report, ..Rotation::default() };
        let seen = observed_owner(&over, of).unwrap();
        assert_eq!((seen.of, seen.owner.as_str(), seen.roles), (of, "svc", vec!["SUPER_ADMIN".to_owned()]));
        assert_eq!(observed_owner(&Rotation { owners: None, ..over }, of), None, "no owner was observed");
    }
}
