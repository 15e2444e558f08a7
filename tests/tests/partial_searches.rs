//! Searches of Radiant that covered a part of its data, and refusals that name a field.
//!
//! A mock stands for Radiant beside a practice organization. What such a search did not find is unknown, never missing.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/message_placeholders.rs"]
mod message_placeholders;
mod support;

use mockito::{Matcher, Mock, Server, ServerGuard};
use model::check::{CheckId, CheckReport, CheckRow, FactKey, Outcome};
use model::code::Code;
use model::radiant_search_settings::RadiantSearch;
use model::secret_name::SecretName;

use support::TestConnection;

const PATH: &str = "/quickwit-api-proxy/_msearch";
/// Every shard was searched, and none has the document.
const NOTHING: &str =
    r#"{"status":200,"_shards":{"total":5,"successful":5,"skipped":0,"failed":0},"hits":{"hits":[]}}"#;

/// A practice organization whose connection searches a mocked Radiant.
struct Mocked {
    server: ServerGuard,
    story: TestConnection,
}

impl Mocked {
    async fn with_index(index: &str) -> Self {
        let server = Server::new_async().await;
        let story = TestConnection::begin().await;
        story.paste_super_admin().await;
        let (url, index) =
            (format!("{}{PATH}", server.url()), Some(index.to_owned()).filter(|index| !index.is_empty()));
        story.search(|search| RadiantSearch { url, index, ..search }).await;
        let token = "a-search-token".to_owned().into();
        story.connector.tokens().store(&story.id, SecretName::RadiantSearchToken, token, false).await.unwrap();
        Self { server, story }
    }

    /// Answers searches whose body contains a text with one entry.
    async fn answer(&mut self, contains: &str, entry: &str) -> Mock {
        let mock = self.server.mock("POST", PATH).match_body(Matcher::Regex(contains.to_owned()));
        mock.with_body(format!(r#"{{"took":4,"responses":[{entry}]}}"#)).create_async().await
    }

    /// Answers searches for events with the first of those that were searched for, and with `more` about the search.
    async fn answer_with_hit(&mut self, contains: &str, more: &str) -> Mock {
        self.answer_with_one(contains, more, |uuids| uuids.next()).await
    }

    /// Answers searches for events with one of those that were searched for: with the one that `which` returns.
    async fn answer_with_one(
        &mut self,
        contains: &str,
        more: &str,
        which: for<'a> fn(&mut dyn Iterator<Item = &'a str>) -> Option<&'a str>,
    ) -> Mock {
        let more = more.to_owned();
        let mock = self.server.mock("POST", PATH).match_body(Matcher::Regex(contains.to_owned()));
        let hit = move |request: &mockito::Request| {
            let body = request.utf8_lossy_body().unwrap().into_owned();
            let is_uuid = |part: &&str| part.len() == 36 && part.matches('-').count() == 4;
            let uuid = which(&mut body.split(['"', '\\']).filter(is_uuid)).map(str::to_owned);
            format!(r#"{{"responses":[{{{more}"hits":{{"hits":[{{"_source":{{"uuid":"{}"}}}}]}}}}]}}"#, uuid.unwrap())
                .into_bytes()
        };
        mock.with_body_from_request(hit).create_async().await
    }

    async fn check(&self) -> CheckReport {
        let report = self.story.check().await;
        message_placeholders::assert_filled_in_report(&report);
        report
    }

    async fn row(&self, check: CheckId) -> CheckRow {
        self.check().await.row(check).unwrap().clone()
    }
}

/// Returns the row of the arrival for one answer to every search.
async fn arrival(entry: &str) -> CheckRow {
    let mut radiant = Mocked::with_index("raw-events").await;
    radiant.answer("", entry).await;
    radiant.row(CheckId::Arrival).await
}

fn entry(more: &str) -> String {
    format!(r#"{{"status":200,{more},"hits":{{"total":{{"value":0,"relation":"eq"}},"hits":[]}}}}"#)
}

#[tokio::test]
async fn what_a_partial_search_did_not_find_is_unknown_with_the_numbers() {
    let shards = [
        (
            r#""_shards":{"total":5,"successful":3,"skipped":0,"failed":2,"failures":[{"shard":0,"index":"events"}]}"#,
            ["3", "5"],
        ),
        (r#""timed_out":false,"_shards":{"total":5,"successful":3,"skipped":0,"failed":0}"#, ["3", "5"]),
        (r#""failed_splits":[{"split_id":"a"},{"split_id":"b"}],"num_successful_splits":7"#, ["7", "9"]),
    ];
    for (more, numbers) in shards {
        let row = arrival(&entry(more)).await;
        assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::RadiantSearchPartial)), "{more}");
        assert_eq!([&row.args["searched"], &row.args["total"]], numbers, "{more}");
    }
    let row = arrival(&entry(r#""_clusters":{"total":3,"successful":2,"skipped":1}"#)).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::RadiantClustersPartial)));
    let all = r#""_shards":{"total":5,"successful":5,"failed":0}"#;
    for cut in [r#""timed_out":true"#, r#""terminated_early":true"#] {
        let row = arrival(&entry(&format!("{cut},{all}"))).await;
        assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::RadiantSearchCutShort)), "{cut}");
    }
    let row = arrival(&entry(all)).await;
    assert_eq!((row.outcome, row.code), (Outcome::Failed, Some(Code::RadiantNoEvents)), "a whole search");
}

#[tokio::test]
async fn a_search_for_other_events_that_is_partial_does_not_say_that_there_are_none() {
    let mut radiant = Mocked::with_index("raw-events").await;
    radiant.answer("", &entry(r#""_shards":{"total":5,"successful":1,"failed":0}"#)).await;
    radiant.answer("uuid", NOTHING).await;
    let row = radiant.row(CheckId::Arrival).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::RadiantSearchPartial)));
    assert_eq!(row.args["searched"], "1");
}

