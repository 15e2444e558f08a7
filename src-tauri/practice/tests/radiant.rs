//! The practice Radiant tenant over HTTP: search, documentation, webhook, and delivery of Okta's events.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::time::Duration;

use practice::{Change, Fault, FaultKind, Options, Practice, Side, Variants, WrongIndex};
use serde_json::{Value, json};
use support::{Reply, client, get, now, quiet, start};

async fn post_search(practice: &Practice, token: &str, kind: &str, body: String) -> Reply {
    let request = client().post(&practice.card().radiant.search).bearer_auth(token).header("content-type", kind);
    Reply::of(request.body(body).send().await.unwrap()).await
}

/// Returns the one entry of the response to a valid request.
async fn entry(practice: &Practice, header: Value, query: Value) -> Value {
    let token = &practice.card().radiant_search_token;
    let reply = post_search(practice, token, "application/x-ndjson", format!("{header}\n{query}\n")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.body["responses"].as_array().unwrap().len(), 1);
    reply.body["responses"][0].clone()
}

fn index() -> Value {
    json!({"index": "raw-events"})
}

fn text(query: &str) -> Value {
    json!({"size": 1000, "query": {"bool": {"filter": [{"query_string": {"query": query}}]}}})
}

async fn okta_events(practice: &Practice) -> u64 {
    entry(practice, index(), text("rs_connectorType:okta_system_log")).await["hits"]["total"]["value"].as_u64().unwrap()
}

/// Lets Radiant read what is due and returns the number of events that it has not read.
fn backlog(practice: &Practice) -> usize {
    practice.control().set(Change::AdvanceTime { ms: 1_000 });
    let counters = practice.control().counters();
    counters.events - counters.radiant_has
}

fn fast() -> Options {
    Options { radiant_lag: Duration::ZERO, ..quiet() }
}

#[tokio::test]
async fn without_a_credential_radiant_stores_only_events_of_other_connectors() {
    let practice = start(fast()).await;
    assert!(backlog(&practice) > 0);
    assert_eq!(okta_events(&practice).await, 0);
    let others = entry(&practice, index(), text("rs_connectorType:ms365_identity_risk")).await;
    assert_eq!(others["hits"]["total"]["value"], 12);
}

#[tokio::test]
async fn advanced_time_applies_to_okta_and_to_radiant() {
    let options = Options { radiant_lag: Duration::from_secs(600), backfill: 0, ..quiet() };
    let practice = start(options).await;
    let control = practice.control();
    control.set(Change::AdvanceTime { ms: 25 * 24 * 3_600_000 });
    control.credential(Some(practice.card().tokens.super_admin.clone()));
    control.set(Change::AdvanceTime { ms: 1 });
    let before = okta_events(&practice).await;
    control.set(Change::AddEvent { seconds_ago: 7_200 });
    let log = get(&practice, &practice.card().tokens.super_admin, "/api/v1/logs?limit=1&sortOrder=DESCENDING").await;
    let published: chrono::DateTime<chrono::Utc> = log.list()[0]["published"].as_str().unwrap().parse().unwrap();
    let ahead = published - now() - chrono::TimeDelta::milliseconds(1);
    assert_eq!(ahead.num_hours(), 25 * 24 - 2, "two hours before Okta's own time");
    control.set(Change::AdvanceTime { ms: 540_000 });
    assert_eq!(okta_events(&practice).await, before, "not read yet");
    control.set(Change::AdvanceTime { ms: 90_000 });
    assert_eq!(okta_events(&practice).await, before + 1);
    let kind = log.list()[0]["eventType"].as_str().unwrap();
    control.set(Change::RadiantExcludes { types: vec![kind.to_owned()] });
    let found = entry(&practice, index(), text(&format!("uuid:{}", log.list()[0]["uuid"]))).await;
    assert_eq!(found["hits"]["total"]["value"], 0, "excluded events are not stored");
    control.set(Change::DeleteEvents { days: 1 });
    let counters = control.counters();
    assert_eq!((counters.events, counters.radiant_has), (1, 1), "the older ones are deleted on both sides");
}

