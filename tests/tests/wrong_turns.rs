//! Wrong turns: what an administrator may paste, own, forget or sit behind, and the code each is told with.
//!
//! The real client asks the practice organisation over HTTP; the database is real SQLite in a temporary folder.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod support;

use chrono::TimeDelta;
use connector::clock::Clock;
use connector::model::{CheckId, Code, Outcome, Profile, SecretName, Skip, Standing};
use practice::{Change, Fault, FaultKind, Foreign, Options, Side, Variants, WrongIndex};
use support::Story;

async fn faulty(kind: FaultKind, path: &str) -> Story {
    let story = Story::begin().await;
    story.paste_super_admin().await;
    story.control().fault(Some(Fault::on(Side::Okta, kind).at(path)));
    story
}

#[tokio::test]
async fn a_super_administrators_token_passes_every_check_of_okta() {
    let story = Story::begin().await;
    story.paste_super_admin().await;
    let (report, news) = story.check_told().await;
    assert_eq!(report.worst(), Outcome::Passed, "{:#?}", report.rows);
    assert_eq!(report.rows.len(), CheckId::ALL.len());
    assert!(news.len() > report.rows.len(), "rows are told as they come");
    assert!(report.capabilities.iter().all(|row| matches!(row.standing, Standing::Proven | Standing::Allowed)));
}

#[tokio::test]
async fn a_read_only_token_suffices_for_ingestion_and_cannot_be_told_for_response() {
    let story = Story::begin().await;
    story.paste(&story.practice.card().tokens.read_only.clone()).await;
    story.profile(Profile::Ingestion).await;
    assert_eq!(story.check().await.worst(), Outcome::Passed);
    story.profile(Profile::Response).await;
    let report = story.check().await;
    assert_eq!(report.row(CheckId::Roles).unwrap().code, Some(Code::RolesNotTold));
    assert_eq!(report.row(CheckId::Capabilities).unwrap().code, Some(Code::CapabilityNotTold));
    assert_eq!(report.worst(), Outcome::Unknown);
}

#[tokio::test]
async fn a_role_that_was_read_and_is_too_small_fails() {
    let story = Story::begin().await;
    story.paste_super_admin().await;
    // The owner keeps the right to read roles and loses the rest, as with a custom role beside a report administrator.
    let roles = vec!["REPORT_ADMIN".to_owned()];
    story.control().set(Change::Roles { principal: "super_admin".to_owned(), roles });
    let report = story.check().await;
    assert_eq!(report.row(CheckId::Users).unwrap().code, Some(Code::UsersRefused));
    assert_eq!(report.row(CheckId::Zones).unwrap().code, Some(Code::ZonesRefused));
    assert_eq!(report.row(CheckId::Capabilities).unwrap().code, Some(Code::CapabilityRefused));
    assert_eq!(report.worst(), Outcome::Failed);
}

#[tokio::test]
async fn a_token_that_may_not_read_the_system_log_fails_for_ingestion() {
    let story = Story::begin().await;
    story.paste_super_admin().await;
    story.profile(Profile::Ingestion).await;
    let roles = vec!["HELP_DESK_ADMIN".to_owned()];
    story.control().set(Change::Roles { principal: "super_admin".to_owned(), roles });
    assert_eq!(story.row(CheckId::SystemLog).await.code, Some(Code::LogsRefused));
}

#[tokio::test]
async fn more_rights_than_ingestion_needs_want_attention() {
    let story = Story::begin().await;
    story.paste_super_admin().await;
    story.profile(Profile::Ingestion).await;
    let row = story.row(CheckId::Roles).await;
    assert_eq!((row.outcome, row.code), (Outcome::Attention, Some(Code::RoleMoreThanNeeded)));
}

