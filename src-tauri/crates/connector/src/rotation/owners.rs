//! Do the two tokens have one owner? The rights of a token are its owner's, so another owner is a decision. And what stays
//! known of a token that only passed through.

use chrono::{DateTime, Utc};

use model::check::{CheckId, CheckReport, FactKey};
use model::problem::Problem;
use model::reminder::ObservedOwner;
use model::rotation::{OwnerComparison, Rotation};
use okta::Okta;

/// Asks Okta with each token whose it is. An old token that Okta no longer accepts tells nothing, which is no error.
///
/// # Errors
/// Why the new token's owner was not told. A token of another org is refused here, since it only goes to this one.
pub async fn owners(old: Option<&Okta>, new: &Okta) -> Result<OwnerComparison, Problem> {
    let asked = async {
        match old {
            Some(old) => old.me().await.ok(),
            None => None,
        }
    };
    let (old, new) = tokio::join!(asked, new.me());
    let new = new.map_err(|failure| failure.problem())?.value;
    let old = old.map(|answer| answer.value);
    let same = old.as_ref().map(|old| old.id == new.id);
    Ok(OwnerComparison { new: new.login, old: old.map(|old| old.login), same })
}

/// Returns what was seen of the new token's owner, for the token that Radiant has `of` then on.
#[must_use]
pub fn owner_seen(over: &Rotation, of: DateTime<Utc>) -> Option<ObservedOwner> {
    let row = over.report.as_ref()?.row(CheckId::Roles);
    let facts = row.map(|row| row.facts.as_slice()).unwrap_or_default();
    let mut roles: Vec<String> =
        facts.iter().filter(|fact| fact.key == FactKey::Role).map(|fact| fact.value.clone()).collect();
    roles.sort();
    let (owner, at) = (over.owners.as_ref()?.new.clone(), over.report.as_ref()?.finished);
    Some(ObservedOwner { of, owner, roles, at })
}

/// Returns what is known of Radiant's token: what was found with the new one, and of what was not asked the rows before.
#[must_use]
pub fn known(before: Option<CheckReport>, new: CheckReport) -> CheckReport {
    let mut rows = before.map(|before| before.rows).unwrap_or_default();
    rows.retain(|row| new.row(row.check).is_none());
    rows.extend(new.rows);
    rows.sort_by_key(|row| row.check);
    CheckReport { rows, ..new }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::check::{CheckRow, Fact, Outcome};

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
    fn what_the_new_token_was_not_asked_keeps_its_old_row_and_no_row_of_the_old_token_stays_beside_a_new_one() {
        let before = report(vec![
            row(CheckId::Roles, "2026-01-01T00:00:00Z", "OLD"),
            row(CheckId::Arrival, "2026-01-01T00:00:00Z", ""),
        ]);
        let new = report(vec![row(CheckId::Roles, "2026-06-01T00:00:00Z", "NEW")]);
        let known = known(Some(before), new.clone());
        assert_eq!(known.rows.len(), 2);
        assert_eq!(known.row(CheckId::Roles), new.row(CheckId::Roles));
        assert_eq!(known.row(CheckId::Arrival).unwrap().at, at("2026-01-01T00:00:00Z"));
        assert_eq!(super::known(None, new.clone()), new);
    }

    #[test]
    fn the_owner_is_remembered_with_the_roles_of_the_new_token_and_for_it() {
        let owners = Some(OwnerComparison { new: "svc".to_owned(), old: None, same: None });
        let report = Some(report(vec![row(CheckId::Roles, "2026-06-01T00:00:00Z", "SUPER_ADMIN")]));
        let of = at("2026-06-02T00:00:00Z");
        let over = Rotation { owners, report, ..Rotation::default() };
        let seen = owner_seen(&over, of).unwrap();
        assert_eq!((seen.of, seen.owner.as_str(), seen.roles), (of, "svc", vec!["SUPER_ADMIN".to_owned()]));
        assert_eq!(owner_seen(&Rotation { owners: None, ..over }, of), None, "nobody was seen");
    }
}