#[tokio::test]
async fn with_a_credential_one_event_is_found_by_its_uuid() {
    let practice = start(fast()).await;
    practice.control().credential(Some(practice.card().tokens.read_only.clone()));
    practice.control().emit(1);
    assert_eq!(backlog(&practice), 0);
    let log = get(&practice, &practice.card().tokens.super_admin, "/api/v1/logs?limit=1&sortOrder=DESCENDING").await;
    let event = &log.list()[0];
    let query = format!("rs_connectorType:okta_system_log AND uuid:{}", event["uuid"]);
    let found = entry(&practice, index(), text(&query)).await;
    assert_eq!(found["hits"]["total"]["value"], 1);
    let source = &found["hits"]["hits"][0]["_source"];
    assert_eq!((&source["uuid"], &source["eventType"]), (&event["uuid"], &event["eventType"]));
    assert_eq!(source["timestamp"], event["published"]);
}

#[tokio::test]
async fn radiant_stops_when_the_token_loses_its_rights_and_resumes_with_another() {
    for stop in [
        Change::Revoke { principal: "super_admin".to_owned() },
        Change::OwnerStatus { principal: "super_admin".to_owned(), status: "DEPROVISIONED".to_owned() },
        Change::Roles { principal: "super_admin".to_owned(), roles: vec!["HELP_DESK_ADMIN".to_owned()] },
        Change::Restrict { principal: "super_admin".to_owned(), on: true },
        Change::RadiantPolls { on: false },
        Change::RadiantLag { seconds: 600 },
    ] {
        let practice = start(Options { backfill: 5, ..fast() }).await;
        let control = practice.control();
        control.credential(Some(practice.card().tokens.super_admin.clone()));
        assert_eq!(backlog(&practice), 0);
        control.set(stop.clone());
        let before = control.counters().radiant_has;
        control.emit(3);
        backlog(&practice);
        assert_eq!(control.counters().radiant_has, before, "{stop:?}");
        control.set(Change::RadiantPolls { on: true });
        control.set(Change::RadiantLag { seconds: 0 });
        control.credential(Some(practice.card().tokens.org_admin.clone()));
        assert_eq!(backlog(&practice), 0, "{stop:?}");
    }
}

#[tokio::test]
async fn a_lasting_outage_of_okta_stops_radiant_and_a_captive_page_here_does_not() {
    let practice = start(Options { backfill: 5, ..fast() }).await;
    let control = practice.control();
    control.credential(Some(practice.card().tokens.super_admin.clone()));
    assert_eq!(backlog(&practice), 0);
    control.fault(Some(Fault::on(Side::Okta, FaultKind::Status { status: 503, code: "E0000009".to_owned() })));
    control.emit(1);
    assert_eq!(backlog(&practice), 1);
    control.fault(Some(Fault::on(Side::Okta, FaultKind::CaptivePage)));
    assert_eq!(backlog(&practice), 0);
}

#[tokio::test]
async fn okta_s_wrong_clock_does_not_delay_radiant() {
    let practice = start(Options { backfill: 5, ..fast() }).await;
    let control = practice.control();
    control.set(Change::ClockSkew { seconds: -600 });
    control.credential(Some(practice.card().tokens.super_admin.clone()));
    control.emit(2);
    assert_eq!(backlog(&practice), 0);
    control.set(Change::ClockSkew { seconds: 600 });
    control.emit(2);
    assert_eq!(backlog(&practice), 0);
}

