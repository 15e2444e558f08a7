//! The role of each active condition beside the status. The window shows it and derives nothing itself.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::active_conditions::ActiveCondition;
use crate::code::Code;
use crate::guide::{Confirmable, GuideState};
use crate::status::{State, Status};

/// The role of an active condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ConditionRole {
    /// The status results from it.
    Root,
    /// The administrator accepted it.
    Accepted,
    /// It was found before the pause; its present state is unknown.
    Before,
    /// It was found by the last probe before monitoring was ended; its present state is unknown.
    Last,
    /// It is shown in addition to the root cause.
    Beside,
    /// It will be shown if it persists.
    Pending,
    /// It is never notified: additional information.
    Known,
}

/// An active condition and its role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RankedCondition {
    /// The condition.
    #[serde(flatten)]
    pub condition: ActiveCondition,
    /// Its role.
    pub role: ConditionRole,
}

impl ActiveCondition {
    /// Returns its role beside `status`, which must be derived from the same probe.
    #[must_use]
    pub fn role(&self, status: &Status, setup: &GuideState) -> ConditionRole {
        let is_root = |code| status.row == Some(self.row) && code == self.problem.code;
        match status.problem.as_ref() {
            // It is why Okta did not answer yet, and may pass.
            _ if status.state == State::Working && self.is_pending() => ConditionRole::Pending,
            Some(problem) if is_root(problem.code) => ConditionRole::Root,
            _ if self.is_accepted(setup) => ConditionRole::Accepted,
            _ if status.state == State::Paused => ConditionRole::Before,
            _ if status.state == State::Unwatched || status.is_of_relay_alone() => ConditionRole::Last,
            _ if self.is_pending() => ConditionRole::Pending,
            _ if self.shown_severity().is_some() => ConditionRole::Beside,
            _ => ConditionRole::Known,
        }
    }

    /// Returns whether the administrator accepted it.
    pub(super) fn is_accepted(&self, setup: &GuideState) -> bool {
        self.problem.code == Code::OwnerIsPerson && setup.has(Confirmable::OwnerIsPerson)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::*;
    use crate::check::{CheckId, CheckReport};
    use crate::connection::Keep;
    use crate::guide::Confirmation;
    use crate::monitor::MonitorState;
    use crate::problem::Problem;
    use crate::status_rules::StatusClock;

    const START: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn condition(row: CheckId, code: Code, probes: u32) -> ActiveCondition {
        ActiveCondition { row, problem: Problem::new(code), since: START, probes }
    }

    /// Returns the role of each condition at a connection whose guide is complete.
    fn roles(conditions: &[ActiveCondition], paused: bool, accepts: bool) -> Vec<ConditionRole> {
        let confirmed = Confirmation { what: Confirmable::OwnerIsPerson, at: START, by: "jo".to_owned() };
        let confirmed = if accepts { vec![confirmed] } else { Vec::new() };
        let setup = GuideState { finished: Some(START), confirmed, ..GuideState::default() };
        let report = CheckReport { started: START, finished: START, rows: Vec::new(), capabilities: Vec::new() };
        let monitor = MonitorState {
            conditions: conditions.to_vec(),
            paused_since: paused.then_some(START),
            ..MonitorState::default()
        };
        let clock = StatusClock { now: START, interval: TimeDelta::minutes(10) };
        let status = Status::derive(&setup, Some(&report), &monitor, Keep::Token, None, clock);
        conditions.iter().map(|one| one.role(&status, &setup)).collect()
    }

    #[test]
    fn additional_information_is_never_pending() {
        for code in [Code::RadiantTooSoon, Code::LogsEmpty, Code::RoleMoreThanNeeded, Code::EntryNetworkRestricted] {
            for probes in [1, 2, 9] {
                let found = roles(&[condition(CheckId::Arrival, code, probes)], false, false);
                assert_eq!(found, [ConditionRole::Known], "{code} after {probes} probes");
            }
        }
    }

    #[test]
    fn each_code_is_pending_for_its_number_of_probes() {
        let after = |code, probes| roles(&[condition(CheckId::Domain, code, probes)], false, false)[0];
        assert_eq!(
            [1, 2, 3].map(|n| after(Code::OktaUnavailable, n)),
            [ConditionRole::Pending, ConditionRole::Pending, ConditionRole::Root]
        );
        assert_eq!([1, 2].map(|n| after(Code::RadiantLagging, n)), [ConditionRole::Pending, ConditionRole::Root]);
        assert_eq!(after(Code::ClockOff, 1), ConditionRole::Root);
    }

    #[test]
    fn each_condition_beside_the_root_cause_has_its_own_role() {
        let all = [
            condition(CheckId::Token, Code::TokenRefused, 4),
            condition(CheckId::Clock, Code::ClockOff, 4),
            condition(CheckId::RateLimit, Code::RateLow, 1),
            condition(CheckId::Roles, Code::RolesNotTold, 4),
        ];
        assert_eq!(
            roles(&all, false, false),
            [ConditionRole::Root, ConditionRole::Beside, ConditionRole::Pending, ConditionRole::Known]
        );
        assert_eq!(roles(&all, true, false), [ConditionRole::Before; 4]);
    }

    #[test]
    fn a_person_as_owner_is_accepted_only_if_it_was_confirmed() {
        let owner = [condition(CheckId::Owner, Code::OwnerIsPerson, 9)];
        assert_eq!(roles(&owner, false, false), [ConditionRole::Root]);
        assert_eq!(roles(&owner, false, true), [ConditionRole::Accepted]);
    }
}