#[tokio::test]
async fn a_hit_in_a_partial_search_is_a_proof_and_the_rest_is_no_delay() {
    let mut radiant = Mocked::with_index("raw-events").await;
    radiant.answer("match_all", NOTHING).await;
    let hit = radiant.answer_with_hit("uuid", r#""_shards":{"total":5,"successful":3,"failed":2},"#).await;
    let report = radiant.check().await;
    let row = report.row(CheckId::Arrival).unwrap();
    assert_eq!((row.outcome, row.code), (Outcome::Passed, None), "{row:?}");
    let fact = row.facts.iter().find(|fact| fact.key == FactKey::SearchedParts).unwrap();
    assert_eq!(fact.value, "3 / 5");
    assert!(radiant.story.connector.connections().get(&radiant.story.id).await.unwrap().status.arrival_verified);
    hit.assert_async().await;
}

#[tokio::test]
async fn a_delay_in_a_partial_search_is_neither_proven_nor_over() {
    let all = r#""_shards":{"total":5,"successful":5,"failed":0},"#;
    let partial = r#""_shards":{"total":5,"successful":3,"failed":2},"#;
    let mut radiant = Mocked::with_index("raw-events").await;
    radiant.answer("match_all", NOTHING).await;
    // The oldest event arrived, and a newer one of its type that is due did not.
    let first = radiant.answer_with_one("uuid", all, |uuids| uuids.last()).await;
    let row = radiant.row(CheckId::Arrival).await;
    assert_eq!((row.outcome, row.code), (Outcome::Attention, Some(Code::RadiantLagging)), "{row:?}");
    first.remove_async().await;
    radiant.answer_with_one("uuid", partial, |uuids| uuids.last()).await;
    let row = radiant.row(CheckId::Arrival).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::RadiantSearchPartial)), "{row:?}");
    let view = radiant.story.connector.connections().get(&radiant.story.id).await.unwrap();
    let known: Vec<Code> = view.monitor.conditions.iter().map(|one| one.condition.problem.code).collect();
    assert!(known.contains(&Code::RadiantLagging), "{known:?}");
}