#[tokio::test]
async fn an_expired_token_is_refused_and_nothing_after_it_is_asked() {
    let story = Story::begin().await;
    story.paste(&story.practice.card().tokens.expired.clone()).await;
    let report = story.check().await;
    assert_eq!(report.row(CheckId::Token).unwrap().code, Some(Code::TokenRefused));
    assert_eq!(report.row(CheckId::Owner).unwrap().skipped, Some(Skip::Depends));
    assert_eq!(report.row(CheckId::Token).unwrap().evidence[0].okta_code.as_deref(), Some("E0000011"));
    assert!(report.row(CheckId::Token).unwrap().evidence[0].request_id.is_some());
}

#[tokio::test]
async fn a_deactivated_owner_makes_the_token_refused() {
    let story = Story::begin().await;
    story.paste(&story.practice.card().tokens.owner_deactivated.clone()).await;
    assert_eq!(story.row(CheckId::Token).await.code, Some(Code::TokenRefused));
}

#[tokio::test]
async fn a_token_restricted_to_another_network_is_told_under_either_answer() {
    let story = Story::begin().await;
    story.paste(&story.practice.card().tokens.network_restricted.clone()).await;
    assert_eq!(story.row(CheckId::Token).await.code, Some(Code::TokenRestricted));
    let variants = Variants { restricted_is_403: false, ..Variants::default() };
    story.control().set(Change::Variants { variants });
    assert_eq!(story.row(CheckId::Token).await.code, Some(Code::TokenRefused));
}

#[tokio::test]
async fn a_persons_token_wants_a_decision_and_keeps_it_in_mind() {
    use connector::model::Confirmable;
    let story = Story::begin().await;
    story.paste(&story.practice.card().tokens.person_super_admin.clone()).await;
    let row = story.row(CheckId::Owner).await;
    assert_eq!((row.outcome, row.code), (Outcome::Attention, Some(Code::OwnerIsPerson)));
    assert_eq!(row.args["owner"], "jo.marsh@practice.example");
    story.connector.confirm(&story.id, Confirmable::OwnerIsServiceAccount, true).await.unwrap();
    assert_eq!(story.row(CheckId::Owner).await.outcome, Outcome::Passed);
}

#[tokio::test]
async fn an_owner_that_is_suspended_after_the_check_is_told() {
    let story = Story::begin().await;
    story.paste_super_admin().await;
    story.control().set(Change::OwnerStatus { principal: "super_admin".to_owned(), status: "SUSPENDED".to_owned() });
    assert_eq!(story.row(CheckId::Token).await.code, Some(Code::TokenRefused));
}

#[tokio::test]
async fn the_entry_is_certain_only_when_its_making_was_seen_during_the_guide() {
    let story = Story::begin().await;
    story.paste_super_admin().await;
    let sureness = |row: &connector::model::CheckRow| {
        let fact = row.facts.iter().find(|fact| fact.key == connector::model::FactKey::TokenSureness);
        fact.map(|fact| fact.value.clone())
    };
    assert_eq!(sureness(&story.row(CheckId::TokenEntry).await).as_deref(), Some("probable"));
    story.control().set(Change::TokenMade { principal: "super_admin".to_owned() });
    assert_eq!(sureness(&story.row(CheckId::TokenEntry).await).as_deref(), Some("certain"));
}

#[tokio::test]
async fn what_is_no_token_is_refused_before_anything_is_kept_or_sent() {
    let story = Story::begin().await;
    let cases = [
        ("", Code::TokenEmpty),
        ("00T1gtr35t8ZbfBfV1d7", Code::TokenIsId),
        ("eyJhbGciOiJSUzI1NiJ9.e30.c2ln", Code::TokenIsJwt),
        ("https://acme.okta.com", Code::TokenIsAddress),
        ("00abc def", Code::TokenHasBlanks),
    ];
    let before = story.control().counters().requests;
    for (pasted, code) in cases {
        let kept = story.connector.store_secret(&story.id, SecretName::OktaToken, pasted.into(), false).await;
        assert_eq!(kept.unwrap_err().code, code, "{pasted:?}");
    }
    assert_eq!(story.control().counters().requests, before);
    let view = story.connector.connection(&story.id).await.unwrap();
    assert!(view.secrets.iter().all(|state| state.since.is_none()));
}

