//! The result of one check, before it gets its time and becomes a row.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use model::check::{CheckId, CheckRow, Evidence, Fact, FactKey, Outcome, Skip};
use model::code::Code;
use model::link_target::LinkTarget;
use model::problem::Problem;
use okta::Failure;
use radiant::RadiantFailure;

/// The result of one check.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub(super) outcome: Outcome,
    skipped: Option<Skip>,
    pub(super) code: Option<Code>,
    args: BTreeMap<String, String>,
    facts: Vec<Fact>,
    evidence: Vec<Evidence>,
    link: Option<LinkTarget>,
}

impl Finding {
    fn new(outcome: Outcome, code: Option<Code>) -> Self {
        Self {
            outcome,
            skipped: None,
            code,
            args: BTreeMap::new(),
            facts: Vec::new(),
            evidence: Vec::new(),
            link: None,
        }
    }

    /// The check passed.
    pub(super) fn passed() -> Self {
        Self::new(Outcome::Passed, None)
    }

    /// The check passed, but something needs a decision.
    pub(super) fn attention(code: Code) -> Self {
        Self::new(Outcome::Attention, Some(code))
    }

    /// The check failed.
    pub(super) fn failed(code: Code) -> Self {
        Self::new(Outcome::Failed, Some(code))
    }

    /// The response was lost or inconclusive.
    pub(super) fn unknown(code: Code) -> Self {
        Self::new(Outcome::Unknown, Some(code))
    }

    /// The check was not run.
    pub(super) fn skipped(why: Skip) -> Self {
        Self { skipped: Some(why), ..Self::new(Outcome::Skipped, None) }
    }

    /// A list whose entries could not be read, or too few of them; `None` if the entries that were read are most of the list.
    pub(super) fn of_unreadable_list(read: usize, unreadable: u32) -> Option<Self> {
        let read = u32::try_from(read).unwrap_or(u32::MAX);
        if unreadable == 0 || unreadable < read {
            return None;
        }
        // None that could be read: something else than Okta may have answered.
        let code = if read == 0 { Code::AnswerUnreadable } else { Code::EntriesUnreadable };
        let total = unreadable.saturating_add(read);
        Some(Self::unknown(code).arg("unreadable", unreadable.to_string()).arg("total", total.to_string()))
    }

    /// Returns whether the check was not run because it depends on another one.
    pub(super) fn waits(&self) -> bool {
        self.skipped == Some(Skip::Depends) && self.code.is_none()
    }

    /// Okta's response was an error: failed if Okta refused, unknown if the response was lost.
    pub(super) fn of_okta(failure: &Failure) -> Self {
        Self::of_failure(failure.problem(), failure.is_lost()).evidence(&failure.evidence)
    }

    /// Okta's response to one path was an error. Only the org's description, which needs no permission, tells whether the whole
    /// org refuses, so that a refusal of another path is limited to it.
    pub(super) fn of_okta_path(failure: &Failure) -> Self {
        let finding = Self::of_okta(failure);
        match finding.code {
            Some(Code::OrgUnknown | Code::AddressBlocked) => {
                Self { code: Some(Code::RequestRejected), outcome: Outcome::Unknown, ..finding }
            }
            _ => finding,
        }
    }

    /// Radiant's response was an error, as [`Finding::of_okta`].
    pub(super) fn of_radiant(failure: &RadiantFailure) -> Self {
        Self::of_failure(failure.problem(), failure.is_lost()).evidence(&failure.evidence)
    }

    /// Something else failed.
    pub(super) fn of_problem(problem: &Problem) -> Self {
        Self { args: problem.args.clone(), ..Self::failed(problem.code) }
    }

    fn of_failure(problem: Problem, is_lost: bool) -> Self {
        let outcome = if is_lost { Outcome::Unknown } else { outcome_of(problem.code) };
        Self { args: problem.args, ..Self::new(outcome, Some(problem.code)) }
    }

    pub(super) fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    pub(super) fn code(mut self, code: Code) -> Self {
        self.code = Some(code);
        self
    }

    pub(super) fn arg(mut self, key: &str, value: impl Into<String>) -> Self {
        self.args.insert(key.to_owned(), value.into());
        self
    }

    /// Adds a value for a placeholder unless the failure already named one, such as the host that a redirect leads to.
    pub(super) fn arg_unless_set(mut self, key: &str, value: impl Into<String>) -> Self {
        self.args.entry(key.to_owned()).or_insert_with(|| value.into());
        self
    }

    pub(super) fn fact(mut self, key: FactKey, value: impl Into<String>) -> Self {
        self.facts.push(Fact { key, value: value.into() });
        self
    }

    pub(super) fn fact_if(self, key: FactKey, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.fact(key, value),
            None => self,
        }
    }

    /// Adds the number of entries that were left out, if there are any.
    pub(super) fn left_out(self, unreadable: u32) -> Self {
        self.fact_if(FactKey::UnreadableEntries, (unreadable > 0).then(|| unreadable.to_string()))
    }

    pub(super) fn evidence(mut self, evidence: &Evidence) -> Self {
        self.evidence.push(evidence.clone());
        self
    }

    pub(super) fn link(mut self, link: LinkTarget) -> Self {
        self.link = Some(link);
        self
    }

    pub(super) fn row(self, check: CheckId, at: DateTime<Utc>, ms: u32) -> CheckRow {
        CheckRow {
            check,
            outcome: self.outcome,
            skipped: self.skipped,
            code: self.code,
            args: self.args,
            facts: self.facts,
            remembered: None,
            evidence: self.evidence,
            link: self.link,
            blocked_by: None,
            at,
            ms,
        }
    }
}

/// Distinguishes a refusal from a response that is neither success nor refusal.
fn outcome_of(code: Code) -> Outcome {
    let inconclusive = [
        Code::OktaUnavailable,
        Code::OktaReadOnly,
        Code::OktaReadRefused,
        Code::OktaRateLimited,
        Code::AnswerUnreadable,
        Code::AnswerTooLarge,
        Code::AnswerUnexpected,
        Code::AddressBlocked,
        Code::RequestRejected,
        Code::LogsSlow,
        Code::LogsQueryRefused,
        Code::RadiantNoPositions,
        Code::RadiantSearchPartial,
        Code::RadiantClustersPartial,
        Code::RadiantSearchCutShort,
        Code::RadiantUnavailable,
        Code::RadiantRequestRejected,
        Code::RadiantAnswerUnreadable,
    ];
    if inconclusive.contains(&code) { Outcome::Unknown } else { Outcome::Failed }
}
