//! The marks and missing items of the guide's steps, and which steps may be opened.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use chrono::DateTime;
use model::arrival::Arrival;
use model::certificate_issuer::{AcceptedIssuer, ISSUER_KEY};
use model::check::{CheckId, CheckReport, OKTA_CHECKS, Outcome};
use model::code::Code;
use model::connection::{Connection, ConnectionId, Keep, Profile};
use model::guide::{Confirmable, Confirmation, GuideState, GuideStep};
use model::guide_rules::{GuideInput, GuideView, MissingItem, OwnerDecision, StepMark, StepView};
use model::okta_origin::{OktaDomain, Origin};
use model::radiant_search_settings::RadiantSearch;
use model::secret_name::{SecretName, SecretState};
use support::row;

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
    assert!(stored.guide().inspection.is_some());
    assert_eq!(stored.step(GuideStep::PasteToken).missing, [MissingItem::Tls]);
}

/// Stores a check that met a proxy with this issuer key.
fn inspected_by(key: &str) -> Stored {
    let mut stored = Stored::at(GuideStep::PasteToken).pasted(&[
        (CheckId::Tls, Outcome::Attention, Some(Code::TlsInspected)),
        (CheckId::RadiantTls, Outcome::Attention, Some(Code::RadiantTlsInspected)),
    ]);
    for row in stored.report.iter_mut().flat_map(|report| &mut report.rows) {
        let values = [("host", "acme.okta.com"), ("issuer", "Example Gateway"), (ISSUER_KEY, key)];
        row.args.extend(values.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    stored
}

#[test]
fn an_accepted_proxy_is_accepted_by_its_key_and_host() {
    let accepted = |key: &str, host: &str| {
        let mut stored = inspected_by("a1").confirm(Confirmable::TlsInspectionAccepted);
        stored.state.accepted_issuers.push(AcceptedIssuer {
            host: host.to_owned(),
            issuer: "Example Gateway".to_owned(),
            key: key.to_owned(),
            at: DateTime::UNIX_EPOCH,
            by: "jo".to_owned(),
        });
        stored.guide().inspection
    };
    assert_eq!(accepted("a1", "acme.okta.com"), None);
    let another_key = accepted("b2", "acme.okta.com").unwrap();
    assert!(another_key.is_asked_again, "another issuer of the same name is another one");
    assert!(accepted("a1", "other.okta.com").is_some(), "an acceptance is for one host");
}

#[test]
fn an_acceptance_of_an_earlier_version_names_no_issuer_and_is_asked_for_again() {
    let first = inspected_by("a1").guide().inspection.unwrap();
    assert!(!first.is_asked_again);
    let stored = inspected_by("a1").confirm(Confirmable::TlsInspectionAccepted);
    let question = stored.guide().inspection.unwrap();
    assert!(question.is_asked_again);
    assert_eq!((question.host.as_str(), question.key.as_str()), ("acme.okta.com", "a1"));
    assert_eq!(stored.step(GuideStep::PasteToken).missing, [MissingItem::Tls]);
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
fn a_failure_or_an_open_decision_needs_attention_but_unreadable_roles_for_ingestion_do_not() {
    let mark = |rows: &[_]| Stored::at(GuideStep::PasteToken).pasted(rows).step(GuideStep::PasteToken).mark;
    assert_eq!(mark(&[(CheckId::SystemLog, Outcome::Failed, Some(Code::LogsRefused))]), StepMark::Attention);
    assert_eq!(mark(&[PERSON]), StepMark::Attention);
    assert_eq!(mark(&[(CheckId::Users, Outcome::Unknown, Some(Code::TimedOut))]), StepMark::Attention);
    let unreadable = (CheckId::Roles, Outcome::Unknown, Some(Code::RolesNotTold));
    let mut stored = Stored::at(GuideStep::PasteToken).pasted(&[unreadable]);
    stored.connection.profile = Profile::Ingestion;
    assert_eq!(stored.step(GuideStep::PasteToken).mark, StepMark::Verified, "a token that reads shows no roles");
}

#[test]
fn a_token_that_cannot_carry_out_response_actions_needs_attention_where_it_is_pasted() {
    for lacking in [
        (CheckId::Roles, Outcome::Unknown, Some(Code::RolesNotTold)),
        (CheckId::Roles, Outcome::Failed, Some(Code::RoleTooSmall)),
        (CheckId::Capabilities, Outcome::Failed, Some(Code::CapabilityRefused)),
    ] {
        let mut stored = Stored::at(GuideStep::PasteToken).pasted(&[lacking]);
        assert!(stored.guide().lacks_response_role, "{lacking:?}");
        assert_eq!(stored.step(GuideStep::PasteToken).mark, StepMark::Attention, "{lacking:?}");
        assert_eq!(stored.step(GuideStep::PasteToken).missing, [], "the administrator may go on");
        stored.connection.profile = Profile::Ingestion;
        assert!(!stored.guide().lacks_response_role, "{lacking:?}");
    }
    assert!(!Stored::at(GuideStep::PasteToken).pasted(&[]).guide().lacks_response_role);
}

#[test]
fn a_replacement_needs_a_token_that_was_stored_after_it_began() {
    let mut stored = Stored::at(GuideStep::Done).finished();
    let secret = stored.secrets.iter().find(|one| one.name == SecretName::OktaToken).unwrap().since.unwrap();
    stored.state.replacement = Some(secret + chrono::TimeDelta::seconds(1));
    let old = stored.step(GuideStep::PasteToken);
    assert_eq!((old.mark, old.missing), (StepMark::Open, vec![MissingItem::Token]));
    stored.state.replacement = Some(secret);
    assert_eq!(stored.step(GuideStep::PasteToken).missing, []);
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
