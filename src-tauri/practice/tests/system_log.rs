//! The practice System Log over HTTP: polling and bounded semantics, and the documented errors.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use practice::{Change, Options, Practice, Variants};
use serde_json::Value;
use support::{get, get_url, now, quiet, start};

fn at(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn published(events: &[Value]) -> Vec<DateTime<Utc>> {
    events.iter().map(|event| event["published"].as_str().unwrap().parse().unwrap()).collect()
}

async fn logs(practice: &Practice, query: &str) -> support::Reply {
    get(practice, &practice.card().tokens.super_admin, &format!("/api/v1/logs?{query}")).await
}

/// Follows `next` until it is missing or a page is empty; tells whether `next` was present on the last page.
async fn all(practice: &Practice, query: &str) -> (Vec<Value>, bool) {
    let mut page = logs(practice, query).await;
    let mut events = Vec::new();
    loop {
        events.extend(page.list().to_vec());
        match page.next() {
            Some(_) if page.list().is_empty() => return (events, true),
            Some(next) => page = get_url(&practice.card().tokens.super_admin, &next).await,
            None => return (events, false),
        }
    }
}

#[tokio::test]
async fn polling_never_ends_and_the_same_link_returns_new_events() {
    let practice = start(quiet()).await;
    practice.control().emit(1);
    let page = logs(&practice, &format!("since={}&limit=1000&sortOrder=ASCENDING", at(now()))).await;
    assert_eq!(page.list().len(), 1);
    let next = page.next().unwrap();
    assert!(!next.contains("since="), "{next}");
    practice.control().emit(3);
    let page = get_url(&practice.card().tokens.super_admin, &next).await;
    assert_eq!(page.list().len(), 3);
    let again = get_url(&practice.card().tokens.super_admin, &page.next().unwrap()).await;
    assert!(again.list().is_empty() && again.next().is_some());
}

#[tokio::test]
async fn next_of_an_empty_polling_page_is_self_byte_for_byte() {
    let practice = start(quiet()).await;
    let token = practice.card().tokens.super_admin.clone();
    // `airbyte-source-okta` adds its own parameters to a `next` link; `grove` and the SDKs keep other orders and encodings.
    for query in ["sortOrder=ASCENDING&limit=500&since=2026-03-09", "limit=200&filter=uuid+eq+%22no%22", "limit=0"] {
        let mut page = logs(&practice, query).await;
        while !page.list().is_empty() {
            page = get_url(&token, &format!("{}&since=2026-03-09", page.next().unwrap())).await;
        }
        assert_eq!(page.next(), page.link("self"), "{query}");
        practice.control().emit(2);
    }
    let empty = format!("since={}&limit=5", at(now() + TimeDelta::hours(1)));
    let first = logs(&practice, &empty).await;
    assert_eq!((first.list().len(), first.next()), (0, first.link("self")));
    let variants = Variants { empty_first_page_has_cursor: true, ..Variants::default() };
    practice.control().set(Change::Variants { variants });
    let cursor = logs(&practice, &empty).await.next().unwrap();
    assert!(cursor.contains("after=") && !cursor.contains("since="), "{cursor}");
    let second = get_url(&token, &cursor).await;
    assert_eq!(second.next(), second.link("self"));
}

#[tokio::test]
async fn a_bounded_query_ends_at_every_page_size_unless_the_variant_never_ends() {
    let practice = start(Options { backfill: 40, ..quiet() }).await;
    let query = format!("since={}&until={}", at(now() - TimeDelta::days(1)), at(now()));
    let held = logs(&practice, &format!("{query}&limit=1000")).await.list().len();
    for limit in [1, held - 1, held, held + 1, 1000] {
        let (events, endless) = all(&practice, &format!("{query}&limit={limit}")).await;
        assert_eq!((events.len(), endless), (held, false), "{limit}");
    }
    for query in [format!("{query}&limit=0"), format!("{query}&filter=uuid+eq+%22no%22")] {
        let page = logs(&practice, &query).await;
        assert_eq!((page.list().len(), page.next()), (0, None), "{query}");
    }
    let variants = Variants { bounded_never_ends: true, ..Variants::default() };
    practice.control().set(Change::Variants { variants });
    let (events, endless) = all(&practice, &format!("{query}&limit={held}")).await;
    assert_eq!((events.len(), endless), (held, true));
}

#[tokio::test]
async fn an_empty_until_is_none_and_a_date_alone_is_its_first_instant() {
    let practice = start(quiet()).await;
    let polled = logs(&practice, "until=&limit=1").await;
    assert!(polled.next().unwrap().contains("after="), "a polling query");
    let whole = async |since: &str| logs(&practice, &format!("since={since}&limit=1000")).await.list().len();
    let expected = whole("2026-03-10T00:00:00.000Z").await;
    assert!((1..400).contains(&expected), "{expected}");
    for since in [
        "2026-03-10",
        "2026-03-10T00:00:00Z",
        "2026-03-10T00:00:00",
        "2026-03-10T00:00:00.000000",
        "2026-03-10T01:00:00.000%2B01:00",
        "2026-03-09T19:00:00-0500",
    ] {
        assert_eq!(whole(since).await, expected, "{since}");
    }
    for bad in ["2026-3", "2026-02-30", "10-03-2026", "2026-03-10T25:00:00Z", "now%20or%20never"] {
        assert_eq!(logs(&practice, &format!("since={bad}")).await.code(), (400, "E0000030"), "{bad}");
    }
    practice.control().set(Change::Variants { variants: Variants { time_needs_zone: true, ..Variants::default() } });
    assert_eq!(logs(&practice, "since=2026-03-10T00:00:00").await.code(), (400, "E0000030"));
    assert_eq!(whole("2026-03-10").await, expected);
    assert_eq!(logs(&practice, "until=-262143-01-01T00:00:00Z").await.status, 400);
}

#[tokio::test]
async fn the_body_for_a_bad_cursor_has_the_summary_of_okta_s_catalog() {
    let practice = start(quiet()).await;
    let token = practice.card().tokens.super_admin.clone();
    for (is_paging, code, summary) in
        [(false, "E0000031", "Invalid search criteria."), (true, "E0000029", "Invalid paging request.")]
    {
        let variants = Variants { bad_cursor_is_paging: is_paging, ..Variants::default() };
        practice.control().set(Change::Variants { variants });
        for path in ["/api/v1/logs?after=nonsense", "/api/v1/users?after=nonsense", "/api/v1/zones?after=nonsense"] {
            let mut reply = get(&practice, &token, path).await;
            reply.body["errorId"].take();
            let expected = serde_json::json!({"errorCode": code, "errorSummary": summary, "errorLink": code,
                "errorId": null, "errorCauses": [{"errorSummary": "Invalid cursor"}]});
            assert_eq!((reply.status, reply.body), (400, expected), "{path}");
        }
    }
}

#[tokio::test]
async fn self_and_next_are_two_link_headers_on_the_requested_origin() {
    let practice = start(quiet()).await;
    let page = logs(&practice, "limit=2").await;
    let links: Vec<_> = page.headers.get_all("link").iter().map(|link| link.to_str().unwrap()).collect();
    assert_eq!(links.len(), 2);
    let own = format!("<{}/api/v1/logs?limit=2>; rel=\"self\"", practice.card().okta);
    assert_eq!(links[0], own);
    assert!(links[1].starts_with(&format!("<{}/api/v1/logs?", practice.card().okta)));
}

#[tokio::test]
async fn polling_returns_every_event_once_while_published_goes_backwards() {
    let practice = start(quiet()).await;
    let (events, endless) = all(&practice, &format!("since={}&limit=37", at(now() - TimeDelta::days(2)))).await;
    assert!(endless);
    let uuids: BTreeSet<String> = events.iter().map(|event| event["uuid"].to_string()).collect();
    assert_eq!(uuids.len(), events.len());
    assert!(events.len() >= 400);
    let times = published(&events);
    let backwards = times.windows(2).filter(|pair| pair[1] < pair[0]).count();
    assert!(backwards > 0, "persistence order is not the order of `published`");
}

#[tokio::test]
async fn a_bounded_query_is_ordered_by_published_and_ends() {
    let practice = start(quiet()).await;
    let (since, until) = (now() - TimeDelta::hours(20), now() - TimeDelta::hours(1));
    let query = format!("since={}&until={}", at(since), at(until));
    let (paged, endless) = all(&practice, &format!("{query}&limit=50")).await;
    let (whole, _) = all(&practice, &format!("{query}&limit=1000")).await;
    assert!(!endless && paged.len() > 150);
    assert_eq!(paged, whole);
    let times = published(&paged);
    assert!(times.windows(2).all(|pair| pair[0] <= pair[1]));
    let slack = TimeDelta::milliseconds(1);
    assert!(times.iter().all(|time| *time >= since - slack && *time <= until + slack));
    let (down, _) = all(&practice, &format!("{query}&limit=50&sortOrder=DESCENDING")).await;
    let mut reversed = published(&down);
    reversed.reverse();
    assert_eq!(reversed, times);
}

#[tokio::test]
async fn a_bounded_window_older_than_a_week_keeps_its_start_across_pages() {
    let practice = start(quiet()).await;
    let (since, until) = (now() - TimeDelta::days(30), now() - TimeDelta::days(10));
    let first = logs(&practice, &format!("since={}&until={}&limit=4", at(since), at(until))).await;
    let next = first.next().unwrap();
    assert!(next.contains("since=") && next.contains("until="), "the documented example keeps both: {next}");
    let second = get_url(&practice.card().tokens.super_admin, &next).await;
    assert_eq!((first.list().len(), second.list().len(), second.next()), (4, 3, None), "seven tokens were created");
}

#[tokio::test]
async fn events_between_two_bounded_pages_do_not_shift_them() {
    let practice = start(quiet()).await;
    let first = logs(&practice, "sortOrder=DESCENDING&limit=10").await;
    practice.control().emit(5);
    let second = get_url(&practice.card().tokens.super_admin, &first.next().unwrap()).await;
    let uuids: BTreeSet<String> =
        first.list().iter().chain(second.list()).map(|event| event["uuid"].to_string()).collect();
    assert_eq!(uuids.len(), 20);
}

#[tokio::test]
async fn limits_range_from_zero_to_a_thousand_and_default_to_a_hundred() {
    let practice = start(Options { backfill: 1_200, ..quiet() }).await;
    assert_eq!(logs(&practice, "limit=0").await.list().len(), 0);
    assert_eq!(logs(&practice, "").await.list().len(), 100);
    assert_eq!(logs(&practice, "limit=1000").await.list().len(), 1000);
    for bad in ["1001", "-1", "many"] {
        assert_eq!(logs(&practice, &format!("limit={bad}")).await.code(), (400, "E0000001"), "{bad}");
    }
}

#[tokio::test]
async fn bad_requests_have_the_documented_or_recorded_codes() {
    let practice = start(quiet()).await;
    let (old, yesterday) = (at(now() - TimeDelta::days(181)), at(now() - TimeDelta::days(1)));
    let long = "x".repeat(41);
    for (query, code) in [
        ("since=foobar".to_owned(), "E0000030"),
        ("until=yesterday".to_owned(), "E0000030"),
        (format!("since={old}"), "E0000053"),
        ("filter=published+gt+%222026%22".to_owned(), "E0000053"),
        ("filter=nonsense".to_owned(), "E0000053"),
        ("filter=nothing.known+eq+%22a%22".to_owned(), "E0000053"),
        ("filter=debugContext.debugData.url+co+%22a%22".to_owned(), "E0000031"),
        (format!("q={long}"), "E0000001"),
        ("q=1+2+3+4+5+6+7+8+9+10+11".to_owned(), "E0000001"),
        ("sortOrder=SIDEWAYS".to_owned(), "E0000001"),
        ("after=nonsense".to_owned(), "E0000031"),
        ("after=1_x".to_owned(), "E0000031"),
        (format!("until={yesterday}&since={yesterday}&after=1_1"), "E0000031"),
    ] {
        let answer = logs(&practice, &query).await;
        assert_eq!(answer.code(), (400, code), "{query}");
    }
    let variants = Variants { bad_cursor_is_paging: true, bad_date_as_documented: true, ..Variants::default() };
    practice.control().set(Change::Variants { variants });
    assert_eq!(logs(&practice, "since=foobar").await.code(), (400, "E0000001"));
    assert_eq!(logs(&practice, "after=nonsense").await.code(), (400, "E0000029"));
}

#[tokio::test]
async fn a_start_before_the_retention_returns_the_retained_events() {
    let practice = start(quiet()).await;
    let since = at(now() - TimeDelta::days(170));
    let (events, _) = all(&practice, &format!("since={since}&limit=1000")).await;
    assert!(published(&events).iter().all(|time| *time > now() - TimeDelta::days(90)));
    assert!(events.len() > 400);
}

#[tokio::test]
async fn filters_and_keywords_select_events() {
    let practice = start(quiet()).await;
    let month = at(now() - TimeDelta::days(30));
    let query = format!("since={month}&limit=1000&filter=eventType+eq+%22system.api_token.create%22");
    let created = logs(&practice, &query).await;
    assert_eq!(created.list().len(), 7);
    let id = created.list()[0]["target"][0]["id"].as_str().unwrap();
    let one = logs(&practice, &format!("since={month}&filter=target.id+eq+%22{id}%22")).await;
    assert_eq!(one.list().len(), 1);
    let failed =
        logs(&practice, "limit=1000&filter=outcome.result+eq+%22FAILURE%22+or+outcome.result+eq+%22DENY%22").await;
    assert!(!failed.list().is_empty());
    assert!(failed.list().iter().all(|event| event["outcome"]["result"] == "FAILURE"));
    let words = logs(&practice, "limit=1000&q=invalid_credentials+LOGIN").await;
    assert!(words.list().iter().all(|event| event["outcome"]["reason"] == "INVALID_CREDENTIALS"));
    assert_eq!(words.list().len(), failed.list().len());
}

#[tokio::test]
async fn the_log_contains_sign_ins_of_the_person_and_the_creation_of_a_token() {
    let practice = start(quiet()).await;
    let signed = "limit=1000&filter=eventType+eq+%22user.session.start%22+and+actor.alternateId+eq+%22";
    assert!(logs(&practice, &format!("{signed}jo.marsh@practice.example%22")).await.list().len() >= 6);
    assert_eq!(logs(&practice, &format!("{signed}svc-radiant@practice.example%22")).await.list().len(), 0);
    let next = logs(&practice, &format!("since={}", at(now()))).await.next().unwrap();
    practice.control().set(Change::TokenMade { principal: "super_admin".to_owned() });
    let page = get_url(&practice.card().tokens.super_admin, &next).await;
    assert_eq!(page.list()[0]["eventType"], "system.api_token.create");
    assert_eq!(page.list()[0]["target"][0]["type"], "Token");
}