#[tokio::test]
async fn the_documented_request_rules_are_enforced() {
    let practice = start(fast()).await;
    let valid = practice.card().radiant_search_token.clone();
    let (line, kind) = ("{\"index\":\"raw-events\"}\n{\"size\":0}\n", "application/x-ndjson");
    for (what, token, kind, body, status) in [
        ("valid", valid.as_str(), kind, line, 200),
        ("wrong token", "wrong", kind, line, 401),
        ("content type", &valid, "application/json", line, 415),
        ("no final newline", &valid, kind, line.trim_end(), 400),
        ("three lines", &valid, kind, "{}\n{}\n{}\n", 400),
        ("one line", &valid, kind, "{}\n", 400),
        ("not JSON", &valid, kind, "{}\nno\n", 400),
        ("unknown header key", &valid, kind, "{\"index\":\"raw-events\",\"type\":\"x\"}\n{}\n", 400),
    ] {
        assert_eq!(post_search(&practice, token, kind, body.to_owned()).await.status, status, "{what}");
    }
    practice.control().set(Change::Variants { variants: Variants { wrong_token_status: 403, ..Variants::default() } });
    assert_eq!(post_search(&practice, "wrong", kind, line.to_owned()).await.status, 403);
}

#[tokio::test]
async fn a_wrong_index_gets_an_entry_of_404_or_no_hits() {
    let practice = start(fast()).await;
    let wrong = entry(&practice, json!({"index": "typo"}), json!({})).await;
    assert_eq!(wrong["status"], 404);
    let ignored = entry(&practice, json!({"index": "typo", "ignore_unavailable": true}), json!({})).await;
    assert_eq!((&ignored["status"], &ignored["hits"]["total"]["value"]), (&json!(200), &json!(0)));
    let variants = Variants { wrong_index: WrongIndex::NoHits, ..Variants::default() };
    practice.control().set(Change::Variants { variants });
    assert_eq!(entry(&practice, json!({"index": "typo"}), json!({})).await["status"], 200);
}

#[tokio::test]
async fn a_tenant_with_its_own_bucket_requires_the_header() {
    let practice = start(fast()).await;
    practice.control().set(Change::Byob { on: true });
    assert_eq!(entry(&practice, index(), json!({})).await["status"], 404);
    let card = practice.card();
    let request = client().post(&card.radiant.search).bearer_auth(&card.radiant_search_token);
    let request = request.header("content-type", "application/x-ndjson").header("x-rs-is-byob", "true");
    let reply = request.body(format!("{}\n{{}}\n", index())).send().await.unwrap();
    assert_eq!(Reply::of(reply).await.body["responses"][0]["status"], 200);
}

#[tokio::test]
async fn sorting_sizes_and_ranges_are_applied() {
    let practice = start(fast()).await;
    practice.control().credential(Some(practice.card().tokens.super_admin.clone()));
    assert_eq!(backlog(&practice), 0);
    let query = |order: &str| {
        json!({"size": 5, "track_total_hits": true, "sort": [{"timestamp": {"order": order}}],
            "query": {"query_string": {"query": "rs_connectorType:okta_system_log"}}})
    };
    let sorts = |entry: &Value| -> Vec<i64> {
        entry["hits"]["hits"].as_array().unwrap().iter().map(|hit| hit["sort"][0].as_i64().unwrap()).collect()
    };
    let (down, up) = (entry(&practice, index(), query("desc")).await, entry(&practice, index(), query("asc")).await);
    assert!(sorts(&down).len() == 5 && sorts(&down).is_sorted_by(|a, b| a >= b) && sorts(&up).is_sorted());
    assert!(sorts(&down)[0] > sorts(&up)[0]);
    let newest = down["hits"]["hits"][0]["_source"]["timestamp"].clone();
    let range = |bound: &str, at: &Value| {
        json!({"query": {"bool": {"filter": [
        {"range": {"timestamp": {bound: at}}}, {"query_string": {"query": "rs_connectorType:okta_system_log"}}]}}})
    };
    let total = async |query: Value| entry(&practice, index(), query).await["hits"]["total"]["value"].clone();
    assert_eq!(total(range("gte", &newest)).await, 1);
    assert_eq!(total(range("gt", &newest)).await, 0);
    for refused in [
        range("gte", &json!("yesterday")),
        range("gte", &json!(1_700_000_000)),
        json!({"query": {"range": {"no_such_field": {"gte": newest}}}}),
        json!({"sort": [{"no_such_field": {"order": "desc"}}]}),
        json!({"query": {"fuzzy": {}}}),
        json!({"query": {"query_string": {"query": "uuid:(\"open\""}}}),
    ] {
        assert_eq!(entry(&practice, index(), refused.clone()).await["status"], 400, "{refused}");
    }
}

