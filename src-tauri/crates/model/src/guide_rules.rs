//! The rules of the guide: the mark of each step, its missing items, and whether it may be opened. The window shows the results
//! and repeats no rule.
//!
//! Verified (observed by the app) and confirmed (stated by the administrator) are different marks; neither replaces the other.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::check::{CheckId, CheckReport, CheckRow, OKTA_CHECKS, Outcome};
use crate::code::Code;
use crate::connection::{Connection, Profile};
use crate::guide::{Confirmable, GuideState, GuideStep};
use crate::secret::{SecretName, SecretState};

/// The progress of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum StepMark {
    /// Not complete.
    Open,
    /// The app verified the result of the step.
    Verified,
    /// The administrator confirmed it.
    Confirmed,
    /// Complete, with nothing to verify or confirm.
    Done,
    /// The selected profile does not need it.
    Skipped,
    /// Left without verification.
    Unverified,
    /// Complete, except for a problem or an open decision.
    Attention,
}

/// An item that a step needs before its guide can continue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum MissingItem {
    /// The confirmation that a service account exists.
    ServiceAccount,
    /// The confirmation that there is a Radiant administrator.
    RadiantAdmin,
    /// The Okta domain.
    Domain,
    /// The confirmation that the token was created.
    TokenCreated,
    /// The token.
    Token,
    /// A run of the checks.
    Checks,
    /// A token that Okta accepts.
    TokenNotAccepted,
    /// A token with every permission that the profile needs.
    TokenLesser,
    /// The confirmation that Radiant's credential contains the new token.
    CredentialUpdated,
    /// The decision about a TLS-inspecting proxy.
    Tls,
    /// The decision about the token's owner.
    Owner,
    /// The confirmation that the credential was added in Radiant.
    Credential,
    /// The confirmation that the data connector was added.
    DataConnector,
    /// The confirmation that the action connector was added.
    ActionConnector,
}

/// Whether the administrator must decide about the token's owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum OwnerDecision {
    /// No decision is needed.
    NotNeeded,
    /// The decision is open.
    Open,
    /// The decision was made.
    Made,
}

/// One step of a guide as the window shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StepView<S> {
    /// The step.
    pub step: S,
    /// Its progress.
    pub mark: StepMark,
    /// Its missing items, in the order in which they are requested.
    pub missing: Vec<MissingItem>,
    /// Whether it may be opened, because all steps before it are complete.
    pub reachable: bool,
}

/// The guide as the window shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct GuideView {
    /// Every step, in order.
    pub steps: Vec<StepView<GuideStep>>,
    /// Whether the administrator must decide about the token's owner.
    pub owner_decision: OwnerDecision,
    /// Whether the decision about a TLS-inspecting proxy is open. The token is not sent before.
    pub inspection_undecided: bool,
}

/// The input of the rules.
#[derive(Debug, Clone, Copy)]
pub struct GuideInput<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// The state of its guide.
    pub state: &'a GuideState,
    /// The states of its secrets.
    pub secrets: &'a [SecretState],
    /// The newest report.
    pub report: Option<&'a CheckReport>,
}