#[tokio::test]
async fn documents_that_were_not_returned_are_no_missing_events() {
    let mut radiant = Mocked::with_index("raw-events").await;
    radiant.answer("match_all", NOTHING).await;
    // Several copies of one event left no room for others.
    let server = radiant.server.mock("POST", PATH).match_body(Matcher::Regex(r#""size":1000.*uuid"#.to_owned()));
    let copies = |request: &mockito::Request| {
        let body = request.utf8_lossy_body().unwrap().into_owned();
        let is_uuid = |part: &&str| part.len() == 36 && part.matches('-').count() == 4;
        let oldest = body.split(['"', '\\']).rfind(is_uuid).unwrap();
        let hit = format!(r#"{{"_source":{{"uuid":"{oldest}"}}}}"#);
        let hits = [hit.as_str(); 3].join(",");
        format!(r#"{{"responses":[{{"hits":{{"total":{{"value":9}},"hits":[{hits}]}}}}]}}"#).into_bytes()
    };
    let mock = server.with_body_from_request(copies).create_async().await;
    let row = radiant.row(CheckId::Arrival).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::RadiantSearchCutShort)), "{row:?}");
    mock.assert_async().await;
}

#[tokio::test]
async fn a_search_of_quickwit_that_counts_no_shards_is_no_missing_index() {
    let mut radiant = Mocked::with_index("okta-*").await;
    let found = r#"{"status":200,"_shards":{"total":0,"successful":0},"hits":{"total":{"value":30},"hits":[]}}"#;
    radiant.answer("", found).await;
    let row = radiant.row(CheckId::RadiantSearch).await;
    assert_eq!((row.outcome, row.code), (Outcome::Passed, None), "{row:?}");
}

#[tokio::test]
async fn a_pattern_that_matches_no_index_is_named() {
    let none = entry(r#""took":0,"timed_out":false,"_shards":{"total":0,"successful":0,"skipped":0,"failed":0}"#);
    for (index, code) in [("okta-*", Code::RadiantIndexNoMatch), ("raw-?", Code::RadiantIndexNoMatch)] {
        let mut radiant = Mocked::with_index(index).await;
        radiant.answer("", &none).await;
        let row = radiant.row(CheckId::RadiantSearch).await;
        assert_eq!((row.outcome, row.code), (Outcome::Failed, Some(code)), "{index}");
        assert_eq!(row.args["index"], index);
    }
    // An index without events in the period has nothing to search either.
    let mut radiant = Mocked::with_index("okta-*").await;
    radiant.answer("range", &none).await;
    radiant.answer("match_all", NOTHING).await;
    assert_eq!(radiant.row(CheckId::Arrival).await.code, Some(Code::RadiantNoEvents));
    let mut radiant = Mocked::with_index("raw-events").await;
    radiant.answer("", &none).await;
    assert_eq!(radiant.row(CheckId::Arrival).await.code, Some(Code::RadiantNoEvents), "the name is no pattern");
}

fn refused(status: u16, reason: &str) -> String {
    format!(r#"{{"status":{status},"error":{{"type":"invalid_query","reason":"{reason}"}}}}"#)
}

#[tokio::test]
async fn only_the_missing_index_without_a_name_proves_the_search_token() {
    for (answer, code) in [
        (refused(404, "index `unset` not found"), Code::RadiantIndexUnset),
        (refused(401, "unauthorized"), Code::RadiantTokenRefused),
        (refused(403, "no access to the index"), Code::RadiantTokenRefused),
        (refused(400, "could not parse"), Code::RadiantQueryRefused),
        (refused(500, "internal error"), Code::RadiantUnavailable),
        (refused(429, "too many requests"), Code::RadiantUnavailable),
    ] {
        let mut radiant = Mocked::with_index("").await;
        radiant.answer("", &answer).await;
        assert_eq!(radiant.row(CheckId::RadiantSearch).await.code, Some(code), "{answer}");
    }
}

#[tokio::test]
async fn a_refusal_is_explained_by_the_field_that_it_names() {
    for (reason, code) in [
        ("sort by field `timestamp`: field does not exist", Code::RadiantFieldWrong),
        ("No mapping found for [timestamp] in order to sort on", Code::RadiantFieldWrong),
        ("unknown field 'rs_connectorType'", Code::RadiantFieldMissing),
        ("the request field is too large to sort", Code::RadiantQueryRefused),
        ("could not parse the timestamp of the request", Code::RadiantQueryRefused),
    ] {
        let mut radiant = Mocked::with_index("raw-events").await;
        radiant.answer("", NOTHING).await;
        radiant.answer("uuid", &refused(400, reason)).await;
        let row = radiant.row(CheckId::Arrival).await;
        assert_eq!((row.outcome, row.code), (Outcome::Failed, Some(code)), "{reason}");
    }
}

#[tokio::test]
async fn a_field_without_positions_is_searched_in_a_second_way() {
    let no_positions = refused(400, "the field 'uuid' does not have positions indexed");
    let mut radiant = Mocked::with_index("raw-events").await;
    radiant.answer("", NOTHING).await;
    radiant.answer("uuid:", &no_positions).await;
    let row = radiant.row(CheckId::Arrival).await;
    assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::RadiantNoPositions)));
    assert_eq!(row.args["field"], "uuid");
    let second = radiant.answer_with_hit(r#""term":\{"uuid""#, "").await;
    assert_eq!(radiant.row(CheckId::Arrival).await.outcome, Outcome::Passed);
    second.assert_async().await;
}

#[tokio::test]
async fn the_watch_for_the_first_event_does_not_call_a_partial_search_empty() {
    use std::sync::{Arc, Mutex};
    use tokio_util::sync::CancellationToken;
    let mut radiant = Mocked::with_index("raw-events").await;
    radiant.answer("", &entry(r#""_shards":{"total":5,"successful":3,"failed":2}"#)).await;
    let cancel = CancellationToken::new();
    let (problems, end) = (Arc::new(Mutex::new(Vec::new())), cancel.clone());
    let found = Arc::clone(&problems);
    let on_tick = move |tick: model::arrival::ArrivalTick| {
        found.lock().unwrap().push(tick.problem.map(|problem| problem.code));
        end.cancel();
    };
    let story = &radiant.story;
    story.connector.guide().watch_arrival(&story.id, cancel, on_tick).await.unwrap();
    assert_eq!(*problems.lock().unwrap(), [Some(Code::RadiantSearchPartial)]);
}
