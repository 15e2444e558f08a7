//! The set-up report: its content, the personal data that it names, and that it contains neither a token nor markup from outside.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use connector::reports::{json, markdown};
use messages::{Messages, keys};
use model::arrival::Arrival;
use model::capability::{Capability, CapabilityRow, CapabilityState};
use model::check::{CheckId, CheckReport, CheckRow, Evidence, Fact, FactKey, Outcome, Skip};
use model::code::Code;
use model::connection::{Connection, ConnectionId, Keep, Profile};
use model::connection_view::{ConnectionRecord, ConnectionView};
use model::guide::{Confirmable, Confirmation, GuideState, GuideStep};
use model::monitor::MonitorState;
use model::okta_origin::{OktaDomain, Origin};
use model::preferences::Language;
use model::problem::Problem;
use model::radiant_search_settings::RadiantSearch;
use model::reminder::{Reminder, ReminderKind};
use model::secret_name::{SecretName, SecretState};
use model::status::Status;
use model::status_rules::StatusClock;
use proptest::prelude::*;
use serde_json::Value;

/// An invented token in the format of every example of Okta's.
const TOKEN: &str = "00Canary-abcdefghijklmnopqrstuvwxyz_012345";
const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl";

const LANGUAGES: [Language; 2] = [Language::En, Language::De];