impl GuideInput<'_> {
    /// Returns the guide as the window shows it.
    #[must_use]
    pub fn view(self) -> GuideView {
        let missing = GuideStep::ALL.map(|step| self.missing(step));
        let first_incomplete = missing.iter().position(|missing| !missing.is_empty()).unwrap_or(missing.len());
        let finished = self.state.finished.is_some();
        let step = |(index, (step, missing)): (usize, (GuideStep, Vec<MissingItem>))| StepView {
            step,
            mark: self.mark(step, &missing),
            missing,
            reachable: finished || index <= first_incomplete,
        };
        GuideView {
            steps: GuideStep::ALL.into_iter().zip(missing).enumerate().map(step).collect(),
            owner_decision: self.owner_decision(),
            inspection_undecided: self.inspection_undecided(),
        }
    }

    fn missing(self, step: GuideStep) -> Vec<MissingItem> {
        let unless = |what, item| (!self.state.has(what)).then_some(item);
        let items = match step {
            GuideStep::Before => [
                unless(Confirmable::HasServiceAccount, MissingItem::ServiceAccount),
                unless(Confirmable::HasRadiantAdmin, MissingItem::RadiantAdmin),
            ],
            GuideStep::Domain => [self.connection.origin.is_none().then_some(MissingItem::Domain), None],
            GuideStep::CreateToken => [unless(Confirmable::TokenCreated, MissingItem::TokenCreated), None],
            GuideStep::PasteToken => [self.missing_of_token(), None],
            GuideStep::Credential => [unless(Confirmable::CredentialAdded, MissingItem::Credential), None],
            GuideStep::DataConnector => [unless(Confirmable::DataConnectorAdded, MissingItem::DataConnector), None],
            GuideStep::ActionConnector if self.connection.profile == Profile::Ingestion => [None, None],
            GuideStep::ActionConnector => {
                [unless(Confirmable::ActionConnectorAdded, MissingItem::ActionConnector), None]
            }
            GuideStep::Arrival | GuideStep::Done => [None, None],
        };
        items.into_iter().flatten().collect()
    }

    fn missing_of_token(self) -> Option<MissingItem> {
        if !self.has_token() {
            return Some(MissingItem::Token);
        }
        if self.inspection_undecided() {
            return Some(MissingItem::Tls);
        }
        match self.row(CheckId::Token).map(|row| row.outcome) {
            None => Some(MissingItem::Checks),
            Some(Outcome::Passed | Outcome::Attention) => {
                (self.owner_decision() == OwnerDecision::Open).then_some(MissingItem::Owner)
            }
            Some(Outcome::Failed | Outcome::Skipped | Outcome::Unknown) => Some(MissingItem::TokenNotAccepted),
        }
    }

    fn mark(self, step: GuideStep, missing: &[MissingItem]) -> StepMark {
        let past = step < self.state.step || self.state.finished.is_some();
        let when = |is: bool, mark| if is { mark } else { StepMark::Open };
        match step {
            GuideStep::ActionConnector if self.connection.profile == Profile::Ingestion => {
                when(past, StepMark::Skipped)
            }
            GuideStep::Arrival if self.state.arrival.is_some() => StepMark::Verified,
            GuideStep::Arrival => when(past, StepMark::Unverified),
            GuideStep::Done => when(self.state.finished.is_some(), StepMark::Done),
            GuideStep::PasteToken => self.mark_of_token(),
            GuideStep::Domain if missing.is_empty() => {
                let passed = self.row(CheckId::Domain).is_some_and(|row| row.outcome == Outcome::Passed);
                let verified = self.connection.org_id.is_some() || passed;
                if verified { StepMark::Verified } else { StepMark::Done }
            }
            GuideStep::Before
            | GuideStep::Domain
            | GuideStep::CreateToken
            | GuideStep::Credential
            | GuideStep::DataConnector
            | GuideStep::ActionConnector => when(missing.is_empty(), StepMark::Confirmed),
        }
    }

    fn mark_of_token(self) -> StepMark {
        let rows = self.report.map(|report| report.rows.as_slice()).unwrap_or_default();
        let mut rows = rows.iter().filter(|row| OKTA_CHECKS.contains(&row.check)).peekable();
        let has_rows = rows.peek().is_some();
        if !has_rows || !self.has_token() {
            return if has_rows && self.state.finished.is_some() { StepMark::Done } else { StepMark::Open };
        }
        let decided = self.owner_decision() != OwnerDecision::Open && !self.inspection_undecided();
        if decided && !rows.any(prevents_verification) { StepMark::Verified } else { StepMark::Attention }
    }

    fn owner_decision(self) -> OwnerDecision {
        if self.state.has(Confirmable::OwnerIsServiceAccount) || self.state.has(Confirmable::OwnerIsPerson) {
            return OwnerDecision::Made;
        }
        let needs_decision = |code: &Code| matches!(code, Code::OwnerIsPerson | Code::OwnerUnclear);
        let open = self.row(CheckId::Owner).and_then(|row| row.code.as_ref()).is_some_and(needs_decision);
        if open { OwnerDecision::Open } else { OwnerDecision::NotNeeded }
    }

    fn inspection_undecided(self) -> bool {
        let inspected = self.row(CheckId::Tls).is_some_and(|row| row.code == Some(Code::TlsInspected));
        inspected && !self.state.has(Confirmable::TlsInspectionAccepted)
    }

    fn has_token(self) -> bool {
        self.secrets.iter().any(|state| state.name == SecretName::OktaToken && state.since.is_some())
    }

    fn row(&self, check: CheckId) -> Option<&CheckRow> {
        self.report.and_then(|report| report.row(check))
    }
}

