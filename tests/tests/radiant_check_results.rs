//! Wrong settings of Radiant: tokens, indexes and fields, feeds that stop, questions that contain secrets.
//!
//! The real client calls the practice organization over HTTP; the database is real SQLite in a temporary folder.

mod support;

use model::check::{CheckId, Outcome, Skip};
use model::code::Code;
use model::monitor::DeliveryProof;
use model::secret_name::SecretName;
use practice::{Change, Fault, FaultKind, Side, Variants, WrongIndex};

use support::TestConnection;

#[tokio::test]
async fn radiant_is_found_to_receive_by_one_event() {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    story.join_radiant().await;
    story.radiant_has_read().await;
    let report = story.check().await;
    assert_eq!(report.row(CheckId::RadiantSearch).unwrap().outcome, Outcome::Passed);
    assert_eq!(report.row(CheckId::Arrival).unwrap().outcome, Outcome::Passed, "{:#?}", report.row(CheckId::Arrival));
    let view = story.connector.connections().get(&story.id).await.unwrap();
    assert!(view.status.arrival_verified);
    let found_at = report.row(CheckId::Arrival).unwrap().at;
    assert_eq!(view.monitor.delivery_proof, Some(DeliveryProof { since: Some(found_at), last: found_at }));
    assert!(view.monitor.unchanged_since.is_none_or(|since| since >= found_at), "it receives since the proof");
}

#[tokio::test]
async fn a_radiant_that_does_not_poll_has_no_events() {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    story.control().set(Change::RadiantPolls { on: false });
    story.join_radiant().await;
    let row = story.row(CheckId::Arrival).await;
    assert_eq!((row.outcome, row.code), (Outcome::Failed, Some(Code::RadiantNoEvents)));
}

#[tokio::test]
async fn a_feed_that_stopped_is_lagging_not_verified_forever() {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    story.control().set(Change::RadiantLag { seconds: 3_600 });
    story.join_radiant().await;
    story.radiant_has_read().await;
    let row = story.row(CheckId::Arrival).await;
    assert_eq!((row.outcome, row.code), (Outcome::Attention, Some(Code::RadiantLagging)));
}

#[tokio::test]
async fn a_wrong_search_token_is_recognized_by_either_status() {
    for status in [401, 403] {
        let story = TestConnection::begin().await;
        story.paste_super_admin().await;
        let variants = Variants { wrong_token_status: status, ..Variants::default() };
        story.control().set(Change::Variants { variants });
        story.search(|search| search).await;
        let wrong = "wrong-search-token".to_owned().into();
        story.connector.tokens().store(&story.id, SecretName::RadiantSearchToken, wrong, false).await.unwrap();
        let report = story.check().await;
        assert_eq!(report.row(CheckId::RadiantSearch).unwrap().code, Some(Code::RadiantTokenRefused));
        assert_eq!(report.row(CheckId::Arrival).unwrap().skipped, Some(Skip::Depends));
    }
}

#[tokio::test]
async fn a_wrong_index_is_distinguished_from_no_data_where_radiant_reports_it() {
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    story.join_radiant().await;
    story
        .search(|search| model::radiant_search_settings::RadiantSearch {
            index: Some("raw_events".to_owned()),
            ..search
        })
        .await;
    let row = story.row(CheckId::RadiantSearch).await;
    assert_eq!(row.code, Some(Code::RadiantIndexWrong));
    assert_eq!(row.args["index"], "raw_events");
    let variants = Variants { wrong_index: WrongIndex::NoHits, ..Variants::default() };
    story.control().set(Change::Variants { variants });
    let report = story.check().await;
    assert_eq!(report.row(CheckId::Arrival).unwrap().code, Some(Code::RadiantNoEvents));
}

