//! The diagnostics bundle: it contains no token from any text, and its pseudonyms are consistent.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use connector::reports::{Bundle, diagnostics};
use model::arrival::Arrival;
use model::capability::{Capability, CapabilityRow, CapabilityState};
use model::check::{CheckId, CheckReport, CheckRow, Evidence, Fact, FactKey, Outcome};
use model::code::Code;
use model::connection::{Connection, ConnectionId, Keep, Profile};
use model::connection_view::{ConnectionRecord, ConnectionView};
use model::diagnostics_options::{RedactionOptions, RuntimeInfo};
use model::guide::{Confirmable, Confirmation, GuideState};
use model::history::History;
use model::link_target::LinkTarget;
use model::monitor::MonitorState;
use model::monitor_settings::{Maintenance, MonitorSettings};
use model::okta_origin::{OktaDomain, Origin};
use model::policy::{Policy, PolicyFinding, PolicyFindingKind, PolicyView};
use model::problem::Problem;
use model::radiant_search_settings::RadiantSearch;
use model::relay::{RelayHold, RelayPhase, RelayState, RelayView};
use model::relay_gap::{GapReason, RelayGap};
use model::relay_settings::{RelaySettings, TokenHeader, WebhookSettings};
use model::rotation::{Attestation, OwnerComparison, Rotation, RotationStep};
use model::secret_name::{SecretName, SecretState};
use model::status::State;
use model::status::StatusChange;
use proptest::prelude::*;
use serde_json::{Value, json};