/// Returns whether a result prevents the token from being verified. An unknown outcome counts only for a required check.
fn prevents_verification(row: &CheckRow) -> bool {
    match row.outcome {
        Outcome::Passed => false,
        Outcome::Failed => true,
        Outcome::Unknown => row.check == CheckId::Token || row.check.is_required(),
        Outcome::Attention | Outcome::Skipped => row.check == CheckId::Token,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::DateTime;

    use super::*;
    use crate::arrival::Arrival;
    use crate::connection::{ConnectionId, Keep};
    use crate::guide::Confirmation;
    use crate::origin::{OktaDomain, Origin};
    use crate::radiant::RadiantSearch;

    /// The stored data of a connection whose guide is at a step, with all steps before it complete.
    struct Stored {
        connection: Connection,
        state: GuideState,
        secrets: Vec<SecretState>,
        report: Option<CheckReport>,
    }

    impl Stored {
        fn at(step: GuideStep) -> Self {
            let mut stored = Self {
                connection: Connection {
                    id: ConnectionId("a".to_owned()),
                    name: "acme".to_owned(),
                    origin: None,
                    org_id: None,
                    profile: Profile::Response,
                    keep: Keep::Token,
                    radiant: RadiantSearch::default(),
                    created: DateTime::UNIX_EPOCH,
                },
                state: GuideState { step, ..GuideState::default() },
                secrets: Vec::new(),
                report: None,
            };
            if step > GuideStep::Before {
                stored = stored.confirm(Confirmable::HasServiceAccount).confirm(Confirmable::HasRadiantAdmin);
            }
            if step > GuideStep::Domain {
                stored.connection.origin = OktaDomain::from_host("acme.okta.com").map(Origin::Okta).ok();
                stored.connection.org_id = Some("00o1".to_owned());
            }
            for (passed, what) in [
                (GuideStep::CreateToken, Confirmable::TokenCreated),
                (GuideStep::Credential, Confirmable::CredentialAdded),
                (GuideStep::DataConnector, Confirmable::DataConnectorAdded),
                (GuideStep::ActionConnector, Confirmable::ActionConnectorAdded),
            ] {
                stored = if step > passed { stored.confirm(what) } else { stored };
            }
            if step > GuideStep::PasteToken { stored.pasted(&[]) } else { stored }
        }

        fn confirm(mut self, what: Confirmable) -> Self {
            self.state.confirmed.push(Confirmation { what, at: DateTime::UNIX_EPOCH, by: "jo".to_owned() });
            self
        }

        fn with_token(mut self) -> Self {
            self.secrets.push(SecretState {
                name: SecretName::OktaToken,
                since: Some(DateTime::UNIX_EPOCH),
                bound_to: None,
                this_run_only: false,
            });
            self
        }

        /// Stores a token for which every check passed, except the given ones.
        fn pasted(self, different: &[(CheckId, Outcome, Option<Code>)]) -> Self {
            let mut stored = self.with_token();
            let row = |check: CheckId| {
                let found = different.iter().find(|(one, ..)| *one == check);
                let (outcome, code) = found.map_or((Outcome::Passed, None), |(_, outcome, code)| (*outcome, *code));
                row(check, outcome, code)
            };
            stored.report = Some(CheckReport {
                started: DateTime::UNIX_EPOCH,
                finished: DateTime::UNIX_EPOCH,
                rows: OKTA_CHECKS.into_iter().map(row).collect(),
                capabilities: Vec::new(),
            });
            stored
        }

        fn finished(mut self) -> Self {
            self.state.finished = Some(DateTime::UNIX_EPOCH);
            self
        }

        fn guide(&self) -> GuideView {
            GuideInput {
                connection: &self.connection,
                state: &self.state,
                secrets: &self.secrets,
                report: self.report.as_ref(),
            }
            .view()
        }

        fn step(&self, step: GuideStep) -> StepView<GuideStep> {
            self.guide().steps.into_iter().find(|one| one.step == step).unwrap()
        }
    }

    fn row(check: CheckId, outcome: Outcome, code: Option<Code>) -> CheckRow {
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
    }

    const PERSON: (CheckId, Outcome, Option<Code>) = (CheckId::Owner, Outcome::Attention, Some(Code::OwnerIsPerson));

    #[test]
    fn every_missing_confirmation_is_listed() {
        let missing = Stored::at(GuideStep::Before).step(GuideStep::Before).missing;
        assert_eq!(missing, [MissingItem::ServiceAccount, MissingItem::RadiantAdmin]);
    }

    #[test]
    fn the_token_is_missing_first_then_the_checks_then_a_token_that_okta_accepts() {
        let missing = |stored: Stored| stored.step(GuideStep::PasteToken).missing;
        assert_eq!(missing(Stored::at(GuideStep::PasteToken)), [MissingItem::Token]);
        assert_eq!(missing(Stored::at(GuideStep::PasteToken).with_token()), [MissingItem::Checks]);
        let refused = [(CheckId::Token, Outcome::Failed, Some(Code::TokenRefused))];
        assert_eq!(missing(Stored::at(GuideStep::PasteToken).pasted(&refused)), [MissingItem::TokenNotAccepted]);
        assert_eq!(missing(Stored::at(GuideStep::PasteToken).pasted(&[])), []);
    }

    #[test]
    fn the_decision_about_a_proxy_comes_first() {
        let inspected = [(CheckId::Tls, Outcome::Attention, Some(Code::TlsInspected)), PERSON];
        let stored = Stored::at(GuideStep::PasteToken).pasted(&inspected);
        assert!(stored.guide().inspection_undecided);
        assert_eq!(stored.step(GuideStep::PasteToken).missing, [MissingItem::Tls]);
        assert!(!stored.confirm(Confirmable::TlsInspectionAccepted).guide().inspection_undecided);
    }

    #[test]
    fn a_token_owned_by_a_person_needs_a_decision() {
        let stored = Stored::at(GuideStep::PasteToken).pasted(&[PERSON]);
        assert_eq!(stored.guide().owner_decision, OwnerDecision::Open);
        assert_eq!(stored.step(GuideStep::PasteToken).missing, [MissingItem::Owner]);
        let decided = stored.confirm(Confirmable::OwnerIsPerson);
        assert_eq!(decided.guide().owner_decision, OwnerDecision::Made);
        assert_eq!(decided.step(GuideStep::PasteToken).missing, []);
    }

    #[test]
    fn a_connection_for_ingestion_only_skips_the_action_connector() {
        let mut stored = Stored::at(GuideStep::ActionConnector);
        assert_eq!(stored.step(GuideStep::ActionConnector).missing, [MissingItem::ActionConnector]);
        stored.connection.profile = Profile::Ingestion;
        assert_eq!(stored.step(GuideStep::ActionConnector).missing, []);
        stored.state.step = GuideStep::Arrival;
        assert_eq!(stored.step(GuideStep::ActionConnector).mark, StepMark::Skipped);
    }

    #[test]
    fn an_unverified_arrival_blocks_no_step_and_is_marked_once_the_guide_has_passed_it() {
        assert_eq!(Stored::at(GuideStep::Arrival).step(GuideStep::Arrival).missing, []);
        assert_eq!(Stored::at(GuideStep::Arrival).step(GuideStep::Arrival).mark, StepMark::Open);
        let mut stored = Stored::at(GuideStep::Done);
        assert_eq!(stored.step(GuideStep::Arrival).mark, StepMark::Unverified);
        let at = DateTime::UNIX_EPOCH;
        stored.state.arrival =
            Some(Arrival { uuid: "u".to_owned(), event_type: "t".to_owned(), published: at, found_at: at });
        assert_eq!(stored.step(GuideStep::Arrival).mark, StepMark::Verified);
    }

    #[test]
    fn a_statement_is_confirmed_and_a_response_of_okta_is_verified() {
        let mut stored = Stored::at(GuideStep::Credential);
        let mark = |stored: &Stored, step| stored.step(step).mark;
        assert_eq!(mark(&stored, GuideStep::Before), StepMark::Confirmed);
        assert_eq!(mark(&stored, GuideStep::Domain), StepMark::Verified);
        assert_eq!(mark(&stored, GuideStep::CreateToken), StepMark::Confirmed);
        assert_eq!(mark(&stored, GuideStep::PasteToken), StepMark::Verified);
        (stored.connection.org_id, stored.report) = (None, None);
        assert_eq!(mark(&stored, GuideStep::Domain), StepMark::Done, "no request was sent to that address");
    }

    #[test]
    fn a_failure_or_an_open_decision_needs_attention_but_unreadable_roles_do_not() {
        let mark = |rows: &[_]| Stored::at(GuideStep::PasteToken).pasted(rows).step(GuideStep::PasteToken).mark;
        assert_eq!(mark(&[(CheckId::SystemLog, Outcome::Failed, Some(Code::LogsRefused))]), StepMark::Attention);
        assert_eq!(mark(&[PERSON]), StepMark::Attention);
        assert_eq!(mark(&[(CheckId::Users, Outcome::Unknown, Some(Code::TimedOut))]), StepMark::Attention);
        assert_eq!(mark(&[(CheckId::Roles, Outcome::Unknown, Some(Code::RolesNotTold))]), StepMark::Verified);
    }

    #[test]
    fn a_deleted_token_leaves_the_step_done_once_the_guide_is_finished() {
        let mut stored = Stored::at(GuideStep::Done).finished();
        stored.secrets.clear();
        assert_eq!(stored.step(GuideStep::PasteToken).mark, StepMark::Done);
        stored.state.finished = None;
        assert_eq!(stored.step(GuideStep::PasteToken).mark, StepMark::Open);
    }

    #[test]
    fn a_step_may_be_opened_only_if_all_steps_before_it_are_complete() {
        let open = |stored: &Stored| {
            let steps = stored.guide().steps.into_iter().filter(|one| one.reachable);
            steps.map(|one| one.step).collect::<Vec<_>>()
        };
        let fresh = Stored::at(GuideStep::CreateToken);
        assert_eq!(open(&fresh), [GuideStep::Before, GuideStep::Domain, GuideStep::CreateToken]);
        assert_eq!(open(&fresh.finished()), GuideStep::ALL);
    }
}
