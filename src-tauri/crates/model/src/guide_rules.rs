//! The rules of the guide: the mark of each step, its missing items, and whether it may be opened. The window shows the results
//! and repeats no rule.
//!
//! Verified (observed by the app) and confirmed (stated by the administrator) are different marks; neither replaces the other.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::certificate_issuer::ISSUER_KEY;
use crate::check::{CheckId, CheckReport, CheckRow, OKTA_CHECKS, Outcome};
use crate::code::Code;
use crate::connection::{Connection, Profile};
use crate::guide::{Confirmable, GuideState, GuideStep};
use crate::secret_name::{SecretName, SecretState};

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
    /// Whether Okta's answers show that the token's owner lacks the role that Radiant asks for to carry out response actions.
    pub lacks_response_role: bool,
    /// The open decision about a TLS-inspecting proxy before Okta. The token is not sent through it before.
    pub inspection: Option<InspectionQuestion>,
    /// The open decision about a TLS-inspecting proxy before Radiant. The search token is not sent through it before.
    pub radiant_inspection: Option<InspectionQuestion>,
}

/// An open decision about a TLS-inspecting proxy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct InspectionQuestion {
    /// The host that was asked.
    pub host: String,
    /// The issuer's organization or common name.
    pub issuer: String,
    /// SHA-256 of the issuer's public key in hex; empty where the row of an earlier version does not have it.
    pub key: String,
    /// Whether a proxy was accepted before: another issuer, or one that was not stored then.
    pub is_asked_again: bool,
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
            lacks_response_role: self.lacks_response_role(),
            inspection: self.inspection(CheckId::Tls),
            radiant_inspection: self.inspection(CheckId::RadiantTls),
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
        if !self.has_token() || self.is_token_to_replace() {
            return Some(MissingItem::Token);
        }
        if self.inspection(CheckId::Tls).is_some() {
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
        if self.is_token_to_replace() {
            return StepMark::Open;
        }
        if !has_rows || !self.has_token() {
            return if has_rows && self.state.finished.is_some() { StepMark::Done } else { StepMark::Open };
        }
        let decided = self.owner_decision() != OwnerDecision::Open && self.inspection(CheckId::Tls).is_none();
        let decided = decided && !self.lacks_response_role();
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

    fn inspection(self, check: CheckId) -> Option<InspectionQuestion> {
        let confirmations = [
            (Code::TlsInspected, Confirmable::TlsInspectionAccepted),
            (Code::RadiantTlsInspected, Confirmable::RadiantTlsInspectionAccepted),
        ];
        let row = self.row(check)?;
        let (_, confirmation) = confirmations.into_iter().find(|(code, _)| row.code == Some(*code))?;
        let value = |name: &str| row.args.get(name).cloned().unwrap_or_default();
        let (host, issuer, key) = (value("host"), value("issuer"), value(ISSUER_KEY));
        let is_asked_again = self.state.has(confirmation);
        (!self.state.accepts(&host, &key)).then_some(InspectionQuestion { host, issuer, key, is_asked_again })
    }

    /// Returns whether the token's owner lacks the role that response actions need. Okta shows roles to super administrators only, so that its
    /// refusal says that the owner is none.
    fn lacks_response_role(self) -> bool {
        let has =
            |check, codes: &[Code]| self.row(check).and_then(|row| row.code).is_some_and(|it| codes.contains(&it));
        self.connection.profile == Profile::Response
            && self.has_token()
            && (has(CheckId::Roles, &[Code::RolesNotTold, Code::RoleTooSmall])
                || has(CheckId::Capabilities, &[Code::CapabilityRefused]))
    }

    /// Returns whether the stored token is still the one that is to be replaced.
    fn is_token_to_replace(self) -> bool {
        let Some(began) = self.state.replacement else { return false };
        !self
            .secrets
            .iter()
            .any(|state| state.name == SecretName::OktaToken && state.since.is_some_and(|at| at >= began))
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