#[tokio::test]
async fn no_token_yet_skips_what_needs_one() {
    let story = Story::begin().await;
    let report = story.check().await;
    assert_eq!(report.row(CheckId::Domain).unwrap().outcome, Outcome::Passed);
    assert_eq!(report.row(CheckId::Token).unwrap().skipped, Some(Skip::NoToken));
}

#[tokio::test]
async fn okta_down_fails_the_domain_and_asks_nothing_else() {
    let story = faulty(FaultKind::Status { status: 503, code: String::new() }, "/").await;
    let report = story.check().await;
    assert_eq!(report.row(CheckId::Domain).unwrap().code, Some(Code::OktaUnavailable));
    assert_eq!(report.row(CheckId::Token).unwrap().skipped, Some(Skip::Depends));
}

#[tokio::test]
async fn a_captive_portals_page_is_no_okta_org() {
    let story = faulty(FaultKind::CaptivePage, "/").await;
    assert_eq!(story.row(CheckId::Domain).await.code, Some(Code::CaptivePortal));
    let other = FaultKind::Redirect { to: "http://portal.example/login".to_owned() };
    story.control().fault(Some(Fault::on(Side::Okta, other)));
    assert_eq!(story.row(CheckId::Domain).await.code, Some(Code::CaptivePortal));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_unknown_not_failed() {
    let story = faulty(FaultKind::Truncate, "/api/v1/logs").await;
    let row = story.row(CheckId::SystemLog).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::AnswerTruncated)));
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again_and_then_unknown() {
    let story = faulty(FaultKind::Reset, "/api/v1/zones").await;
    let row = story.row(CheckId::Zones).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::ConnectionReset)));
    assert!(story.control().counters().requests["okta /api/v1/zones"] >= 2);
}

#[tokio::test]
async fn a_break_that_passes_is_not_even_noticed() {
    let story = Story::begin().await;
    story.paste_super_admin().await;
    let once = Fault { times: Some(1), ..Fault::on(Side::Okta, FaultKind::Reset).at("/api/v1/users/me") };
    story.control().fault(Some(once));
    assert_eq!(story.row(CheckId::Token).await.outcome, Outcome::Passed);
}

#[tokio::test]
async fn a_slow_answer_times_out_as_unknown() {
    let story = faulty(FaultKind::Slow { ms: 5_000 }, "/api/v1/logs").await;
    let row = story.row(CheckId::SystemLog).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::TimedOut)));
}

#[tokio::test]
async fn a_used_up_rate_limit_says_when_to_come_back() {
    let story = faulty(FaultKind::RateLimited { reset_s: 48 }, "/api/v1/logs").await;
    let row = story.row(CheckId::SystemLog).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::OktaRateLimited)));
    let seconds: u32 = row.args["seconds"].parse().unwrap();
    assert!((40..=60).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn a_reset_in_the_past_does_not_break_the_wait() {
    let story = Story::begin().await;
    story.paste_super_admin().await;
    let past = FaultKind::RateLimited { reset_s: -30 };
    story.control().fault(Some(Fault { times: Some(1), ..Fault::on(Side::Okta, past).at("/api/v1/logs") }));
    assert_eq!(story.row(CheckId::SystemLog).await.outcome, Outcome::Passed);
}

#[tokio::test]
async fn garbled_rate_limit_headers_could_not_be_told() {
    let story = faulty(FaultKind::GarbageRateHeaders, "/api/v1/logs").await;
    let report = story.check().await;
    assert_eq!(report.row(CheckId::SystemLog).unwrap().outcome, Outcome::Passed);
    assert_eq!(report.row(CheckId::RateLimit).unwrap().code, Some(Code::RateNotTold));
}

#[tokio::test]
async fn other_consumers_and_little_head_room_are_told() {
    let story = Story::begin().await;
    story.paste_super_admin().await;
    story.control().set(Change::OtherConsumers { requests: 40 });
    assert_eq!(story.row(CheckId::RateLimit).await.code, Some(Code::RateOtherConsumers));
    story.control().set(Change::OtherConsumers { requests: 52 });
    assert_eq!(story.row(CheckId::RateLimit).await.code, Some(Code::RateLow));
}

#[tokio::test]
async fn read_only_mode_is_unknown_and_named() {
    let story = Story::begin().await;
    story.paste_super_admin().await;
    story.control().set(Change::ReadOnlyMode { on: true });
    let row = story.row(CheckId::Token).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::OktaReadOnly)));
}