#[tokio::test]
async fn a_wrong_timestamp_field_and_a_wrong_connector_type_are_distinguished() {
    use model::radiant_search_settings::RadiantSearch;
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    story.join_radiant().await;
    story.radiant_has_read().await;
    story.search(|search| RadiantSearch { timestamp_field: Some("when".to_owned()), ..search }).await;
    assert_eq!(story.row(CheckId::Arrival).await.code, Some(Code::RadiantFieldWrong));
    story.search(|search| RadiantSearch { connector_type: Some("okta".to_owned()), ..search }).await;
    assert_eq!(story.row(CheckId::Arrival).await.code, Some(Code::RadiantNoEvents));
}

#[tokio::test]
async fn unpublished_settings_of_radiant_are_requested_not_assumed() {
    use model::radiant_search_settings::RadiantSearch;
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    story.join_radiant().await;
    story.radiant_has_read().await;
    story.search(|search| RadiantSearch { index: None, ..search }).await;
    assert_eq!(story.row(CheckId::RadiantSearch).await.code, Some(Code::RadiantIndexUnset));
    story.search(|search| RadiantSearch { connector_type: None, ..search }).await;
    assert_eq!(story.row(CheckId::RadiantSearch).await.code, Some(Code::RadiantTypeUnset));
    let found = story.connector.guide().discover_radiant(&story.id).await.unwrap();
    assert_eq!(found.okta_type.as_deref(), Some("okta_system_log"));
    assert_eq!(found.timestamp_field.as_deref(), Some("timestamp"));
}

#[tokio::test]
async fn discovery_without_aggregation_still_finds_the_type_and_says_what_was_refused() {
    use model::radiant_search_settings::RadiantSearch;
    let story = TestConnection::begin().await;
    story.paste_super_admin().await;
    let variants = Variants { aggregation: false, timestamp_field: "rs_timestamp".to_owned(), ..Variants::default() };
    story.control().set(Change::Variants { variants });
    story.join_radiant().await;
    story.radiant_has_read().await;
    let blank = |search: RadiantSearch| RadiantSearch { connector_type: None, timestamp_field: None, ..search };
    story.search(blank).await;
    let found = story.connector.guide().discover_radiant(&story.id).await.unwrap();
    assert_eq!(found.okta_type.as_deref(), Some("okta_system_log"));
    assert_eq!(found.timestamp_field.as_deref(), Some("rs_timestamp"));
    assert_eq!(found.problem.unwrap().code, Code::RadiantAggregationRefused);
}

#[tokio::test]
async fn a_tenant_with_its_own_bucket_is_found_with_the_header_alone() {
    use model::radiant_search_settings::RadiantSearch;
    let story = TestConnection::begin().await;
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
    let story = TestConnection::begin().await;
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
    use model::radiant_search_settings::RadiantSearch;
    let story = TestConnection::begin().await;
    for (url, code) in [
        ("https://search.example.com/_msearch", Code::RadiantHostUnusual),
        ("http://search.example.com/_msearch", Code::RadiantHostPlainHttp),
        ("not an address", Code::RadiantAddressInvalid),
    ] {
        let search = RadiantSearch { url: url.to_owned(), ..RadiantSearch::default() };
        let set = story.connector.guide().set_radiant_search(&story.id, search).await;
        assert_eq!(set.unwrap_err().code, code, "{url}");
    }
}

#[tokio::test]
async fn a_question_with_something_private_is_not_sent_and_a_plain_one_is_answered() {
    let story = TestConnection::begin().await;
    let asked = story.connector.guide().ask_docs(Some(&story.id), "why is jo@example.com locked?").await;
    assert_eq!(asked.unwrap_err().code, Code::QuestionPrivate);
    assert_eq!(story.connector.guide().ask_docs(Some(&story.id), "  ").await.unwrap_err().code, Code::QuestionEmpty);
    let before = story.control().counters().requests.keys().filter(|key| key.contains("okta.md")).count();
    assert_eq!(before, 0, "nothing was sent");
    let answer = story.connector.guide().ask_docs(Some(&story.id), "Which role does Radiant need?").await.unwrap();
    assert!(answer.answer.contains("read-only administrator"));
    assert!(answer.sources.iter().all(|source| source.path.starts_with('/')));
}