#[tokio::test]
async fn connector_types_are_aggregated_where_that_is_supported() {
    let practice = start(fast()).await;
    practice.control().credential(Some(practice.card().tokens.super_admin.clone()));
    assert_eq!(backlog(&practice), 0);
    let query = json!({"size": 0, "aggs": {"kinds": {"terms": {"field": "rs_connectorType", "size": 100}}}});
    let found = entry(&practice, index(), query.clone()).await;
    let buckets = found["aggregations"]["kinds"]["buckets"].as_array().unwrap().clone();
    let events = practice.control().counters().radiant_has;
    assert_eq!(buckets[0], json!({"key": "okta_system_log", "doc_count": events}));
    assert_eq!(buckets[1], json!({"key": "ms365_identity_risk", "doc_count": 12}));
    let variants = Variants { aggregation: false, uuid_searchable: false, ..Variants::default() };
    practice.control().set(Change::Variants { variants });
    assert_eq!(entry(&practice, index(), query).await["status"], 400);
    assert_eq!(entry(&practice, index(), text("uuid:\"x\"")).await["status"], 400);
}

#[tokio::test]
async fn names_of_type_field_and_index_are_variants() {
    let variants = Variants {
        connector_type: "Okta Logs".to_owned(),
        timestamp_field: "rs_timestamp".to_owned(),
        index: "tenant-raw".to_owned(),
        ..Variants::default()
    };
    let practice = start(Options { variants, ..fast() }).await;
    practice.control().credential(Some(practice.card().tokens.super_admin.clone()));
    assert_eq!(backlog(&practice), 0);
    let query = json!({"size": 1, "sort": [{"rs_timestamp": {"order": "desc"}}],
        "query": {"query_string": {"query": "rs_connectorType:\"Okta Logs\""}}});
    let found = entry(&practice, json!({"index": "tenant-raw"}), query).await;
    assert!(found["hits"]["total"]["value"].as_u64().unwrap() > 400);
    assert_eq!(entry(&practice, index(), json!({})).await["status"], 404);
}

#[tokio::test]
async fn the_webhook_accepts_json_objects_under_its_own_type() {
    let practice = start(fast()).await;
    let card = practice.card();
    let post = async |header: &str, token: &str, body: &'static str| {
        let request = client().post(&card.radiant.events_webhook).header(header, token).body(body);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(post("authorization", &card.radiant_events_token, "{\"check\":\"a\"}").await, 200);
    assert_eq!(post("x-rs-token", &card.radiant_events_token, "{\"check\":\"b\"}").await, 200);
    assert_eq!(post("authorization", "wrong", "{}").await, 401);
    assert_eq!(post("authorization", &card.radiant_events_token, "no").await, 400);
    assert_eq!(practice.control().counters().webhook, 2);
    let found = entry(&practice, index(), text("rs_connectorType:custom_events_webhook AND check:b")).await;
    assert_eq!(found["hits"]["total"]["value"], 1);
}

#[tokio::test]
async fn the_documentation_responds_with_markdown_or_json() {
    let practice = start(fast()).await;
    let url = format!("{}?ask=Which+role%3F", practice.card().radiant.docs);
    let page = Reply::of(client().get(&url).send().await.unwrap()).await;
    assert_eq!(page.header("content-type"), Some("text/markdown"));
    assert!(page.body.as_str().unwrap().contains("Which role?"));
    practice.control().set(Change::Variants { variants: Variants { docs_in_json: true, ..Variants::default() } });
    let page = Reply::of(client().get(&url).send().await.unwrap()).await;
    assert_eq!(page.body["sources"][0]["title"], "Okta");
}