fn noon() -> DateTime<Utc> {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn fact(key: FactKey, value: &str) -> Fact {
    Fact { key, value: value.to_owned() }
}

fn row(check: CheckId, outcome: Outcome, code: Option<Code>, facts: Vec<Fact>) -> CheckRow {
    let evidence = Evidence {
        endpoint: "GET /api/v1/users/me".to_owned(),
        status: Some(200),
        okta_code: None,
        request_id: Some(format!("req-{check:?}")),
        ms: 12,
    };
    CheckRow {
        check,
        outcome,
        skipped: None,
        code,
        args: BTreeMap::new(),
        facts,
        remembered: None,
        evidence: vec![evidence],
        link: None,
        blocked_by: None,
        at: noon(),
        ms: 12,
    }
}

fn view() -> ConnectionView {
    let owner = vec![
        fact(FactKey::Owner, "svc-radiant@example.com"),
        fact(FactKey::OwnerName, "Radiant Service"),
        fact(FactKey::EgressAddress, "203.0.113.7"),
    ];
    let mut skipped = row(CheckId::RadiantSearch, Outcome::Skipped, None, vec![]);
    skipped.skipped = Some(Skip::NoSearchToken);
    skipped.evidence.clear();
    let report = CheckReport {
        started: noon(),
        finished: noon(),
        rows: vec![
            row(CheckId::Owner, Outcome::Passed, None, owner),
            row(CheckId::Zones, Outcome::Failed, Some(Code::ZonesRefused), vec![]),
            skipped,
        ],
        capabilities: vec![CapabilityRow {
            capability: Capability::EditZones,
            state: CapabilityState::Refused,
            granted_by: Some("Read-only Administrator".to_owned()),
            needed: true,
        }],
    };
    let setup = GuideState {
        step: GuideStep::Done,
        typed_domain: "typed-by-hand".to_owned(),
        confirmed: vec![Confirmation { what: Confirmable::CredentialAdded, at: noon(), by: "jo".to_owned() }],
        ..GuideState::default()
    };
    let watched = MonitorState::from_report(Some(&report));
    let monitor = watched;
    ConnectionRecord {
        connection: Connection {
            id: ConnectionId("a".to_owned()),
            name: "acme".to_owned(),
            origin: Some(Origin::Okta(OktaDomain::from_host("acme.okta.com").unwrap())),
            org_id: Some("00o1".to_owned()),
            profile: Profile::Response,
            keep: Keep::Token,
            radiant: RadiantSearch::default(),
            created: noon(),
        },
        setup,
        secrets: vec![SecretState {
            name: SecretName::OktaToken,
            since: Some(noon()),
            bound_to: Some("https://acme.okta.com".to_owned()),
            this_run_only: true,
        }],
        report: Some(report),
        rotation: None,
        monitor,
    }
    .view(clock())
}

fn clock() -> StatusClock {
    StatusClock { now: noon(), interval: TimeDelta::minutes(10) }
}

#[test]
fn reminders_are_in_both_forms_and_only_when_there_are_any() {
    let title = "## Upcoming risks";
    assert!(!page(&view(), Language::En).contains(title));
    let args = BTreeMap::from([("owner".to_owned(), "*svc*".to_owned()), ("time".to_owned(), "2026-03-10".to_owned())]);
    let reminder = Reminder {
        kind: ReminderKind::OwnerService,
        of: noon(),
        since: noon(),
        observed_at: None,
        args,
        act: None,
        link: None,
    };
    let reminded = ConnectionView { reminders: vec![reminder], ..view() };
    let text = page(&reminded, Language::En);
    assert!(text.contains(title) && text.contains("still a service account") && !text.contains("Is *svc*"), "{text}");
    assert_eq!(object(&reminded, Language::En)["reminders"][0]["kind"], "owner_service");
}

#[test]
fn the_report_shows_the_step_of_the_guide_and_not_that_its_last_step_is_unfinished() {
    let at = |step: GuideStep, finished| {
        let mut view = view();
        view.setup.step = step;
        view.setup.finished = finished;
        view.status =
            Status::derive(&view.setup, view.report.as_ref(), &MonitorState::default(), Keep::Token, None, clock());
        page(&view, Language::En)
    };
    let last = at(GuideStep::Done, None);
    assert!(last.contains("- Guide: at its last step, not closed yet when this was written\n"), "{last}");
    assert!(!last.contains("- Status:"), "{last}");
    let early = at(GuideStep::CreateToken, None);
    assert!(early.contains("- Guide: at step 3 of 9, “Create the API token in Okta”\n"), "{early}");
    let done = at(GuideStep::Done, Some(noon()));
    assert!(done.contains("- Guide: finished 2026-11-24 12:00:00 UTC\n") && done.contains("- Status: "), "{done}");
}

/// Returns the report that the window is tested with: every kind of line, and text from outside that looks like markup.
fn sample() -> ConnectionView {
    let mut view = view();
    let rows = &mut view.report.as_mut().unwrap().rows;
    rows[0].facts.push(fact(FactKey::TokenName, "Radiant_Security (API) *Token* | 2 <b>"));
    rows.insert(1, row(CheckId::TokenEntry, Outcome::Unknown, Some(Code::EntryUncertain), vec![]));
    view
}

#[test]
fn the_sample_report_of_the_window_is_what_the_app_writes() {
    let kept = include_str!("../../../../ui/src/host/fake/report.md");
    assert_eq!(page(&sample(), Language::En), kept, "ui/src/host/fake/report.md is not current");
}

fn page(view: &ConnectionView, language: Language) -> String {
    markdown(view, &Messages::load(language), "0.1.0", noon())
}

fn object(view: &ConnectionView, language: Language) -> Value {
    serde_json::from_str(&json(view, &Messages::load(language), "0.1.0", noon()).unwrap()).unwrap()
}

/// Returns the text between a `## ` title and the next.
fn section<'a>(page: &'a str, title: &str) -> &'a str {
    let after = page.split(&format!("\n## {title}\n")).nth(1).unwrap();
    after.split("\n## ").next().unwrap()
}

/// Returns a view in which every text from outside is `text`.
fn filled_with(text: &str) -> ConnectionView {
    let mut view = view();
    view.connection.name = text.to_owned();
    view.connection.org_id = Some(text.to_owned());
    view.okta_url = Some(text.to_owned());
    view.setup.confirmed[0].by = text.to_owned();
    view.setup.arrival =
        Some(Arrival { uuid: text.to_owned(), event_type: text.to_owned(), published: noon(), found_at: noon() });
    view.secrets[0].bound_to = Some(text.to_owned());
    let report = view.report.as_mut().unwrap();
    report.capabilities[0].granted_by = Some(text.to_owned());
    for row in &mut report.rows {
        row.facts.push(fact(FactKey::Owner, text));
        row.facts.push(fact(FactKey::TokenName, text));
        row.args.insert("owner".to_owned(), text.to_owned());
        for one in &mut row.evidence {
            one.endpoint = text.to_owned();
            one.okta_code = Some(text.to_owned());
            one.request_id = Some(text.to_owned());
        }
    }
    view.status.problem = Some(Problem::new(Code::Internal).arg("what", text).detail(text));
    view
}