#[tokio::test]
async fn a_slow_query_of_the_system_log_is_named() {
    let story = faulty(FaultKind::Status { status: 500, code: "E0000009".to_owned() }, "/api/v1/logs").await;
    assert_eq!(story.row(CheckId::SystemLog).await.code, Some(Code::LogsSlow));
}

#[tokio::test]
async fn a_401_for_a_missing_feature_is_not_a_dead_token() {
    let story = faulty(FaultKind::Status { status: 401, code: "E0000015".to_owned() }, "/api/v1/users/me").await;
    let row = story.row(CheckId::Token).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::FeatureRefused)));
}

#[tokio::test]
async fn a_foreign_next_link_is_refused_and_the_other_host_sees_nothing() {
    let foreign = Foreign::start().await.unwrap();
    let story = faulty(FaultKind::ForeignNext { to: foreign.url().to_owned() }, "/api/v1/logs").await;
    let row = story.row(CheckId::SystemLog).await;
    assert_eq!((row.outcome, row.code), (Outcome::Failed, Some(Code::NextLinkForeign)));
    assert_eq!(foreign.requests(), 0);
    assert!(!foreign.saw_token());
}

#[tokio::test]
async fn a_redirect_is_refused_and_the_other_host_sees_nothing() {
    let foreign = Foreign::start().await.unwrap();
    let story = faulty(FaultKind::Redirect { to: format!("{}/take", foreign.url()) }, "/api/v1/").await;
    let report = story.check().await;
    assert_eq!(report.row(CheckId::Token).unwrap().code, Some(Code::RedirectRefused));
    assert_eq!(foreign.requests(), 0);
    assert!(!foreign.saw_token());
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_unknown() {
    let story = faulty(FaultKind::Unreadable, "/api/v1/users/me").await;
    let row = story.row(CheckId::Token).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::AnswerUnreadable)));
}

#[tokio::test]
async fn a_clock_ten_minutes_off_wants_attention_and_harms_nothing_else() {
    let clock = Clock::offset(TimeDelta::minutes(10));
    let story = Story::with(Options { events_per_second: 0.0, ..Options::default() }, clock).await;
    story.paste_super_admin().await;
    let report = story.check().await;
    let row = report.row(CheckId::Clock).unwrap();
    assert_eq!((row.outcome, row.code), (Outcome::Attention, Some(Code::ClockOff)));
    assert_eq!(report.row(CheckId::SystemLog).unwrap().outcome, Outcome::Passed);
}

#[tokio::test]
async fn an_org_without_events_wants_attention() {
    let story =
        Story::with(Options { backfill: 0, events_per_second: 0.0, ..Options::default() }, Clock::system()).await;
    story.paste_super_admin().await;
    assert_eq!(story.row(CheckId::SystemLog).await.code, Some(Code::LogsEmpty));
}

#[tokio::test]
async fn radiant_is_found_to_receive_by_one_event() {
    let story = Story::begin().await;
    story.paste_super_admin().await;
    story.join_radiant().await;
    story.radiant_has_read().await;
    let report = story.check().await;
    assert_eq!(report.row(CheckId::RadiantSearch).unwrap().outcome, Outcome::Passed);
    assert_eq!(report.row(CheckId::Arrival).unwrap().outcome, Outcome::Passed, "{:#?}", report.row(CheckId::Arrival));
    let view = story.connector.connection(&story.id).await.unwrap();
    assert!(view.status.arrival_verified);
}

