//! A System Log of many numbered events over HTTP, and the faults of its pages.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use practice::{Change, Fault, FaultKind, Practice, RandomFaults, Side, Variants, VolumeLog};
use support::{Reply, client, get, get_url, now, quiet, start};

async fn with_events(events: u64) -> Practice {
    let practice = start(quiet()).await;
    practice.control().set(Change::RateLimit { limit: 1_000_000 });
    practice.control().set(Change::VolumeLog { log: Some(VolumeLog { events, ..VolumeLog::default() }) });
    practice
}

async fn logs(practice: &Practice, query: &str) -> Reply {
    get(practice, &practice.card().tokens.read_only, &format!("/api/v1/logs?{query}")).await
}

async fn next(practice: &Practice, reply: &Reply) -> Reply {
    get_url(&practice.card().tokens.read_only, &reply.next().unwrap()).await
}

fn since() -> String {
    (now() - TimeDelta::days(1)).format("since=%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[tokio::test]
async fn polling_returns_each_event_once_and_then_empty_pages() {
    let practice = with_events(2_500).await;
    let mut reply = logs(&practice, &format!("{}&limit=1000", since())).await;
    let mut uuids = Vec::new();
    let mut lengths = Vec::new();
    for _ in 0..4 {
        lengths.push(reply.list().len());
        uuids.extend(reply.list().iter().map(|event| event["uuid"].as_str().unwrap().to_owned()));
        reply = next(&practice, &reply).await;
    }
    assert_eq!(lengths, [1000, 1000, 500, 0]);
    uuids.sort_unstable();
    uuids.dedup();
    assert_eq!(uuids.len(), 2_500);
    practice.stop().await;
}

#[tokio::test]
async fn a_bounded_query_of_an_hour_is_ordered_by_publishing() {
    let practice = with_events(24_000).await;
    let query = "since=2026-03-10T04:00:00Z&until=2026-03-10T05:00:00Z&limit=600";
    let (first, mut found) = (logs(&practice, query).await, Vec::new());
    let mut reply = Some(first);
    while let Some(page) = reply {
        found.extend(page.list().iter().map(|event| event["published"].as_str().unwrap().to_owned()));
        reply = if page.next().is_some() { Some(next(&practice, &page).await) } else { None };
    }
    assert!(found.is_sorted() && (900..1_100).contains(&found.len()), "{}", found.len());
    assert!(found.iter().all(|time| time.starts_with("2026-03-10T04:") || time == "2026-03-10T05:00:00.000Z"));
    practice.stop().await;
}

#[tokio::test]
async fn cursors_expire_and_may_be_bound_to_their_limit() {
    let practice = with_events(5_000).await;
    let first = logs(&practice, &format!("{}&limit=100", since())).await;
    let smaller = first.next().unwrap().replace("limit=100", "limit=50");
    assert_eq!(get_url(&practice.card().tokens.read_only, &smaller).await.list().len(), 50);
    practice.control().set(Change::ExpireCursors);
    assert_eq!(next(&practice, &first).await.code(), (400, "E0000031"));
    practice.control().set(Change::AdvanceTime { ms: 5 });
    let variants = Variants { cursor_keeps_limit: true, ..Variants::default() };
    practice.control().set(Change::Variants { variants });
    let bound = logs(&practice, &format!("{}&limit=100", since())).await;
    let smaller = bound.next().unwrap().replace("limit=100", "limit=50");
    assert_eq!(get_url(&practice.card().tokens.read_only, &smaller).await.status, 400);
    assert_eq!(next(&practice, &bound).await.list().len(), 100);
    practice.stop().await;
}

async fn strike(practice: &Practice, kind: FaultKind) -> reqwest::Result<reqwest::Response> {
    practice.control().fault(Some(Fault::on(Side::Okta, kind).at("/api/v1/logs")));
    let url = format!("{}/api/v1/logs?{}&limit=3", practice.card().okta, since());
    let token = format!("SSWS {}", practice.card().tokens.read_only);
    client().get(url).header("authorization", token).timeout(Duration::from_millis(200)).send().await
}

#[tokio::test]
async fn pages_break_off_hang_and_lack_headers() {
    let practice = with_events(10).await;
    assert!(strike(&practice, FaultKind::Hang).await.unwrap_err().is_timeout());
    assert!(strike(&practice, FaultKind::HeadersOnly).await.unwrap().bytes().await.is_err());
    assert!(strike(&practice, FaultKind::Trickle { ms: 50 }).await.unwrap().bytes().await.is_err());
    let gzip = strike(&practice, FaultKind::TruncatedGzip).await.unwrap();
    assert_eq!((gzip.status().as_u16(), gzip.headers()["content-encoding"].to_str().unwrap()), (200, "gzip"));
    assert!(gzip.bytes().await.unwrap().starts_with(&[0x1f, 0x8b]));
    let broken = strike(&practice, FaultKind::BrokenEntry).await.unwrap().text().await.unwrap();
    assert!(broken.len() > 1_000 && serde_json::from_str::<serde_json::Value>(&broken).is_err());
    let plain = strike(&practice, FaultKind::NoRateHeaders).await.unwrap();
    assert!(plain.status().is_success() && plain.headers().keys().all(|name| !name.as_str().starts_with("x-rate")));
    let joined = strike(&practice, FaultKind::JoinedLinks).await.unwrap();
    let links: Vec<_> = joined.headers().get_all("link").iter().collect();
    assert!(links.len() == 1 && links[0].to_str().unwrap().matches("rel=").count() == 2);
    practice.stop().await;
}

#[tokio::test]
async fn an_own_event_is_served_as_it_is_and_a_large_one_whole() {
    let practice = start(quiet()).await;
    let control = practice.control();
    control.set(Change::AddEventWith { event: serde_json::json!("no event at all") });
    control.set(Change::AddLargeEvent { bytes: 6_000_000 });
    let reply = logs(&practice, "since=2026-03-10T12:00:00Z&limit=10").await;
    assert_eq!(reply.list()[0], "no event at all");
    assert!(reply.list()[1].to_string().len() > 6_000_000);
    practice.stop().await;
}

#[tokio::test]
async fn random_faults_affect_some_requests_for_the_log_only() {
    let practice = with_events(10).await;
    let faults = RandomFaults { seed: 1, log_per_mille: 1000, webhook_per_mille: 0 };
    practice.control().set(Change::RandomFaults { faults: Some(faults) });
    assert_eq!(get(&practice, &practice.card().tokens.super_admin, "/api/v1/users/me").await.status, 200);
    let mut failed = 0;
    for _ in 0..20 {
        let url = format!("{}/api/v1/logs?{}&limit=3", practice.card().okta, since());
        let token = format!("SSWS {}", practice.card().tokens.read_only);
        let read =
            async { client().get(url).header("authorization", token).send().await?.error_for_status()?.json().await };
        failed += u32::from(read.await.map(|_: Vec<serde_json::Value>| ()).is_err());
    }
    assert!((5..20).contains(&failed), "{failed}");
    practice.stop().await;
}

/// The relay is measured against this server, which must be well above its rate.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_served_much_faster_than_they_can_be_stored() {
    const EVENTS: u64 = 60_000;
    let practice = with_events(EVENTS).await;
    let (client, start) = (client(), Instant::now());
    let token = format!("SSWS {}", practice.card().tokens.read_only);
    let mut url = format!("{}/api/v1/logs?{}&limit=1000", practice.card().okta, since());
    let mut bytes = 0;
    for _ in 0..EVENTS / 1000 {
        let response = client.get(&url).header("authorization", &token).send().await.unwrap();
        let link = response.headers().get_all("link").iter().find(|link| link.to_str().unwrap().contains("\"next\""));
        let next = link.unwrap().to_str().unwrap();
        url = next[1..next.find('>').unwrap()].to_owned();
        bytes += response.bytes().await.unwrap().len();
    }
    let rate = f64::from(u32::try_from(EVENTS).unwrap()) / start.elapsed().as_secs_f64();
    println!("{{\"bench\":\"volume_log\",\"events_per_second\":{rate:.0},\"bytes\":{bytes}}}");
    assert!(bytes > 1_000 * usize::try_from(EVENTS).unwrap());
}