#[test]
fn verified_and_confirmed_are_listed_apart() {
    let page = page(&view(), Language::En);
    let (verified, confirmed) =
        (section(&page, "Verified by the app"), section(&page, "Confirmed by an administrator"));
    assert!(
        verified
            .contains("| Token owner | passed | GET /api/v1/users/me | 200 | req-Owner | 2026-11-24 12:00:00 UTC |")
    );
    assert!(verified.contains("- **Radiant search token**: skipped (no Radiant search token was given)"));
    assert!(confirmed.contains("| The credential was added in Radiant | 2026-11-24 12:00:00 UTC | jo |"));
    assert!(!verified.contains("credential was added") && !confirmed.contains("passed"));
    let object = object(&view(), Language::En);
    assert_eq!(object["verified"]["checks"][1]["code"], "zones_refused");
    assert_eq!(object["verified"]["checks"][0]["title"], "Token owner");
    assert_eq!(object["confirmed"][0]["what"], "credential_added");
    assert_eq!(object["confirmed"][0]["by"], "jo");
}

#[test]
fn delivery_is_claimed_only_when_an_event_was_found() {
    let mut view = view();
    let before = page(&view, Language::En);
    assert!(before.contains("**The arrival of Okta events in Radiant was not verified.**"), "{before}");
    assert_eq!(object(&view, Language::En)["arrival"]["verified"], false);
    view.setup.arrival = Some(Arrival {
        uuid: "5f3c".to_owned(),
        event_type: "user.session.start".to_owned(),
        published: noon(),
        found_at: noon(),
    });
    let watched = MonitorState::from_report(view.report.as_ref());
    view.status = Status::derive(&view.setup, view.report.as_ref(), &watched, view.connection.keep, None, clock());
    let after = page(&view, Language::En);
    assert!(after.contains("An Okta event was found in Radiant by its UUID: 5f3c (user.session.start)"), "{after}");
    assert!(!after.contains("not verified"));
    assert_eq!(object(&view, Language::En)["arrival"]["event"]["uuid"], "5f3c");
}

#[test]
fn a_practice_report_says_so_in_its_title_in_every_language() {
    let mut view = view();
    let word = |language| Messages::load(language).text(keys::PRACTICE_WORD, &[]);
    for language in LANGUAGES {
        assert!(!page(&view, language).contains(&word(language)));
        assert_eq!(object(&view, language)["practice"], false);
    }
    view.practice = true;
    for language in LANGUAGES {
        let (page, object) = (page(&view, language), object(&view, language));
        assert!(page.starts_with(&format!("# {}: ", word(language))), "{page}");
        assert!(object["title"].as_str().unwrap().starts_with(&format!("{}: ", word(language))));
        assert_eq!(object["practice"], true);
    }
}

#[test]
fn the_steps_when_the_owner_leaves_name_the_owner() {
    let page = page(&view(), Language::En);
    let leave = section(&page, "When the token's owner leaves");
    assert!(leave.contains("Before svc-radiant@example.com is deactivated"), "{leave}");
    assert!(leave.contains("\n1. ") && leave.contains("\n5. "));
    let mut unknown = view();
    unknown.report = None;
    let unknown_page = self::page(&unknown, Language::En);
    assert!(section(&unknown_page, "When the token's owner leaves").contains("the token's owner (unknown)"));
    assert!(section(&unknown_page, "Verified by the app").contains("No checks have run yet."));
}