#[tokio::test]
async fn a_radiant_that_does_not_poll_has_no_events() {
    let story = Story::begin().await;
    story.paste_super_admin().await;
    story.control().set(Change::RadiantPolls { on: false });
    story.join_radiant().await;
    let row = story.row(CheckId::Arrival).await;
    assert_eq!((row.outcome, row.code), (Outcome::Failed, Some(Code::RadiantNoEvents)));
}

#[tokio::test]
async fn a_feed_that_stopped_is_lagging_not_verified_forever() {
    let story = Story::begin().await;
    story.paste_super_admin().await;
    story.control().set(Change::RadiantLag { seconds: 3_600 });
    story.join_radiant().await;
    story.radiant_has_read().await;
    let row = story.row(CheckId::Arrival).await;
    assert_eq!((row.outcome, row.code), (Outcome::Attention, Some(Code::RadiantLagging)));
}

#[tokio::test]
async fn a_wrong_search_token_is_told_under_either_status() {
    for status in [401, 403] {
        let story = Story::begin().await;
        story.paste_super_admin().await;
        let variants = Variants { wrong_token_status: status, ..Variants::default() };
        story.control().set(Change::Variants { variants });
        story.search(|search| search).await;
        let wrong = "wrong-search-token".to_owned().into();
        story.connector.store_secret(&story.id, SecretName::RadiantSearchToken, wrong, false).await.unwrap();
        let report = story.check().await;
        assert_eq!(report.row(CheckId::RadiantSearch).unwrap().code, Some(Code::RadiantTokenRefused));
        assert_eq!(report.row(CheckId::Arrival).unwrap().skipped, Some(Skip::Depends));
    }
}

#[tokio::test]
async fn a_wrong_index_is_told_from_no_data_where_radiant_tells_it() {
    let story = Story::begin().await;
    story.paste_super_admin().await;
    story.join_radiant().await;
    story.search(|search| connector::model::RadiantSearch { index: Some("raw_events".to_owned()), ..search }).await;
    let row = story.row(CheckId::RadiantSearch).await;
    assert_eq!(row.code, Some(Code::RadiantIndexWrong));
    assert_eq!(row.args["index"], "raw_events");
    let variants = Variants { wrong_index: WrongIndex::NoHits, ..Variants::default() };
    story.control().set(Change::Variants { variants });
    let report = story.check().await;
    assert_eq!(report.row(CheckId::Arrival).unwrap().code, Some(Code::RadiantNoEvents));
}

#[tokio::test]
async fn a_wrong_timestamp_field_and_a_wrong_connector_type_are_told_apart() {
    use connector::model::RadiantSearch;
    let story = Story::begin().await;
    story.paste_super_admin().await;
    story.join_radiant().await;
    story.radiant_has_read().await;
    story.search(|search| RadiantSearch { timestamp_field: Some("when".to_owned()), ..search }).await;
    assert_eq!(story.row(CheckId::Arrival).await.code, Some(Code::RadiantFieldWrong));
    story.search(|search| RadiantSearch { connector_type: Some("okta".to_owned()), ..search }).await;
    assert_eq!(story.row(CheckId::Arrival).await.code, Some(Code::RadiantNoEvents));
}

#[tokio::test]
async fn what_radiant_does_not_publish_is_asked_for_not_assumed() {
    use connector::model::RadiantSearch;
    let story = Story::begin().await;
    story.paste_super_admin().await;
    story.join_radiant().await;
    story.radiant_has_read().await;
    story.search(|search| RadiantSearch { index: None, ..search }).await;
    assert_eq!(story.row(CheckId::RadiantSearch).await.code, Some(Code::RadiantIndexUnset));
    story.search(|search| RadiantSearch { connector_type: None, ..search }).await;
    assert_eq!(story.row(CheckId::RadiantSearch).await.code, Some(Code::RadiantTypeUnset));
    let found = story.connector.discover_radiant(&story.id).await.unwrap();
    assert_eq!(found.okta_type.as_deref(), Some("okta_system_log"));
    assert_eq!(found.timestamp_field.as_deref(), Some("timestamp"));
}

