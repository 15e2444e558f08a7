//! Radiant's custom events webhook over HTTP: forms, token, refusals and the record of what it accepted.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use practice::{Change, Practice, RefusedEvent, WebhookFormat, WebhookReply, WebhookRules};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use support::{Reply, client, quiet, start};

fn request(practice: &Practice) -> RequestBuilder {
    client()
        .post(&practice.card().radiant.events_webhook)
        .header("authorization", &practice.card().radiant_events_token)
        .header("content-type", "application/json")
}

async fn post(practice: &Practice, body: impl Into<reqwest::Body>) -> Reply {
    Reply::of(request(practice).body(body).send().await.unwrap()).await
}

async fn fails(practice: &Practice, body: String) -> bool {
    request(practice).body(body).send().await.is_err()
}

fn set(practice: &Practice, rules: WebhookRules) {
    practice.control().set(Change::Webhook { rules });
}

fn events(uuids: &[&str]) -> String {
    json!(uuids.iter().map(|uuid| json!({"uuid": uuid})).collect::<Vec<Value>>()).to_string()
}

#[tokio::test]
async fn arrays_lines_and_single_events_are_accepted_also_compressed() {
    let practice = start(quiet()).await;
    assert_eq!(post(&practice, events(&["a", "b"])).await.status, 200);
    assert_eq!(post(&practice, "{\"uuid\":\"c\"}\n{\"uuid\":\"d\"}\n").await.status, 200);
    assert_eq!(post(&practice, "{\"uuid\":\"e\"}").await.status, 200);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(events(&["f", "a"]).as_bytes()).unwrap();
    let compressed = request(&practice).header("content-encoding", "gzip").header("idempotency-key", "k");
    let reply = Reply::of(compressed.body(encoder.finish().unwrap()).send().await.unwrap()).await;
    assert_eq!(reply.status, 200);
    assert_eq!(practice.control().webhook_uuids(), ["a", "b", "c", "d", "e", "f"]);
    let record = practice.control().webhook();
    assert_eq!((record.events, record.batches, record.compressed, record.without_key), (6, 4, 1, 3));
    assert_eq!((record.repeated, record.repeated_outside_last_batch, record.repeated_batches), (1, 1, 1));
    set(&practice, WebhookRules { format: WebhookFormat::Single, ..WebhookRules::default() });
    assert_eq!(post(&practice, events(&["g"])).await.status, 400);
    practice.stop().await;
}

#[tokio::test]
async fn the_token_counts_only_in_the_header_that_the_rules_name() {
    let practice = start(quiet()).await;
    set(&practice, WebhookRules { header: Some("x-api-key".to_owned()), ..WebhookRules::default() });
    assert_eq!(post(&practice, events(&["a"])).await.status, 401);
    let named = request(&practice).header("x-api-key", &practice.card().radiant_events_token);
    assert_eq!(named.body(events(&["a"])).send().await.unwrap().status(), 200);
    assert_eq!(practice.control().webhook().refused, 1);
    practice.stop().await;
}

#[tokio::test]
async fn larger_bodies_are_refused_or_the_connection_is_closed() {
    let practice = start(quiet()).await;
    let large = events(&["a"; 1000]);
    let rules = WebhookRules { max_body: Some(1_000), ..WebhookRules::default() };
    set(&practice, rules.clone());
    assert_eq!(post(&practice, large.clone()).await.status, 413);
    set(&practice, WebhookRules { resets_larger: true, ..rules });
    assert!(fails(&practice, large).await);
    assert_eq!(post(&practice, events(&["a"])).await.status, 200);
    set(&practice, WebhookRules { max_events: Some(1), ..WebhookRules::default() });
    assert_eq!(post(&practice, events(&["b", "c"])).await.status, 413);
    assert_eq!(practice.control().webhook_uuids(), ["a"]);
    practice.stop().await;
}

#[tokio::test]
async fn a_refused_event_affects_only_requests_that_contain_it() {
    let practice = start(quiet()).await;
    let refused_events = vec![RefusedEvent { uuid: "x".to_owned(), status: 422 }];
    set(&practice, WebhookRules { refused_events, ..WebhookRules::default() });
    assert_eq!(post(&practice, events(&["a", "x"])).await.status, 422);
    assert_eq!(post(&practice, events(&["a"])).await.status, 200);
    practice.stop().await;
}

#[tokio::test]
async fn every_reply_but_the_accepting_ones_takes_nothing() {
    let practice = start(quiet()).await;
    let refuse = |status, retry_after_s| WebhookReply::Refuse { status, retry_after_s };
    for (reply, status, is_taken) in [
        (WebhookReply::AcceptWith { status: 204 }, Some(204), true),
        (WebhookReply::AcceptLate { ms: 30 }, Some(200), true),
        (WebhookReply::AcceptThenDrop, None, true),
        (WebhookReply::ErrorInside, Some(200), false),
        (WebhookReply::Page, Some(200), false),
        (WebhookReply::Redirect { to: "https://elsewhere.example/".to_owned() }, Some(307), false),
        (refuse(429, Some(3)), Some(429), false),
        (refuse(503, None), Some(503), false),
        (WebhookReply::Reset, None, false),
    ] {
        practice.control().set(Change::ClearWebhookRecord);
        set(&practice, WebhookRules { reply: reply.clone(), times: Some(1), ..WebhookRules::default() });
        match status {
            Some(status) => assert_eq!(post(&practice, events(&["a"])).await.status, status, "{reply:?}"),
            None => assert!(fails(&practice, events(&["a"])).await, "{reply:?}"),
        }
        let record = practice.control().webhook();
        assert_eq!((record.batches, record.refused), (u64::from(is_taken), u64::from(!is_taken)), "{reply:?}");
        assert_eq!(record.dropped_responses, u64::from(reply == WebhookReply::AcceptThenDrop));
        assert_eq!(post(&practice, events(&["b"])).await.status, 200, "after {reply:?}");
    }
    practice.stop().await;
}