#[test]
fn each_item_of_personal_data_is_listed_once() {
    let mut view = view();
    view.setup.confirmed.push(Confirmation { what: Confirmable::DataConnectorAdded, at: noon(), by: "jo".to_owned() });
    let page = page(&view, Language::En);
    let personal = section(&page, "Personal data in this report");
    for line in [
        "- Login of the token's owner: svc-radiant@example.com",
        "- Name of the token's owner: Radiant Service",
        "- Network address of this computer: 203.0.113.7",
        "- Account on this computer that confirmed: jo",
    ] {
        assert_eq!(personal.matches(line).count(), 1, "{line} in {personal}");
    }
    assert_eq!(object(&view, Language::De)["personal_data"].as_array().unwrap().len(), 4);
    view.report = None;
    view.setup.confirmed.clear();
    assert!(section(&self::page(&view, Language::En), "Personal data in this report").contains("None found."));
}

#[test]
fn a_typed_text_that_is_no_domain_is_left_out() {
    assert!(!page(&view(), Language::En).contains("typed-by-hand"));
    assert!(!object(&view(), Language::En).to_string().contains("typed-by-hand"));
}

#[test]
fn a_token_in_the_wrong_field_does_not_reach_a_report() {
    assert_eq!(TOKEN.len(), 42);
    for hidden in [TOKEN, JWT] {
        for around in [hidden.to_owned(), format!("SSWS {hidden}"), format!("a/{hidden}?b"), format!("\"{hidden}\"")] {
            let view = filled_with(&around);
            for language in LANGUAGES {
                let (page, object) = (page(&view, language), object(&view, language).to_string());
                let part = hidden.rsplit(['.', '-']).next().unwrap();
                assert!(!page.replace('\\', "").contains(part), "{page}");
                assert!(!object.contains(part), "{object}");
            }
        }
    }
    // Text that only resembles a token is kept.
    let view = filled_with("00o1a2b3c4d5e6f7g8h9");
    assert!(page(&view, Language::En).contains("00o1a2b3c4d5e6f7g8h9"));
}

#[test]
fn text_from_outside_forms_no_markup() {
    let hostile = "x | y\n## Verified by the app\r\n<script>alert(1)</script> `code` [a](https://evil.example) ![i](//e) \
                   www.evil.example \u{202e}txet &lt; **b** _i_ ~~s~~ \\| $m$";
    let (plain, page) = (page(&filled_with("x"), Language::En), page(&filled_with(hostile), Language::En));
    assert_eq!(page.lines().count(), plain.lines().count(), "no line is added");
    for (ours, theirs) in plain.lines().zip(page.lines()) {
        assert_eq!(bars(ours), bars(theirs), "no cell is added: {theirs}");
    }
    for markup in ["<", "](h", "://e", "www.evil", "\u{202e}", "**b**", "|\n##"] {
        assert!(!page.contains(markup), "{markup} in {page}");
    }
    assert_eq!(page.matches("\n## ").count(), plain.matches("\n## ").count());
    assert!(page.contains("&lt;script&gt;") && page.contains("\\`code\\`"));
}

/// Counts the bars that separate cells: those without an odd number of backslashes before them.
fn bars(line: &str) -> usize {
    let mut escaped = false;
    let mut bars = 0;
    for c in line.chars() {
        bars += usize::from(c == '|' && !escaped);
        escaped = c == '\\' && !escaped;
    }
    bars
}

proptest! {
    #[test]
    fn no_text_at_all_adds_a_line_a_cell_or_a_tag(text in "\\PC{0,40}|[|<>`\\\\\n\r\t*_\\[\\]]{0,20}") {
        let (plain, page) = (page(&filled_with("x"), Language::De), page(&filled_with(&text), Language::De));
        prop_assert_eq!(page.lines().count(), plain.lines().count());
        for (ours, theirs) in plain.lines().zip(page.lines()) {
            prop_assert_eq!(bars(ours), bars(theirs));
        }
        prop_assert!(!page.contains('<'));
        prop_assert_eq!(object(&filled_with(&text), Language::De)["format"].as_u64(), Some(2));
    }
}
