//! What each standing condition weighs for the state that is shown. The window says it and works nothing out itself.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::active_conditions::ActiveCondition;
use crate::code::Code;
use crate::guide::{Confirmable, GuideState};
use crate::status::{State, Status};

/// What a standing condition weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ConditionRole {
    /// The state comes from it.
    Root,
    /// The administrator decided to leave it so.
    Accepted,
    /// It was seen before the pause; nothing is claimed of now.
    Before,
    /// It was seen by the last look before watching ended by choice; nothing is claimed of now.
    Last,
    /// It would be told by itself, and stands beside the root.
    Beside,
    /// It is told if it goes on standing.
    Pending,
    /// It is never told: good to know.
    Known,
}

/// A condition that stands, and what it weighs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RankedCondition {
    /// What stands.
    #[serde(flatten)]
    pub condition: ActiveCondition,
    /// What it weighs.
    pub weighs: ConditionRole,
}

impl ActiveCondition {
    /// Tells what it weighs beside `status`, which was folded from the same look.
    #[must_use]
    pub fn role(&self, status: &Status, setup: &GuideState) -> ConditionRole {
        let is_root = |code| status.row == Some(self.row) && code == self.problem.code;
        match status.problem.as_ref() {
            Some(problem) if is_root(problem.code) => ConditionRole::Root,
            _ if self.is_accepted(setup) => ConditionRole::Accepted,
            _ if status.state == State::Paused => ConditionRole::Before,
            _ if status.state == State::Unwatched => ConditionRole::Last,
            _ if self.is_pending() => ConditionRole::Pending,
            _ if self.shown_severity().is_some() => ConditionRole::Beside,
            _ => ConditionRole::Known,
        }
    }

    /// Tells whether the administrator decided to leave it so.
    pub(super) fn is_accepted(&self, setup: &GuideState) -> bool {
        self.problem.code == Code::OwnerIsPerson && setup.has(Confirmable::OwnerIsPerson)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::check::{CheckId, CheckReport};
    use crate::connection::Keep;
    use crate::guide::Confirmation;
    use crate::monitor::MonitorState;
    use crate::problem::Problem;

    const START: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn standing(row: CheckId, code: Code, looks: u32) -> ActiveCondition {
        ActiveCondition { row, problem: Problem::new(code), since: START, looks }
    }

    /// What each of these weighs in a connection whose guide is done.
    fn weighed(standing: &[ActiveCondition], paused: bool, accepts: bool) -> Vec<ConditionRole> {
        let confirmed = Confirmation { what: Confirmable::OwnerIsPerson, at: START, by: "jo".to_owned() };
        let confirmed = if accepts { vec![confirmed] } else { Vec::new() };
        let setup = GuideState { finished: Some(START), confirmed, ..GuideState::default() };
        let report = CheckReport { started: START, finished: START, rows: Vec::new(), capabilities: Vec::new() };
        let watched = MonitorState {
            standing: standing.to_vec(),
            paused_since: paused.then_some(START),
            ..MonitorState::default()
        };
        let status = Status::derive(&setup, Some(&report), &watched, Keep::Token);
        standing.iter().map(|one| one.role(&status, &setup)).collect()
    }

    #[test]
    fn what_is_never_told_is_never_announced() {
        for code in [Code::RadiantTooSoon, Code::LogsEmpty, Code::RoleMoreThanNeeded, Code::EntryNetworkRestricted] {
            for looks in [1, 2, 9] {
                let found = weighed(&[standing(CheckId::Arrival, code, looks)], false, false);
                assert_eq!(found, [ConditionRole::Known], "{code} after {looks} looks");
            }
        }
    }

    #[test]
    fn each_code_is_pending_for_the_looks_it_is_given() {
        let after = |code, looks| weighed(&[standing(CheckId::Domain, code, looks)], false, false)[0];
        assert_eq!(
            [1, 2, 3].map(|n| after(Code::OktaUnavailable, n)),
            [ConditionRole::Pending, ConditionRole::Pending, ConditionRole::Root]
        );
        assert_eq!([1, 2].map(|n| after(Code::RadiantLagging, n)), [ConditionRole::Pending, ConditionRole::Root]);
        assert_eq!(after(Code::ClockOff, 1), ConditionRole::Root);
    }

    #[test]
    fn beside_the_root_each_keeps_its_own_weight() {
        let all = [
            standing(CheckId::Token, Code::TokenRefused, 4),
            standing(CheckId::Clock, Code::ClockOff, 4),
            standing(CheckId::RateLimit, Code::RateLow, 1),
            standing(CheckId::Roles, Code::RolesNotTold, 4),
        ];
        assert_eq!(
            weighed(&all, false, false),
            [ConditionRole::Root, ConditionRole::Beside, ConditionRole::Pending, ConditionRole::Known]
        );
        assert_eq!(weighed(&all, true, false), [ConditionRole::Before; 4]);
    }

    #[test]
    fn a_person_as_owner_is_accepted_only_where_that_was_said() {
        let owner = [standing(CheckId::Owner, Code::OwnerIsPerson, 9)];
        assert_eq!(weighed(&owner, false, false), [ConditionRole::Root]);
        assert_eq!(weighed(&owner, false, true), [ConditionRole::Accepted]);
    }
}
