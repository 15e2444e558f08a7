//! The facts that both forms of the set-up report share: the owner, the personal data, and the steps when the owner leaves.

use messages::{Key, keys};
use model::check::{Fact, FactKey};
use model::connection_view::ConnectionView;

/// The steps to take when the token's owner leaves, in order.
pub(super) const LEAVE_STEPS: [Key; 5] = [
    keys::REPORT_LEAVE_STEP_1,
    keys::REPORT_LEAVE_STEP_2,
    keys::REPORT_LEAVE_STEP_3,
    keys::REPORT_LEAVE_STEP_4,
    keys::REPORT_LEAVE_STEP_5,
];

/// Personal data that the report names.
pub(super) struct PersonalData {
    /// `owner`, `owner_name`, `operator` or `address`, as in `report.personal.*`.
    pub(super) kind: &'static str,
    pub(super) value: String,
}

/// Returns the personal data in a view, each item once.
pub(super) fn personal_data(view: &ConnectionView) -> Vec<PersonalData> {
    let from_facts = facts(view).filter_map(|fact| {
        let kinds =
            [(FactKey::Owner, "owner"), (FactKey::OwnerName, "owner_name"), (FactKey::EgressAddress, "address")];
        let (_, kind) = kinds.into_iter().find(|(key, _)| *key == fact.key)?;
        Some(PersonalData { kind, value: fact.value.clone() })
    });
    let operators = view.setup.confirmed.iter().map(|one| PersonalData { kind: "operator", value: one.by.clone() });
    let mut all: Vec<PersonalData> = Vec::new();
    for one in from_facts.chain(operators) {
        if !all.iter().any(|known| known.kind == one.kind && known.value == one.value) {
            all.push(one);
        }
    }
    all
}

pub(super) fn facts(view: &ConnectionView) -> impl Iterator<Item = &Fact> {
    view.report.iter().flat_map(|report| &report.rows).flat_map(|row| &row.facts)
}

/// Returns the owner's login as the checks found it.
pub(super) fn owner(view: &ConnectionView) -> Option<&str> {
    facts(view).find(|fact| fact.key == FactKey::Owner).map(|fact| fact.value.as_str())
}