#[tokio::test]
async fn discovery_without_aggregation_still_finds_the_type_and_says_what_was_refused() {
    use connector::model::RadiantSearch;
    let story = Story::begin().await;
    story.paste_super_admin().await;
    let variants = Variants { aggregation: false, timestamp_field: "rs_timestamp".to_owned(), ..Variants::default() };
    story.control().set(Change::Variants { variants });
    story.join_radiant().await;
    story.radiant_has_read().await;
    let blank = |search: RadiantSearch| RadiantSearch { connector_type: None, timestamp_field: None, ..search };
    story.search(blank).await;
    let found = story.connector.discover_radiant(&story.id).await.unwrap();
    assert_eq!(found.okta_type.as_deref(), Some("okta_system_log"));
    assert_eq!(found.timestamp_field.as_deref(), Some("rs_timestamp"));
    assert_eq!(found.problem.unwrap().code, Code::RadiantAggregationRefused);
}

#[tokio::test]
async fn a_tenant_with_its_own_bucket_is_found_with_the_header_alone() {
    use connector::model::RadiantSearch;
    let story = Story::begin().await;
    story.paste_super_admin().await;
    story.join_radiant().await;
    story.radiant_has_read().await;
    story.control().set(Change::Byob { on: true });
    assert_eq!(story.row(CheckId::RadiantSearch).await.code, Some(Code::RadiantIndexWrong));
    story.search(|search| RadiantSearch { byob: true, ..search }).await;
    assert_eq!(story.row(CheckId::Arrival).await.outcome, Outcome::Passed);
}

#[tokio::test]
async fn radiant_down_is_unknown_and_says_nothing_of_okta() {
    let story = Story::begin().await;
    story.paste_super_admin().await;
    story.join_radiant().await;
    let down = FaultKind::Status { status: 503, code: String::new() };
    story.control().fault(Some(Fault::on(Side::Radiant, down)));
    let report = story.check().await;
    let row = report.row(CheckId::RadiantSearch).unwrap();
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::RadiantUnavailable)));
    assert_eq!(report.row(CheckId::SystemLog).unwrap().outcome, Outcome::Passed);
}

#[tokio::test]
async fn a_search_host_of_another_kind_must_be_typed_twice() {
    use connector::model::RadiantSearch;
    let story = Story::begin().await;
    for (url, code) in [
        ("https://search.example.com/_msearch", Code::RadiantHostUnusual),
        ("http://search.example.com/_msearch", Code::RadiantHostPlainHttp),
        ("not an address", Code::RadiantAddressInvalid),
    ] {
        let search = RadiantSearch { url: url.to_owned(), ..RadiantSearch::default() };
        let set = story.connector.set_radiant_search(&story.id, search).await;
        assert_eq!(set.unwrap_err().code, code, "{url}");
    }
}

#[tokio::test]
async fn a_practice_organisation_that_ended_says_so() {
    let story = Story::begin().await;
    let Story { practice, connector, id, folder } = story;
    practice.stop().await;
    let found = connector.discover_domain(&id, "").await;
    assert_eq!(found.unwrap_err().code, Code::PracticeEnded);
    drop(folder);
}

#[tokio::test]
async fn a_question_with_something_private_is_not_sent_and_a_plain_one_is_answered() {
    let story = Story::begin().await;
    let asked = story.connector.ask_docs(Some(&story.id), "why is jo@example.com locked?").await;
    assert_eq!(asked.unwrap_err().code, Code::QuestionPrivate);
    assert_eq!(story.connector.ask_docs(Some(&story.id), "  ").await.unwrap_err().code, Code::QuestionEmpty);
    let before = story.control().counters().requests.keys().filter(|key| key.contains("okta.md")).count();
    assert_eq!(before, 0, "nothing was sent");
    let answer = story.connector.ask_docs(Some(&story.id), "Which role does Radiant need?").await.unwrap();
    assert!(answer.answer.contains("read-only administrator"));
    assert!(answer.sources.iter().all(|source| source.path.starts_with('/')));
}