fn noon() -> DateTime<Utc> {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn problem(text: &str) -> Problem {
    Problem { request_id: Some(text.to_owned()), ..Problem::new(Code::TokenRefused).arg("what", text).detail(text) }
}

/// Returns a policy in which every text is `text`.
fn policy(text: &str) -> PolicyView {
    let args = BTreeMap::from([("keys".to_owned(), text.to_owned())]);
    PolicyView {
        fixed: Policy { contact: Some(text.to_owned()), ..Policy::default() },
        remarks: vec![PolicyFinding { what: PolicyFindingKind::UnknownKeys, args, line: None }],
        ..PolicyView::from_result(text.to_owned(), Err(problem(text).into()))
    }
}

/// Returns a rotation in which every text except the logins of both owners is `text`.
fn rotation(text: &str, report: &CheckReport) -> Rotation {
    let said = || text.to_owned();
    let word = || Some(Attestation { at: noon(), by: "jo.doe".to_owned() });
    Rotation {
        step: RotationStep::Revoke,
        since: noon(),
        token_name: said(),
        old_name: said(),
        report: Some(report.clone()),
        owners: Some(OwnerComparison { new: "Svc-New".to_owned(), old: Some("svc-old".to_owned()), same: Some(false) }),
        other_owner: word(),
        updated: word(),
        found: Some(Arrival { uuid: said(), event_type: said(), published: noon(), found_at: noon() }),
        revocation_sent: Some(noon()),
        ..Rotation::default()
    }
}

/// Returns a connection in which every text except the owner's login and this computer's address is `text`.
fn view(text: &str) -> ConnectionView {
    let said = || text.to_owned();
    let fact = |key, value: &str| Fact { key, value: value.to_owned() };
    let evidence =
        Evidence { endpoint: said(), status: Some(401), okta_code: Some(said()), request_id: Some(said()), ms: 9 };
    let row = CheckRow {
        check: CheckId::Token,
        outcome: Outcome::Failed,
        skipped: None,
        code: Some(Code::TokenRefused),
        args: BTreeMap::from([(said(), said())]),
        facts: vec![
            fact(FactKey::Owner, "Svc-Radiant@example.com"),
            fact(FactKey::EgressAddress, "203.0.113.7"),
            fact(FactKey::TokenName, text),
        ],
        remembered: None,
        evidence: vec![evidence],
        link: Some(LinkTarget::OktaUser(said())),
        blocked_by: None,
        at: noon(),
        ms: 9,
    };
    let by = Some(said());
    let capability = Capability::EditZones;
    let capabilities =
        vec![CapabilityRow { capability, state: CapabilityState::Refused, granted_by: by, needed: true }];
    let report = CheckReport { started: noon(), finished: noon(), rows: vec![row], capabilities };
    let setup = GuideState {
        typed_domain: said(),
        token_name: said(),
        credential_name: said(),
        confirmed: vec![Confirmation { what: Confirmable::CredentialAdded, at: noon(), by: said() }],
        arrival: Some(Arrival { uuid: said(), event_type: said(), published: noon(), found_at: noon() }),
        finished: Some(noon()),
        ..GuideState::default()
    };
    let mut watched = MonitorState::from_report(Some(&report));
    watched.conditions[0].problem = problem(text);
    let monitor = watched;
    ConnectionRecord {
        rotation: Some(rotation(text, &report)),
        connection: Connection {
            id: ConnectionId(said()),
            name: said(),
            origin: Some(Origin::Okta(OktaDomain::from_host("acme.okta.com").unwrap())),
            org_id: Some(said()),
            profile: Profile::Response,
            keep: Keep::Token,
            radiant: RadiantSearch {
                url: said(),
                index: Some(said()),
                connector_type: Some(said()),
                timestamp_field: Some(said()),
                byob: false,
                confirmed_host: Some(said()),
            },
            created: noon(),
        },
        setup,
        secrets: vec![SecretState {
            name: SecretName::OktaToken,
            since: Some(noon()),
            bound_to: Some(said()),
            this_run_only: false,
        }],
        report: Some(report),
        monitor,
    }
    .view(MonitorSettings::default().status_clock(noon()))
}

/// Returns a relay in which every text is `text`.
fn relay(text: &str) -> RelayView {
    let said = || text.to_owned();
    let header = TokenHeader { name: said(), prefix: said() };
    let url = format!("https://hooks.acme.example/{text}?tag={text}");
    let confirmed_host = Some("hooks.acme.example".to_owned());
    let webhook = WebhookSettings { url, confirmed_host, header, ..WebhookSettings::default() };
    let hold = RelayHold { problem: problem(text), since: noon(), attempts: 3 };
    let gap = RelayGap { found: noon(), from: noon(), until: noon(), reason: GapReason::CursorRefused, missing: None };
    RelayView {
        settings: RelaySettings { webhook, ..RelaySettings::default() },
        state: RelayState { is_on: true, delivery_hold: Some(hold), backlog_events: 12, ..RelayState::default() },
        phase: RelayPhase::HeldByRadiant,
        problems: vec![problem(text)],
        backfill: None,
        oldest_waiting: Some(noon()),
        undeliverable: 4,
        gaps: vec![gap],
        has_token: true,
    }
}

fn bundle(text: &str, redact: RedactionOptions) -> String {
    bundle_with(text, relay(text), redact)
}

fn bundle_with(text: &str, relay: RelayView, redact: RedactionOptions) -> String {
    let problem = Some(problem(text));
    let change = StatusChange { at: noon(), state: State::Stopped, problem, row: Some(CheckId::Token) };
    let history = History::summarize(noon(), noon(), Vec::new(), vec![change]);
    let maintenance = vec![Maintenance { from: noon(), until: noon(), note: text.to_owned() }];
    let log =
        format!("{{\"message\":\"x {text} y\"}}\nsvc-radiant@example.com at acme-admin.okta.com from 203.0.113.7");
    let web_view = Some(text.to_owned());
    let running = RuntimeInfo { version: text.to_owned(), os: text.to_owned(), web_view, log };
    let bundle = Bundle {
        running: &running,
        operator: text,
        settings: &MonitorSettings { maintenance, ..MonitorSettings::default() },
        policy: &policy(text),
        connections: &[(view(text), history)],
        relays: &BTreeMap::from([(view(text).connection.id, relay)]),
    };
    diagnostics(&bundle, redact, noon()).unwrap()
}

#[test]
fn the_host_of_a_webhook_is_a_pseudonym_before_it_is_confirmed_and_that_of_radiant_is_shown() {
    for (url, host) in
        [("https://hooks.acme.example/in", "org-1"), ("https://in.radiantsecurity.ai/x", "in.radiantsecurity.ai")]
    {
        let mut relay = relay("x");
        relay.settings.webhook = WebhookSettings { url: url.to_owned(), ..WebhookSettings::default() };
        let text = bundle_with("acme", relay, RedactionOptions::default());
        let all: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(all["connections"][0]["relay"]["webhook"]["host"], json!(host), "{text}");
        assert!(!text.contains("hooks.acme.example"), "{text}");
    }
}

#[test]
fn the_bundle_has_what_a_helper_needs_with_consistent_pseudonyms() {
    let text = bundle("acme", RedactionOptions::default());
    let all: Value = serde_json::from_str(&text).unwrap();
    let one = &all["connections"][0];
    assert_eq!((&all["format"], &one["status"]["state"]), (&json!(2), &json!("stopped")), "{text}");
    assert_eq!(one["report"]["rows"][0]["code"], "token_refused");
    assert_eq!(one["history"]["changes"][0]["state"], "stopped");
    assert_eq!(all["settings"]["heartbeat_s"], 600);
    for name in ["acme", "svc-radiant", "svc-new", "svc-old", "jo.doe", "example.com", "203.0.113.7"] {
        assert!(!text.to_lowercase().contains(name), "{name} in {text}");
    }
    let owner = one["report"]["rows"][0]["facts"][0]["value"].as_str().unwrap();
    assert_eq!(one["okta_url"], "https://org-1");
    assert_eq!(all["log"][1], format!("{owner} at org-1 from address-1"));
}

#[test]
fn the_relay_is_included_without_its_address_and_what_was_typed_around_its_token() {
    let text = bundle("acme", RedactionOptions::default());
    let all: Value = serde_json::from_str(&text).unwrap();
    let one = &all["connections"][0]["relay"];
    assert_eq!((&one["phase"], &one["dead_letters"]), (&json!("held_by_radiant"), &json!(4)), "{one}");
    assert_eq!((&one["webhook"]["host"], &one["webhook"]["header"]), (&json!("org-1"), &Value::Null));
    assert_eq!((&one["webhook"]["format"], &one["webhook"]["has_token"]), (&json!("json_array"), &json!(true)));
    assert_eq!((&one["progress"]["backlog_events"], &one["progress"]["is_on"]), (&json!(12), &json!(true)));
    assert_eq!(one["progress"]["delivery_hold"]["problem"]["code"], "token_refused");
    assert_eq!(one["gaps"][0]["reason"], "cursor_refused");
    for part in ["hooks.acme.example", "tag=", "https://hooks"] {
        assert!(!text.contains(part), "{part} in {text}");
    }
}

#[test]
fn a_rotation_is_included_with_pseudonyms_for_its_people() {
    let all: Value = serde_json::from_str(&bundle("acme", RedactionOptions::default())).unwrap();
    let one = &all["connections"][0]["rotation"];
    assert_eq!((&one["step"], &one["revoked"]), (&json!("revoke"), &json!("not_yet")), "{one}");
    let at = |time: &Value| time.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    for time in [&one["since"], &one["revocation_sent"], &one["updated"]["at"], &one["other_owner"]["at"]] {
        assert_eq!(at(time), noon());
    }
    assert_eq!(at(&one["found"]["found_at"]), noon());
    assert_eq!(one["report"]["rows"][0]["code"], "token_refused");
    let people = [&one["owners"]["new"], &one["owners"]["old"], &one["updated"]["by"]];
    let people: BTreeSet<&str> = people.into_iter().filter_map(Value::as_str).collect();
    assert!(people.len() == 3 && people.iter().all(|name| name.starts_with("person-")), "{one}");
    assert_eq!(one["updated"]["by"], one["other_owner"]["by"]);
    let kept = bundle("acme", RedactionOptions { people: false, ..RedactionOptions::default() });
    assert!(["Svc-New", "svc-old", "jo.doe"].iter().all(|name| kept.contains(name)), "{kept}");
}

#[test]
fn names_that_the_person_chose_to_keep_are_kept_and_listed() {
    let all = bundle("acme", RedactionOptions { people: false, addresses: false, orgs: false });
    for kept in ["Svc-Radiant@example.com", "203.0.113.7", "https://acme.okta.com"] {
        assert!(all.contains(kept), "{kept}");
    }
    let all: Value = serde_json::from_str(&all).unwrap();
    assert_eq!(all["replaced"], json!({"people": false, "addresses": false, "orgs": false}));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_token_in_any_text_never_survives(
        tail in "[A-Za-z0-9_-]{40}",
        before in "\\PC{0,12}",
        after in "\\PC{0,12}",
        keep in any::<bool>(),
        shape in 0..3,
    ) {
        let canary = match shape {
            0 => format!("00{tail}"),
            1 => format!("eyJ{tail}.{tail}.{tail}"),
            _ => format!("q{}", &tail[..10]),
        };
        let scheme = if shape == 2 { "SSWS " } else { "" };
        let redact = if keep { RedactionOptions { people: false, addresses: false, orgs: false } } else { RedactionOptions::default() };
        // An opaque value ends where the header's value ends.
        let after = if shape == 2 { format!(" {after}") } else { after };
        let written = bundle(&format!("{before}{scheme}{canary}{after}"), redact);
        prop_assert!(!written.contains(&canary), "{}", written);
        let whole: Value = serde_json::from_str(&written).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(whole["format"].as_u64(), Some(2));
    }
}
