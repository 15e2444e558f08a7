//! What one check found, before it is stamped with its time and becomes a row.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use model::check::{CheckId, CheckRow, Evidence, Fact, FactKey, Outcome, Skip};
use model::code::Code;
use model::link::LinkTarget;
use model::problem::Problem;
use okta::Failure;
use radiant::RadiantFailure;

/// The answer to one question.
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

    /// It holds.
    pub(super) fn passed() -> Self {
        Self::new(Outcome::Passed, None)
    }

    /// It holds, but something wants a decision.
    pub(super) fn attention(code: Code) -> Self {
        Self::new(Outcome::Attention, Some(code))
    }

    /// It does not hold.
    pub(super) fn failed(code: Code) -> Self {
        Self::new(Outcome::Failed, Some(code))
    }

    /// The answer was lost or did not tell.
    pub(super) fn unknown(code: Code) -> Self {
        Self::new(Outcome::Unknown, Some(code))
    }

    /// It was not asked.
    pub(super) fn skipped(why: Skip) -> Self {
        Self { skipped: Some(why), ..Self::new(Outcome::Skipped, None) }
    }

    /// Okta did not answer as hoped: failed where Okta said no, unknown where its answer was lost.
    pub(super) fn of(failure: &Failure) -> Self {
        Self::lost_or_refused(failure.problem(), failure.lost()).evidence(&failure.evidence)
    }

    /// The same for Radiant.
    pub(super) fn of_radiant(failure: &RadiantFailure) -> Self {
        Self::lost_or_refused(failure.problem(), failure.lost()).evidence(&failure.evidence)
    }

    fn lost_or_refused(problem: Problem, lost: bool) -> Self {
        let outcome = if lost { Outcome::Unknown } else { weigh(problem.code) };
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

/// Tells a refusal (the other side said no) from an answer that says neither yes nor no.
fn weigh(code: Code) -> Outcome {
    let lost = [
        Code::OktaUnavailable,
        Code::OktaReadOnly,
        Code::OktaRateLimited,
        Code::AnswerUnreadable,
        Code::AnswerUnexpected,
        Code::LogsSlow,
        Code::RadiantUnavailable,
        Code::RadiantAnswerUnreadable,
    ];
    if lost.contains(&code) { Outcome::Unknown } else { Outcome::Failed }
}
